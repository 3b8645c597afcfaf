"""Collecting for somebody else: one parcel or a day's, by phone or code, until it ends; the owner is told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.core.phones import parse
from station.events import outbox
from station.events.models import OutboxMessage
from station.notices import composing, notes
from station.notices.composing import Composed
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.residents import proxies, proxy_codes
from station.residents.models import Proxy
from station.residents.proxies import Made, ProxyState, Wish
from tests.factories import Station, recipient, store

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # Monday 12:00 in Shanghai
NEIGHBOUR = "13911112222"


def resident(station: Station) -> Actor:
    return Actor(ActorKind.RESIDENT, 1, station.id, Role.RESIDENT)


def give(station: Station, *, parcel_id: int | None = None, phone: str = "", name: str | None = None) -> Made:
    owner = recipient(station)
    with transaction():
        return proxies.give(resident(station), Wish(owner.id, parcel_id, parse(phone), name))


def take(station: Station, parcel_id: int, made: Made) -> None:
    with transaction():
        hand_over.hand_over(station.clerk, parcel_id, Taker(proxy_id=made.proxy_id))


def refused(station: Station, parcel_id: int, made: Made) -> str:
    with pytest.raises(StationError) as error:
        take(station, parcel_id, made)
    return error.value.code


def state(made: Made) -> str:
    with reading():
        return db.session.scalars(select(Proxy.state).where(Proxy.id == made.proxy_id)).one()


def messages(station: Station, topic: str) -> list[str]:
    query = select(OutboxMessage.state).where(OutboxMessage.topic == topic)
    with reading():
        return list(db.session.scalars(query.where(OutboxMessage.station_id == station.id)))


def told(station: Station, topic: str) -> str | None:
    """Send nothing, but return what the message on a topic would say now."""
    with transaction():
        while claimed := outbox.claim_next(station.id, clock.now() + timedelta(days=1)):
            if claimed.topic == topic:
                composed = composing.compose(claimed, clock.now())
                return composed.message.text if isinstance(composed, Composed) else None
            outbox.drop(claimed)
    raise AssertionError(f"nothing is owed on {topic}")


def test_code_is_read_however_it_is_typed() -> None:
    code = proxy_codes.new()
    assert {proxy_codes.read(text) for text in (code, code.lower(), proxy_codes.spaced(code))} == {code}
    assert proxy_codes.read(proxy_codes.drawn(code)) == code
    assert not any(proxy_codes.read(text) for text in ("ABCDEFGH", "23456789", "4068", "SF1000000000012"))


@given(st.text(max_size=300))
def test_reading_a_code_never_fails(text: str) -> None:
    found = proxy_codes.read(text)
    assert found is None or proxy_codes.is_marked(text) or len(found) == proxy_codes.LENGTH


def test_one_parcel_is_collected_with_a_code_once(station: Station) -> None:
    one, other = store(station), store(station)
    made = give(station, parcel_id=one.parcel_id)
    with transaction():
        proxy = proxies.prove(station.clerk, made.code or "")

    assert proxy.id == made.proxy_id
    assert refused(station, other.parcel_id, made) == "not_your_parcel"
    take(station, one.parcel_id, made)
    assert state(made) == ProxyState.USED
    assert refused(station, other.parcel_id, made) == "proxy_used"


def test_day_lasts_until_local_midnight(station: Station) -> None:
    with clock.use(lambda: NOON):
        one, other = store(station), store(station)
        made = give(station, phone=NEIGHBOUR)
    assert made.code is None
    assert made.expires_at == NOON + timedelta(hours=12)
    with clock.use(lambda: made.expires_at - timedelta(seconds=1)):
        take(station, one.parcel_id, made)
    with clock.use(lambda: made.expires_at):
        assert refused(station, other.parcel_id, made) == "proxy_expired"
    assert state(made) == ProxyState.ACTIVE


def test_day_covers_every_name_at_the_owners_phone_and_nobody_elses(station: Station) -> None:
    child = store(station, to=recipient(station, name="陈小明"))
    stranger = store(station, to=recipient(station, NEIGHBOUR, "Li Lei"))
    made = give(station)
    take(station, child.parcel_id, made)
    assert refused(station, stranger.parcel_id, made) == "not_your_parcel"


def test_revoked_proxy_opens_nothing(station: Station) -> None:
    one = store(station)
    made = give(station, parcel_id=one.parcel_id)
    with transaction():
        proxies.revoke(resident(station), made.proxy_id)
        proxies.revoke(resident(station), made.proxy_id)
    assert refused(station, one.parcel_id, made) == "proxy_revoked"
    with pytest.raises(StationError) as error, transaction():
        proxies.prove(station.clerk, made.code or "")
    assert error.value.code == "proxy_revoked"


def test_code_is_kept_as_a_hash_only(station: Station) -> None:
    made = give(station)
    with reading():
        row = db.session.scalars(select(Proxy).where(Proxy.id == made.proxy_id)).one()
        assert row.code_hash == proxies.code_hash(made.code or "")
        assert (made.code or "").encode() not in row.code_hash


def test_guessing_comes_to_an_end(station: Station) -> None:
    made = give(station)
    for _ in range(proxies.WRONG_CODES):
        with pytest.raises(StationError) as error:
            count_wrong(station)
        assert error.value.code == "proxy_code_wrong"
    with pytest.raises(StationError) as error, transaction():
        proxies.prove(station.clerk, made.code or "")
    assert error.value.code == "too_many_attempts"


def count_wrong(station: Station) -> None:
    """Try a wrong code as an edge does: what it counts is committed."""
    refusal = None
    with transaction():
        try:
            proxies.prove(station.clerk, "AAAA2222")
        except StationError as error:
            refusal = error
    if refusal:
        raise refusal


def test_owner_is_told_at_once_without_the_proxys_name_or_number(station: Station) -> None:
    with clock.use(lambda: NOON):
        one = store(station)
        made = give(station, phone=NEIGHBOUR, name="Li Lei")
        take(station, one.parcel_id, made)
        said = told(station, notes.Note.PROXY_COLLECTED) or ""
    assert f"Li ** collected your parcel {one.pickup_code} at 12:00" in said
    assert "2222" not in said
    assert "Lei" not in said


def test_refused_hand_over_tells_nobody(station: Station) -> None:
    one = store(station)
    made = give(station, parcel_id=store(station).parcel_id)
    refused(station, one.parcel_id, made)
    assert messages(station, notes.Note.PROXY_COLLECTED) == []


def test_undo_gives_the_proxy_back_and_tells_nothing_that_was_not(station: Station) -> None:
    one = store(station)
    made = give(station, parcel_id=one.parcel_id)
    take(station, one.parcel_id, made)
    with transaction():
        hand_over.undo_hand_over(station.clerk, one.parcel_id, reason="wrong_person")

    assert state(made) == ProxyState.ACTIVE
    assert messages(station, notes.Note.PROXY_COLLECTED) == ["dropped"]
    take(station, one.parcel_id, made)


def test_undo_of_what_was_told_already_is_told_too(station: Station) -> None:
    one = store(station)
    made = give(station, parcel_id=one.parcel_id)
    take(station, one.parcel_id, made)
    assert told(station, notes.Note.PROXY_COLLECTED)
    with transaction():
        hand_over.undo_hand_over(station.clerk, one.parcel_id, reason="wrong_person")
    assert f"Your parcel {one.pickup_code} was not collected after all" in (
        told(station, notes.Note.PROXY_UNDONE) or ""
    )


def test_valid_for_names_those_who_may_collect_now(station: Station) -> None:
    owner = recipient(station)
    day, gone = give(station), give(station)
    with transaction():
        proxies.revoke(resident(station), gone.proxy_id)
    with reading():
        found = proxies.valid_for(station.id, owner.id, clock.now())
        assert [one.id for one in found] == [day.proxy_id]
        assert proxies.valid_for(station.id, owner.id, day.expires_at) == []


def test_privacy_number_and_too_many_are_refused(station: Station) -> None:
    with pytest.raises(StationError, match="own number"):
        give(station, phone="13911112222,8462")
    for _ in range(proxies.MOST):
        give(station)
    with pytest.raises(StationError, match="Take one back"):
        give(station)


def test_names_of_long_ago_are_erased_once(station: Station) -> None:
    made = give(station, phone=NEIGHBOUR, name="Li Lei")
    with clock.use(lambda: made.expires_at + proxies.KEEP), transaction():
        assert proxies.forget_people(station.id) == 0
    with clock.use(lambda: made.expires_at + proxies.KEEP + timedelta(seconds=1)), transaction():
        assert (proxies.forget_people(station.id), proxies.forget_people(station.id)) == (1, 0)
        assert proxies.get(station.id, made.proxy_id).name is None
