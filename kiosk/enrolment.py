"""`python -m kiosk enrol URL CODE`: tie this kiosk to a station with the code of its Devices page.

The code is exchanged for the kiosk's token, kept in the kiosk's folder beside a fresh key of its own stores.
"""

import argparse
import ipaddress
import secrets
import sys
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from kiosk import VERSION, settings, spool, waiting_list
from kiosk.backend import Backend, Http, RefusedError, UnreachableError
from kiosk.settings import ENROLMENT, Enrolment, NotEnrolledError
from kiosk.spool import Spool

KEY_BYTES = 32  # AES-256

REFUSED = {
    "enrol_code_wrong": (
        "The station does not know this code, or it is too old or was used. Make a new one on its Devices page."
    ),
    "too_many_attempts": "Too many tries from here. Wait 15 minutes, then make a new code on the Devices page.",
}


class EnrolError(Exception):
    """The kiosk was not enrolled; the words say why and what to do."""


def main(arguments: list[str]) -> int:
    """Enrol this kiosk; return 1 with a sentence when that fails."""
    parser = argparse.ArgumentParser(prog="python -m kiosk enrol", description="Tie this kiosk to a station.")
    parser.add_argument("url", metavar="URL", help="the station's address, like https://station.example")
    parser.add_argument("code", metavar="CODE", help="the code shown on the station's Devices page")
    parser.add_argument("--again", action="store_true", help="leave the station this kiosk belongs to now")
    options = parser.parse_args(arguments)
    try:
        name = (enrol_again if options.again else enrol)(options.url, options.code)
    except EnrolError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"This kiosk is enrolled as {name}. Start it with: python -m kiosk run\n")
    return 0


def enrol(url: str, code: str, *, folder: Path | None = None, http: Http | None = None) -> str:
    """Use a code of the station at `url` and keep what comes back; return the kiosk's name there. Raises EnrolError."""
    folder = folder or settings.home()
    if (folder / ENROLMENT).exists():
        raise EnrolError(
            "This kiosk is enrolled already. To enrol it anew, revoke it on the station's Devices page, "
            "then run this again with --again."
        )
    made, name = _exchange(url, code, http)
    settings.write_enrolment(folder, made)
    return name


def enrol_again(url: str, code: str, *, folder: Path | None = None, http: Http | None = None) -> str:
    """As `enrol`, in the place of an earlier enrolment: what was meant for that station is told to no other one.

    A spool that still owes that station something is set aside under the name of the kiosk it was.
    """
    folder = folder or settings.home()
    try:
        before = settings.read_enrolment(folder)
    except NotEnrolledError:
        return enrol(url, code, folder=folder, http=http)
    made, name = _exchange(url, code, http)
    _leave(folder, before)
    settings.write_enrolment(folder, made)
    return name


def _leave(folder: Path, before: Enrolment) -> None:
    for leftover in folder.glob(f"{waiting_list.FILE}*"):
        leftover.unlink()
    old = Spool(folder, bytes.fromhex(before.key))
    owes = old.length()
    old.close()  # the last one to close it leaves one file
    path = folder / spool.FILE
    if owes:
        path.rename(folder / f"spool-of-{before.kiosk_id}.db")
        sys.stderr.write(
            f"{owes} messages were never sent to the station it belonged to; they are kept in {folder}\n"
        )
    else:
        path.unlink()


def _exchange(url: str, code: str, http: Http | None) -> tuple[Enrolment, str]:
    """Return what ties this kiosk to the station, and its name there. Raises EnrolError."""
    address = _address(url)
    try:
        made = Backend(address, "", http=http).enrol(code, VERSION)
    except UnreachableError as error:
        raise EnrolError(
            f"The station does not answer at {address}. Check the address and this machine's network."
        ) from error
    except RefusedError as refused:
        raise EnrolError(REFUSED.get(refused.code, refused.message)) from refused
    return Enrolment(address, made.token, made.kiosk_id, secrets.token_hex(KEY_BYTES)), made.name


def _address(url: str) -> str:
    """Return the station's address as it is kept. A token never goes over a network in the clear."""
    parts = _split(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise EnrolError(
            "The address must begin with https:// and name the station, like https://station.example"
        )
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise EnrolError(
            "The address must begin with https://, or everybody on the network could read who collects what. "
            "Plain http:// is for this machine and for addresses of a private network only."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise EnrolError("This is not an address. It looks like https://station.example") from error


def _is_near(host: str) -> bool:
    """Tell whether a host is this machine, or an address of the station's own cable (RFC 1918, RFC 4193)."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
