"""A person who is known at two stations in every way that the product knows, and where any of it still stands."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from sqlalchemy import insert, select

from station import models
from station.accounts import devices
from station.accounts import service as accounts
from station.accounts.devices import DeviceKind
from station.accounts.queries import Resident
from station.claims.models import ClaimPicture, OrderClaim
from station.core import clock, crypto, ids
from station.core.actor import Actor, ActorKind
from station.core.db import Encrypted, connection, reading, transaction
from station.core.permissions import Role
from station.core.phones import parse
from station.disputes import service as disputes
from station.events import outbox
from station.events.service import Refusal, keep_refused_scan
from station.kiosks import conflicts, lifecycle, sessions
from station.kiosks.conflicts import Refused
from station.kiosks.sessions import Proof
from station.kiosks.watch_models import FaceEnrolment
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.parcels import attachments, consent_answers, hand_over
from station.parcels.hand_over import Taker
from station.residents import agreements, preferences, sign_in
from station.residents import service as residents
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.agreements import Guardian
from station.residents.models import DigitSecret, MessageLink, Proxy, RecipientNote
from station.residents.preferences import Preferences, Way
from station.residents.service import name_hash, phone_hash
from tests import group_buys
from tests.factories import Station, recipient, store
from tests.hand_backs import disputed, signed

PHONE, NAME, OTHER_NAME = "13812344068", "陈晓明", "Chen Xiaoming"
EMAIL = "xiaoming@example.org"
PARENT = Guardian("陈国强", "13977770001")
NOTE = "Rings twice, lives above the bakery"
COLLECTOR = "李雷雷"  # who collected for the person
PROXY = "韩梅梅"  # whom the person let collect
PNG = b"\x89PNG\r\n\x1a\n a signature"
PERSONAL = (PHONE, NAME, OTHER_NAME, EMAIL, PARENT.name, PARENT.phone, NOTE, PROXY)
EVIDENCE = (COLLECTOR, PNG.decode("latin-1"))


@dataclass(frozen=True)
class Known:
    """The person, and one of their parcels, which was handed over."""

    resident: Resident
    recipient_ids: tuple[int, ...]
    parcel_id: int


def settle(station: Station) -> Known:
    """Let a person be known at a station in every way, and settle all their parcels."""
    ming, other = recipient(station, PHONE, NAME), recipient(station, PHONE, OTHER_NAME)
    collected, refused = store(station, to=ming).parcel_id, store(station, to=other).parcel_id
    order_id = group_buys.place(station, group_buys.make_campaign(station), ming).order_id
    group_buys.cancel(station, order_id)
    group_buys.remind(station, group_buys.make_campaign(station), ming)
    with transaction():
        resident = accounts.sign_in_resident(phone_hash(PHONE))
        actor = resident.at(station.id)
        residents.record_consent(actor, ming.id, choice="station", how="own_page")
        consent_answers.answer(actor, collected, "yes")
        consent_answers.answer(actor, refused, "deliver")
        _choose(actor, ming.id)
        _send(station.id)
        attachments.add(station.clerk, collected, "signature", PNG)
        hand_over.hand_over(station.clerk, collected, Taker("counter", COLLECTOR))
        hand_over.hand_over(station.clerk, refused, Taker())
        _leave_traces(station, ming.id)
        _complain(station.id, order_id)
    _disagree(station, ming)
    return Known(resident, (ming.id, other.id), collected)


def _disagree(station: Station, ming: residents.Known) -> None:
    """Let a parcel of the person go back, and carrier and station write their name in a dispute about it."""
    manifest_id, (parcel,) = signed(station, count=1, to=ming)
    dispute_id = disputed(station.clerk, manifest_id, parcel, words=f"{NAME} has it")
    with transaction():
        disputes.answer(station.clerk, dispute_id, f"We called {PHONE}")


def _choose(actor: Actor, recipient_id: int) -> None:
    preferences.choose(actor, recipient_id, Preferences(Way.EMAIL, EMAIL, time(22), time(7), "en"))
    agreements.give(actor, recipient_id, Purpose.PHOTOS, version=CURRENT[Purpose.PHOTOS])
    agreements.give(actor, recipient_id, Purpose.FACE, version=CURRENT[Purpose.FACE], guardian=PARENT)


def _send(station_id: int) -> None:
    """Settle one message as sent, with a name in it, and leave the other one owed."""
    claimed = outbox.claim_next(station_id, clock.now() + timedelta(hours=1))
    assert claimed
    outbox.mark_sent(claimed, channel="console", body=f"Dear {NAME}, 1-1-1234")


def _leave_traces(station: Station, recipient_id: int) -> None:
    phone = parse(PHONE)
    assert phone
    sign_in.ask(phone, address="192.0.2.1")
    keep_refused_scan(station.clerk, Refusal("hand_over", "not_found", f"{NAME} {PHONE}"))
    now, mine = clock.now(), {"station_id": station.id, "recipient_id": recipient_id}
    _add(RecipientNote, **mine, id=ids.next_id(), text=NOTE, written_by="staff:1", written_at=now)
    _add(DigitSecret, **mine, secret="a secret")
    link = {"token_hash": crypto.keyed_hash("test", str(station.id)), "message_id": 1}
    _add(MessageLink, **mine, **link, expires_at=now + timedelta(days=7))
    given = {"state": "active", "given_at": now, "expires_at": now + timedelta(days=1), "name": PROXY}
    _add(Proxy, **mine, id=ids.next_id(), phone_hash=b"p" * 16, phone_tail="9999", **given)
    stranger = recipient_of(station)
    for_them = {"phone_hash": phone_hash(PHONE), "phone_tail": PHONE[-4:]}
    _use_kiosk(station, recipient_id)
    ledger.post_all(station.manager, (_charged(recipient_id), _paid(recipient_id)))
    _add(Proxy, station_id=station.id, recipient_id=stranger, id=ids.next_id(), **for_them, **given)


def _complain(station_id: int, order_id: int) -> None:
    """Keep a complaint with a picture, refused, in which the person and the station write names."""
    claim = {
        "station_id": station_id,
        "id": ids.next_id(),
        "order_id": order_id,
        "state": "refused",
        "units": 1,
    }
    said = {
        "problem": "bad",
        "words": f"{NAME} is not content",
        "made_by": "resident:1",
        "made_at": clock.now(),
    }
    answered = {"answer": f"We called {PHONE}", "ended_at": clock.now(), "ended_by": "staff:1"}
    nothing = {"refunded_units": 0, "amount_minor": 0, "borne_by": ""}
    _add(OrderClaim, **claim, **said, **answered, **nothing)
    picture = {"id": ids.next_id(), "place": 1, "media_type": "image/png", "sha256": b"s" * 32}
    _add(
        ClaimPicture,
        station_id=station_id,
        claim_id=claim["id"],
        **picture,
        content=crypto.encrypt_bytes(PNG),
    )


def _use_kiosk(station: Station, recipient_id: int) -> None:
    """Let the person visit a kiosk, enrol their face, and a hand-over there be in doubt and settled with a note."""
    new = devices.add_device(station.manager, name="Door", kind=DeviceKind.KIOSK)
    door, now = Actor(ActorKind.DEVICE, new.id, station.id, Role.KIOSK, "Door"), clock.now()
    held = {"kiosk_id": door.id, "recipient_id": recipient_id, "text_version": CURRENT[Purpose.FACE]}
    until = {"enrolled_at": now, "expires_at": now + timedelta(days=365)}
    _add(FaceEnrolment, station_id=station.id, id=ids.next_id(), **held, **until)
    sessions.keep(door, Proof(lifecycle.Way.FACE, recipient_id), began_at=now)
    refused = Refused(1, "SF1234567890123", "face", recipient_id, now, "already_handed_over")
    conflicts.settle(station.manager, conflicts.make(door, refused), note=f"{NAME} has it, says {PHONE}")


def _paid(recipient_id: int) -> Journal:
    """Return a payment of what the person was charged: nobody is erased who owes something."""
    move = Move(AccountRef(AccountKind.CASH), AccountRef(AccountKind.RESIDENT, str(recipient_id)), 500)
    return Journal(f"paid:{recipient_id}", JournalKind.PAYMENT, "CNY", (move,))


def _charged(recipient_id: int) -> Journal:
    """Return a charge of the person with a note that names them."""
    account = AccountRef(AccountKind.RESIDENT, str(recipient_id))
    move = Move(account, AccountRef(AccountKind.SERVICES), 500)
    return Journal(f"charge:{recipient_id}", JournalKind.CHARGE, "CNY", (move,), note=f"Wrapping for {NAME}")


def recipient_of(station: Station) -> int:
    """Return somebody else at the station, who let the person collect for them."""
    phone = parse("13900002222")
    assert phone
    return residents.find_or_add(station.id, phone, "张伟").id


def _add(table: Any, **values: Any) -> None:
    connection().execute(insert(table).values(**values))


def places(texts: tuple[str, ...]) -> set[str]:
    """Return every column, of all tables, in which one of `texts` can be read by whoever holds the keys."""
    return {where for where, value in _values() if any(text in value for text in texts)}


def keys_left() -> set[str]:
    """Return every column by which the person could be looked up: hashes of phone and names, the phone's tail."""
    wanted = {phone_hash(PHONE), name_hash(NAME), name_hash(OTHER_NAME)}
    found = set()
    with reading():
        for table in models.metadata.sorted_tables:
            for row in connection().execute(select(table)).mappings():
                found |= {
                    f"{table.name}.{name}" for name, value in row.items() if value in (*wanted, PHONE[-4:])
                }
    return found


def _values() -> list[tuple[str, str]]:
    found = []
    with reading():
        for table in models.metadata.sorted_tables:
            for row in connection().execute(select(table)).mappings():
                found += [(f"{table.name}.{name}", _text(value)) for name, value in row.items()]
    return found


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return crypto.decrypt_bytes(value).decode("latin-1")
    except ValueError:
        return value.decode("latin-1")


def encrypted_columns() -> int:
    """Return how many columns are read decrypted: none would mean that nothing is looked for."""
    return sum(
        isinstance(one.type, Encrypted) for table in models.metadata.tables.values() for one in table.c
    )
