"""`python app.py`: a whole station on this machine - database, scheduler and web server, in the right order."""

import logging
import os
import signal
import socket
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import waitress
from flask import Flask

from station.commands import bring_up_to_date
from station.core import ids
from station.core.db import reading
from station.core.failures import describe
from station.core.settings import KEY_NAMES, SettingsError, create_keys, default_instance, load_settings
from station.jobs import alerts
from station.jobs.child import Child
from station.network import queries as network
from station.simulator import demo_labels
from station.simulator.carriers_come import COURIERS
from station.simulator.demo import DEMO_LOGINS, DEMO_PASSWORD, DEMO_PHONE, is_demo, seed_demo
from station.simulator.demo_kiosk import DemoKiosk, can_run
from station.web.factory import create_app

HIGHEST_PORT = 65_535  # RFC 9293, section 3.1: ports have 16 bits
THREADS = 8  # a counter page, a kiosk and a few phones at once; SQLite has one writer anyway
SCHEDULER = (sys.executable, "-m", "station.jobs", "--attached")  # attached: it ends when its input closes

log = logging.getLogger(__name__)


def main() -> None:
    """Run until interrupted; exit 1 with a sentence when the installation cannot start."""
    try:
        port = _port()
        app = _prepare()
        server = _listen(app, port)
    except SettingsError as error:
        sys.exit(f"Stationmaster cannot start: {error}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with app.app_context(), reading():
        if is_demo():  # the links in its messages lead to this machine, where whoever tries it out sits
            os.environ.setdefault("STATION_URL", f"http://127.0.0.1:{port}")
            _allow_test_payments(app)
    with Child(SCHEDULER, on_crash=partial(_tell_of_crashes, app)), _kiosk(app, port):
        _greet(app, port)
        server.run()


def _allow_test_payments(app: Flask) -> None:
    """Let the demo take payments that move no money, unless whoever runs it said no."""
    is_wanted = os.environ.setdefault("STATION_TEST_PAYMENTS", "1") == "1"  # the scheduler reads it, too
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], test_payments=is_wanted)


def _tell_of_crashes(app: Flask, crashes: int) -> None:
    """Tell the operators of a scheduler that does not stay up; it starts again in any case."""
    if crashes < alerts.RESTARTS:
        return
    try:
        with app.app_context():
            alerts.tell(app.config["SETTINGS"], alerts.Kind.RESTARTS, crashes)
    except Exception as error:  # noqa: BLE001 - the loop that keeps the scheduler running must go on
        log.error("operators could not be told of the scheduler: %s", describe(error))


def _kiosk(app: Flask, port: int) -> AbstractContextManager[object]:
    """Return what keeps the demo's kiosk running; a station of its own has its kiosks elsewhere."""
    if not _has_kiosk(app):
        return nullcontext()
    return DemoKiosk(app.app_context, folder=default_instance() / "kiosk", url=f"http://127.0.0.1:{port}")


def _has_kiosk(app: Flask) -> bool:
    with app.app_context(), reading():
        return os.environ.get("KIOSK_PORT") != "0" and can_run() and is_demo()


def _port() -> int:
    wanted = os.environ.get("PORT", "5000")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= HIGHEST_PORT:
        raise SettingsError(f"PORT must be a number from 1 to {HIGHEST_PORT}.")
    return int(wanted)


def _listen(app: Flask, port: int) -> Any:
    host = os.environ.get("HOST", "127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"port {port} of {host} cannot be used, another program may have it. Choose another: PORT=8080 make run"
        ) from error
    return waitress.create_server(app, sockets=[listening], threads=THREADS, ident=None)


def _prepare() -> Flask:
    """Make keys once, migrate, fill the reference tables, and seed the demo into an empty database."""
    instance = default_instance()
    database = None if "DATABASE_URL" in os.environ else instance / "station.db"
    comes_with_keys = all(os.environ.get(name) for name in KEY_NAMES)
    has_new_keys = not comes_with_keys and create_keys(instance, database=database)
    app = create_app(load_settings())
    with app.app_context():
        bring_up_to_date()
        ids.hold_node()
        with reading():
            is_new = not network.has_station()
        if has_new_keys and not is_new:  # a database elsewhere, named by DATABASE_URL
            (instance / "keys.env").unlink()
            raise SettingsError("the database holds a station, but its keys.env is missing. Put it back.")
        if is_new and os.environ.get("DEMO", "1") != "0":
            _say("Seeding the demo station …")
            seed_demo()
    return app


def _greet(app: Flask, port: int) -> None:
    _say(f"Stationmaster is running: http://127.0.0.1:{port}")
    with app.app_context(), reading():
        if not network.has_station():
            _say("The database is empty: open the address to set up your station.")
        elif is_demo():
            _say(f"Demo sign-ins (password {DEMO_PASSWORD}): " + ", ".join(DEMO_LOGINS))
            _greet_couriers(app, port)
            _say(
                f"Demo resident: {DEMO_PHONE} at http://127.0.0.1:{port}/me/; the code comes into instance/outbox/"
            )
    if _has_kiosk(app):
        _say(f"Demo kiosk: http://127.0.0.1:{os.environ.get('KIOSK_PORT', '5001')}")


def _greet_couriers(app: Flask, port: int) -> None:
    phones = ", ".join(f"{phone} ({' '.join(carriers)})" for _name, phone, carriers in COURIERS)
    _say(f"Demo couriers (the same password): {phones} at http://127.0.0.1:{port}/courier/")
    station_id = network.stations()[0].id
    path = demo_labels.write(app.jinja_env, station_id, app.config["SETTINGS"].instance)
    _say(f"Labels for them to scan: {path}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
