"""What an address asks of the money pages: an account, a period, a page of a list; refused in plain words."""

from collections.abc import Mapping
from datetime import date

from station.core.errors import StationError
from station.core.i18n import LANGUAGES
from station.core.i18n import gettext as _
from station.core.i18n import language as spoken
from station.core.ids import LARGEST_ID
from station.core.money import CURRENCIES
from station.ledger.chart import OWNED, AccountKind, AccountRef, JournalKind
from station.ledger.statements import Period
from station.ledger.wanted import Wanted

Args = Mapping[str, str]


def account(kind: str, owner: str) -> AccountRef:
    """Return the account that an address names. Raises StationError `not_found` for one outside the chart."""
    missing = StationError("not_found", _("There is no such account."))
    if kind not in AccountKind.__members__.values():
        raise missing
    known = AccountKind(kind)
    if bool(owner) != (known in OWNED) or len(owner) > 24 or not owner.isascii():
        raise missing
    return AccountRef(known, owner)


def currency(args: Args, *, default: str) -> str:
    """Return the currency asked for. Raises StationError `bad_input` for one that is not known."""
    wanted = args.get("currency") or default
    if wanted not in CURRENCIES:
        raise StationError("bad_input", _("Choose a currency of the list."))
    return wanted


def period(args: Args, *, today: date) -> Period:
    """Return the days asked for, this month unless told. Raises StationError `bad_input`."""
    wanted = Period(day(args, "first") or today.replace(day=1), day(args, "last") or today)
    wanted.check()
    return wanted


def day(args: Args, name: str) -> date | None:
    """Return a day of the address, None when it is not there. Raises StationError `bad_input`."""
    text = args.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StationError("bad_input", _("Type a date, such as 2026-11-21.")) from error


def language(args: Args) -> str:
    """Return the language a file is asked in, the one spoken now unless told. Raises StationError `bad_input`."""
    wanted = args.get("spoken") or spoken()
    if wanted not in LANGUAGES:
        raise StationError("bad_input", _("Choose a language of the list."))
    return wanted


def journals(args: Args) -> Wanted:
    """Return which journals the address asks for. Raises StationError `bad_input`."""
    kind = args.get("kind", "")
    if kind and kind not in JournalKind.__members__.values():
        raise StationError("bad_input", _("There is no such kind of journal."))
    return Wanted(
        day(args, "first"),
        day(args, "last"),
        JournalKind(kind) if kind else None,
        args.get("refers_to", "").strip()[:48],
        _before(args.get("before", "")),
    )


def place(args: Args, *, most: int) -> int:
    """Return from which line of a list of `most` lines the address goes on. Raises StationError `bad_input`."""
    text = args.get("place", "") or "0"
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= most):
        raise StationError("bad_input", _("This page of the list does not exist. Start from the first one."))
    return int(text)


def _before(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID):
        raise StationError("bad_input", _("This page of the list does not exist. Start from the first one."))
    return int(text)
