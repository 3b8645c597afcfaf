"""The test provider: it moves no money, and is otherwise as real as any. It signs what it says, and we verify it.

Its callbacks are form fields signed with Ed25519 (RFC 8032) over their canonical JSON. The key of each station is made
from the installation's own keys, so that nobody outside can sign.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from station.core import clock, crypto
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES
from station.events.service import take_turn
from station.payments import refusals, test_bank, test_codes
from station.payments.catalogue import Outcome, Way
from station.payments.provider import (
    NUMBER,
    Back,
    Begun,
    FileLine,
    Kind,
    Notice,
    NoticeError,
    Page,
    ProviderError,
    RefusedError,
    Seen,
    Status,
    Wish,
)
from station.payments.test_bank import Movement
from station.payments.test_codes import Mood

SIGNED = ("notice", "number", "status", "ref", "amount_minor", "currency", "paid_at")
HEADER = ["kind", "number", "trade", "ref", "amount_minor", "fee_minor", "currency"]
AMOUNT = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
FEE = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
MOST_BYTES = 1024 * 1024  # of a file: ten thousand lines, more than a demo's day


@dataclass(frozen=True, slots=True)
class TestProvider:
    """The test provider of one station. `page_url`: where it pretends to be."""

    __test__ = False  # no test class of pytest's

    station_id: int
    zone: str
    page_url: str = field(default="")
    way: Way = field(default=Way.TEST, init=False)
    success: str = field(default="success", init=False)
    failure: str = field(default="failure", init=False)

    def begin(self, wish: Wish) -> Begun:
        """Lead to the test provider's page."""
        return Begun(Page.LINK, self._page(wish.number))

    def code(self, wish: Wish) -> str:
        """Return the whole address of the test provider's page."""
        return urljoin(wish.return_url, self._page(wish.number))

    def charge(self, wish: Wish, code: str) -> Seen:
        """Pretend to take money from whoever shows a code of the pretended app, as that app behaves."""
        mood = test_codes.read(self.station_id, code, clock.now())
        if mood is Mood.LOST:
            raise ProviderError("lost")
        with transaction():
            take_turn(self.station_id)
            used = test_codes.hashed(self.station_id, code)
            if test_bank.is_used(self.station_id, used, wish.number):
                raise RefusedError(refusals.EXPIRED)
            if mood is Mood.ASKS and test_bank.find(self.station_id, Kind.PAYMENT, wish.number) is None:
                return Seen(wish.number, Status.WAITING)
            taken = test_bank.take(
                self.station_id, wish.number, wish.amount_minor, wish.currency, code_hash=used
            )
        if mood is Mood.SILENT:
            raise ProviderError("silent")
        return _of(taken)

    def _page(self, number: str) -> str:
        return f"{self.page_url}/{number}/{seal(self.station_id, number)}"

    def cancel(self, number: str) -> str:
        """Pretend to give back what somebody paid at the same moment."""
        with transaction():
            take_turn(self.station_id)
            paid = test_bank.find(self.station_id, Kind.PAYMENT, number)
            if paid is None:
                return ""
            test_bank.give(self.station_id, f"C{number}", paid, paid.amount_minor)
            return paid.ref

    def read_notice(self, fields: Mapping[str, str]) -> Notice:
        """Verify a callback and return what it says."""
        said = {name: fields.get(name, "") for name in SIGNED}
        if not _verified(self.station_id, said, fields.get("signature", "")):
            raise NoticeError(Outcome.FORGED)
        return Notice(said["notice"], _seen(said))

    def look(self, number: str) -> Seen:
        """Say where a payment stands."""
        with reading():
            found = test_bank.find(self.station_id, Kind.PAYMENT, number)
        return Seen(number, Status.UNKNOWN) if found is None else _of(found)

    def refund(self, back: Back) -> str:
        """Pretend to give money back."""
        with transaction():
            paid = test_bank.find(self.station_id, Kind.PAYMENT, back.payment)
            if paid is None:
                raise RefusedError("unknown_payment")
            if test_bank.find(self.station_id, Kind.REFUND, back.number) is None:
                self._refuse_too_much(back, paid)
            return test_bank.give(self.station_id, back.number, paid, back.amount_minor).ref

    def _refuse_too_much(self, back: Back, paid: Movement) -> None:
        given = test_bank.given(self.station_id, paid.number)
        if back.currency != paid.currency or given + back.amount_minor > paid.amount_minor:
            raise RefusedError("more_than_paid")

    def fetch_file(self, day: date) -> bytes:
        """Write the file of a day of the station's."""
        begin = datetime.combine(day, time(), ZoneInfo(self.zone))
        with reading():
            moved = test_bank.between(self.station_id, begin, begin + timedelta(days=1))
        out = io.StringIO()
        rows = [
            [one.kind, one.number, one.trade, one.ref, one.amount_minor, one.fee_minor, one.currency]
            for one in moved
        ]
        csv.writer(out).writerows([HEADER, *rows])
        return out.getvalue().encode()

    def read_file(self, content: bytes) -> Sequence[FileLine]:
        """Read a file of a day."""
        if len(content) > MOST_BYTES:
            raise _unreadable()
        try:
            rows = list(csv.reader(io.StringIO(content.decode()), strict=True))
            if not rows or rows[0] != HEADER:
                raise _unreadable()
            return [_line(row) for row in rows[1:] if row]
        except (ValueError, csv.Error) as error:
            raise _unreadable() from error


def seal(station_id: int, number: str) -> str:
    """Return what opens the test provider's page of a payment to whoever was shown its address."""
    return crypto.keyed_hash("test payment", f"{station_id}:{number}").hex()


def paid_notice(station_id: int, movement: Movement) -> dict[str, str]:
    """Return the signed callback that tells of a payment."""
    return _signed(
        station_id,
        {
            "notice": movement.ref,
            "number": movement.number,
            "status": Status.PAID.value,
            "ref": movement.ref,
            "amount_minor": str(movement.amount_minor),
            "currency": movement.currency,
            "paid_at": movement.at.isoformat(),
        },
    )


def closed_notice(station_id: int, number: str) -> dict[str, str]:
    """Return the signed callback that tells that nobody will pay any more."""
    return _signed(
        station_id,
        {
            "notice": f"C{number}",
            "number": number,
            "status": Status.CLOSED.value,
            "ref": "",
            "amount_minor": "0",
            "currency": "",
            "paid_at": "",
        },
    )


def _signed(station_id: int, said: dict[str, str]) -> dict[str, str]:
    return {**said, "signature": _signer(station_id).sign(_canonical(said)).hex()}


def _verified(station_id: int, said: dict[str, str], signature: str) -> bool:
    try:
        _signer(station_id).public_key().verify(bytes.fromhex(signature), _canonical(said))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signer(station_id: int) -> Ed25519PrivateKey:
    halves = (crypto.keyed_hash(f"test provider {half}", str(station_id)) for half in ("a", "b"))
    return Ed25519PrivateKey.from_private_bytes(b"".join(halves))


def _canonical(said: dict[str, str]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _seen(said: dict[str, str]) -> Seen:
    """Return what a verified callback says; our own hand wrote it, so it is whole."""
    paid_at = datetime.fromisoformat(said["paid_at"]) if said["paid_at"] else None
    amount_minor = int(said["amount_minor"])
    return Seen(said["number"], Status(said["status"]), said["ref"], amount_minor, said["currency"], paid_at)


def _of(found: Movement) -> Seen:
    return Seen(found.number, Status.PAID, found.ref, found.amount_minor, found.currency, found.at)


def _line(row: list[str]) -> FileLine:
    kind, number, trade, ref, amount, fee, currency = row
    if not all(NUMBER.fullmatch(one) for one in (number, trade, ref)) or currency not in CURRENCIES:
        raise ValueError("not a line of ours")
    if not AMOUNT.fullmatch(amount) or not FEE.fullmatch(fee):
        raise ValueError("not an amount")
    return FileLine(Kind(kind), number, ref, int(amount), currency, trade, int(fee))


def _unreadable() -> StationError:
    return StationError("file_unreadable", _("This is not a file of the test provider."))
