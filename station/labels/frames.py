"""How the station and its reader process talk: pieces of bytes over a socket, each with its length before it."""

import socket
import struct

_LENGTH = struct.Struct(">I")
LARGEST = 16 * 1024 * 1024  # bytes: more than any picture taken or shown; a longer piece is no piece of ours


class GoneError(Exception):
    """The other side has gone, or speaks of something else."""


def send(peer: socket.socket, piece: bytes) -> None:
    """Send one piece. Raises GoneError, and TimeoutError by the socket's own time limit."""
    try:
        peer.sendall(_LENGTH.pack(len(piece)) + piece)
    except ConnectionError as error:
        raise GoneError from error


def receive(peer: socket.socket) -> bytes:
    """Return the next piece. Raises GoneError, and TimeoutError by the socket's own time limit."""
    (length,) = _LENGTH.unpack(_exactly(peer, _LENGTH.size))
    if length > LARGEST:
        raise GoneError
    return _exactly(peer, length)


def _exactly(peer: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        try:
            part = peer.recv(count - len(found))
        except ConnectionError as error:
            raise GoneError from error
        if not part:
            raise GoneError
        found += part
    return bytes(found)
