"""`python -m kiosk run`: the kiosk and its page, until SIGTERM or Ctrl-C.

With `--attached` it also ends when its standard input closes: with the process that started it. `--record FILE`
writes down what happens, to be played again by `python -m kiosk replay FILE`; no code, name or waybill is in it.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import waitress
from flask import Flask

from kiosk import service_manager, settings
from kiosk.hardware.wiring import WiringError, connect
from kiosk.recorder import FileRecorder
from kiosk.runtime.choose_camera import choose
from kiosk.runtime.program import Place, Program
from kiosk.settings import Enrolment
from kiosk.web.app import create_app

HOST = "127.0.0.1"  # the page is for the screen of this machine only
PORT = 5001
HIGHEST_PORT = 65_535  # RFC 9293, section 3.1: ports have 16 bits
THREADS = (
    16  # ours: a page holds two for as long as it is open, and one that was left lets go after some seconds
)
# Ours: a page that does not read keeps this much of the camera's picture waiting, no more.
STALLED_BYTES = 1 << 20

log = logging.getLogger(__name__)


class StartError(Exception):
    """The kiosk cannot start; the words say what to do."""


def main(arguments: list[str]) -> int:
    """Run until told to stop; return 1 with a sentence when the kiosk cannot start."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    folder = settings.home()
    try:
        enrolment = settings.read_enrolment(folder)
        listening = _listen()
        recorder = FileRecorder(options.record) if options.record else None
        program = Program(_place(folder, enrolment), recorder=recorder)
    except (settings.NotEnrolledError, WiringError, StartError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stopping = threading.Event()
    _stop_on_signals(stopping)
    if options.attached:
        threading.Thread(target=_stop_with_parent, args=(stopping,), name="parent", daemon=True).start()
    program.start()
    _serve(create_app(program.desk), listening)
    log.info("the kiosk is running: http://%s:%d", HOST, listening.getsockname()[1])
    service_manager.tell(service_manager.READY)
    stopping.wait()
    service_manager.tell(service_manager.STOPPING)
    program.stop()
    logging.shutdown()
    # A page that still listens and a camera that hangs hold threads inside libraries; the interpreter's own end would
    # abort under them.
    os._exit(0)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m kiosk run", description="Run the kiosk and its page.")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write down every event of the visits")
    return parser.parse_args(arguments)


def _place(folder: Path, enrolment: Enrolment) -> Place:
    chosen = choose(folder)
    log.info("the camera is: %s", chosen.camera.name)
    return Place(folder, enrolment, chosen, connect(folder))


def _listen() -> socket.socket:
    wanted = os.environ.get("KIOSK_PORT", str(PORT))
    if not wanted.isdecimal() or not 1 <= int(wanted) <= HIGHEST_PORT:
        raise StartError(f"KIOSK_PORT must be a number from 1 to {HIGHEST_PORT}.")
    try:
        return socket.create_server((HOST, int(wanted)))
    except OSError:
        raise StartError(f"Port {wanted} is in use. Choose another: KIOSK_PORT=5002") from None


def _serve(app: Flask, listening: socket.socket) -> None:
    """Answer the page in threads that end with the program: a page that still listens must not hold it up."""
    server: Any = waitress.create_server(
        app, sockets=[listening], threads=THREADS, ident=None, outbuf_high_watermark=STALLED_BYTES
    )
    threading.Thread(target=server.run, name="page", daemon=True).start()


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _stop_with_parent(stopping: threading.Event) -> None:
    os.read(0, 1)  # nothing is ever written: this returns when the other end is gone
    stopping.set()
