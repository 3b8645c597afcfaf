"""Many recipients in a few statements: whose phones these are, newcomers added together, their word on parcels.

Decides as service.py does for one; nothing here may decide otherwise (tests/services/test_announce_many.py).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from station.core import clock, ids, names
from station.core.actor import Actor
from station.core.db import connection
from station.core.phones import Phone, PhoneKind
from station.core.statements import Statement
from station.events.service import Event
from station.residents import service
from station.residents.models import ConsentRecord, PhoneStation, Recipient, RecipientPrefix
from station.residents.service import Known, Newcomer, name_hash, phone_hash, prefix_hash

Person = tuple[Phone, str | None]
_ADD = Statement(insert(Recipient))
_ADD_PREFIX = Statement(insert(RecipientPrefix))
_ADD_STATION = {
    "sqlite": Statement(sqlite.insert(PhoneStation).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(PhoneStation).on_conflict_do_nothing()),
}
_RECORD = Statement(insert(ConsentRecord))


def find_or_add(station_id: int, people: Iterable[Person]) -> dict[Person, Known]:
    """Return the recipient of each phone and name, added when new, as `service.find_or_add` does."""
    wanted = list(dict.fromkeys(people))
    found = {one: known for one in wanted if (known := _of_privacy_number(station_id, one))}
    found |= _find(station_id, [one for one in wanted if one[0].kind is not PhoneKind.PRIVACY])
    new = {one: service.newcomer(*one) for one in wanted if one not in found}
    # Two spellings of one name are one person.
    by_hash = {(one[0].key, name_hash(one[1])): newcomer for one, newcomer in reversed(new.items())}
    _add(station_id, list(by_hash.values()))
    return found | {one: by_hash[(one[0].key, name_hash(one[1]))].known for one in new}


def _of_privacy_number(station_id: int, one: Person) -> Known | None:
    """Return whose a privacy number is; asked one by one, because it may have to be taken from who had it before."""
    return service.find(station_id, *one) if one[0].kind is PhoneKind.PRIVACY else None


def _find(station_id: int, people: Sequence[Person]) -> dict[Person, Known]:
    if not people:
        return {}
    entry = aliased(Recipient)
    kept = and_(
        Recipient.station_id == entry.station_id, Recipient.id == func.coalesce(entry.merged_into, entry.id)
    )
    hashes = {one: (phone_hash(one[0].key), name_hash(one[1])) for one in people}
    query = (
        select(
            entry.phone_hash,
            entry.name_hash,
            Recipient.id,
            Recipient.phone_tail,
            Recipient.name_masked,
            Recipient.standing_choice,
        )
        .join(Recipient, kept)
        .where(
            entry.station_id == station_id, entry.phone_hash.in_({phone for phone, _name in hashes.values()})
        )
        .order_by(entry.id.desc())
    )
    known = {
        (bytes(phone), bytes(name)): Known(*facts) for phone, name, *facts in connection().execute(query)
    }
    return {one: known[both] for one, both in hashes.items() if both in known}


def _add(station_id: int, newcomers: Sequence[Newcomer]) -> None:
    _ADD.run_many([_row(new) for new in newcomers], station_id=station_id, created_at=clock.now())
    phones = {phone_hash(new.phone.key) for new in newcomers if new.phone.kind is not PhoneKind.PRIVACY}
    _ADD_STATION[connection().dialect.name].run_many(
        [{"phone_hash": one} for one in sorted(phones)], station_id=station_id
    )
    _ADD_PREFIX.run_many(
        [
            {"prefix_hash": found, "recipient_id": new.known.id}
            for new in newcomers
            if new.name
            for found in sorted({prefix_hash(prefix) for prefix in names.search_prefixes(new.name)})
        ],
        station_id=station_id,
    )


def _row(new: Newcomer) -> dict[str, object]:
    return {
        "id": new.known.id,
        "phone": new.phone.key,
        "phone_kind": new.phone.kind,
        "phone_tail": new.phone.tail,
        "name": new.name,
        "name_masked": new.known.name_masked,
        "phone_hash": phone_hash(new.phone.key),
        "name_hash": name_hash(new.name),
    }


def record_yes(actor: Actor, told: Sequence[tuple[int, int, str]], *, at: datetime) -> list[Event]:
    """Append that recipients said yes to one parcel each; return the events to append after those of the parcels.

    `told`: (recipient, parcel, how it is known), of recipients that were looked up in this transaction.
    """
    _RECORD.run_many(
        [
            {
                "id": ids.next_id(),
                "recipient_id": recipient_id,
                "parcel_id": parcel_id,
                "how": how,
            }
            for recipient_id, parcel_id, how in told
        ],
        station_id=actor.station_id,
        choice="station",
        recorded_by=actor.key,
        recorded_at=at,
    )
    return [
        Event(
            "consent_recorded",
            parcel_id,
            {"recipient": str(recipient_id), "choice": "station", "how": how},
        )
        for recipient_id, parcel_id, how in told
    ]
