"""Signing in by phone number: a one-time code is made, told through the outbox, and proved.

Not responsible for the session (web.gate) nor for the words and the way of the message (notices). Nobody learns here
whether a number is known: asking and proving answer the same for both, and cost the same attempts.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, crypto, throttle
from station.core.db import connection
from station.core.errors import CountedError
from station.core.i18n import gettext as _
from station.core.phones import Phone, PhoneKind
from station.core.statements import Statement
from station.events import outbox
from station.residents import queries
from station.residents.models import Recipient, SignInCode
from station.residents.service import phone_hash

TOPIC = "sign_in_code"
# The numbers are ours. With 5 tries of a million a guesser of one number needs 200,000 codes.
DIGITS = 6
VALID = timedelta(minutes=5)
TRIES = 5
# Ours: a code that did not come is asked for again once or twice; more is somebody who makes phones ring.
ASKED_PER_PHONE = 5
ASKED_PER_ADDRESS = 30  # a block of flats may share one address
ASK_WINDOW = timedelta(hours=1)
NONCE_BYTES = 16
# Due before all that waits at a station, however slow its gateway: a code is good for minutes only.
HEAD_START = timedelta(days=1)

_NEWEST_PERSON = Statement(
    select(Recipient.id)
    .where(
        Recipient.station_id == bindparam("station"),
        Recipient.phone_hash == bindparam("phone_hash"),
        Recipient.phone_kind != PhoneKind.PRIVACY,
    )
    .order_by(Recipient.id.desc())
    .limit(1)
)


def ask(phone: Phone, *, address: str, reaches: Callable[[int], bool] = lambda _station: True) -> None:
    """Owe `phone` a new code when a station knows it; the code before is void.

    `reaches` tells of a station whether its channels reach this phone; one that does sends the code, if any does.
    Raises StationError `too_many_attempts`.
    """
    found = phone_hash(phone.key)
    _count(f"code-phone:{found.hex()}", ASKED_PER_PHONE)
    _count(f"code-address:{throttle.origin(address)}", ASKED_PER_ADDRESS)
    for station_id in sorted(queries.stations_of(found), key=lambda station: not reaches(station)):
        person = _NEWEST_PERSON.first(station=station_id, phone_hash=found)
        if person is not None:
            _make(found)
            due_at = clock.now() - HEAD_START
            outbox.enqueue_note(station_id, topic=TOPIC, recipient_id=person.id, due_at=due_at)
            return


def _make(found: bytes) -> None:
    values = {"nonce": secrets.token_bytes(NONCE_BYTES), "made_at": clock.now(), "tries": 0}
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    added = build(SignInCode).values(phone_hash=found, **values)
    connection().execute(added.on_conflict_do_update(index_elements=[SignInCode.phone_hash], set_=values))


def prove(phone: Phone, code: str, *, address: str) -> bytes:
    """Return the hash of the number whose code this is; the code is used up.

    Raises CountedError `sign_in_code_wrong`, StationError `too_many_attempts`; the caller commits then too: a wrong
    try counts.
    """
    found = phone_hash(phone.key)
    _count(f"prove-address:{throttle.origin(address)}", ASKED_PER_ADDRESS)
    valid = _try(found)
    if valid is None or not crypto.same(valid.encode(), code.encode()):
        raise CountedError(
            "sign_in_code_wrong", _("The code is not right, or it is too old. Ask for a new one.")
        )
    connection().execute(update(SignInCode).where(SignInCode.phone_hash == found).values(tries=TRIES))
    return found


def _try(found: bytes) -> str | None:
    """Count a try at a number's code; return the code while it has tries left.

    Counting comes first: it locks the row, so of two browsers with the right code the second finds it used up.
    """
    mine = (SignInCode.phone_hash == found, SignInCode.tries < TRIES)
    tried = update(SignInCode).where(*mine).values(tries=SignInCode.tries + 1)
    row = connection().execute(tried.returning(SignInCode.nonce, SignInCode.made_at)).one_or_none()
    return _code(row.nonce) if row and _is_fresh(row.made_at) else None


def current_code(found: bytes) -> str | None:
    """Return the code a number can sign in with now; None when it is too old, used up or was never made."""
    query = select(SignInCode.nonce, SignInCode.made_at, SignInCode.tries)
    row = connection().execute(query.where(SignInCode.phone_hash == found)).one_or_none()
    return _code(row.nonce) if row and row.tries < TRIES and _is_fresh(row.made_at) else None


def _is_fresh(made_at: datetime) -> bool:
    return made_at <= clock.now() < made_at + VALID


def _code(nonce: bytes) -> str:
    number = int.from_bytes(crypto.keyed_hash("sign-in-code", nonce.hex()))
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _count(key: str, limit: int) -> None:
    throttle.spend(key, limit=limit, window=ASK_WINDOW)
