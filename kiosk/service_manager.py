"""What systemd is told: that the kiosk is ready, and every few seconds that it lives.

Source: sd_notify(3) - one datagram to the socket that NOTIFY_SOCKET names; a leading "@" means an abstract one.
"""

import os
import socket

READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"


def tell(state: str) -> None:
    """Tell the service manager; nothing happens where there is none, or where it does not listen any more."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state.encode(), address)
    except OSError:
        return
