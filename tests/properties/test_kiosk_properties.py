"""Whatever is asked of the kiosks' API, in any order: a parcel leaves once, with its own label, to who may take it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from station.accounts import devices
from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.kiosks import hashes, waiting
from station.kiosks.lifecycle import VISIT
from station.parcels import codes, hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.models import HandOver
from station.residents import proxies
from station.residents.proxies import Wish
from tests import invariants
from tests.factories import Station, make_station, recipient, store
from tests.http.kiosks import Kiosk, allow, code, digits, make_kiosk
from tests.services.kiosks import agree

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai
PHONES, TAILS = ("13812344068", "13911112222"), ("4068", "2222")
PEOPLE = ((0, "陈晓明"), (0, "李雷"), (1, "韩梅梅"))  # which phone each uses
AGREED = (0,)  # to collecting by face
PARCELS = 4
WAYS = ("identity_code", "six_digits", "pickup_code", "proxy_code", "face")
NUMBERS = st.integers(0, 11)
DEEDS = ("show", "show", "release", "release", "release", "replay", "replay", "give", "revoke", "counter")
STEP = st.tuples(st.sampled_from((*DEEDS, "undo", "hold", "wait")), NUMBERS, NUMBERS, NUMBERS)


@dataclass
class Word:
    """Somebody's word that another may collect: for one parcel or all, by code or to the other phone."""

    id: int
    giver: int
    parcel: int | None
    code: str | None
    is_over: bool = False


@dataclass
class Visit:
    """A visit that the station began, and what its person may take by the rules as they are written."""

    kiosk: int
    id: str
    began: datetime
    phone: int | None = None
    parcel: int | None = None
    word: Word | None = None
    text: str = ""


@dataclass
class World:
    """A station with two kiosks, three people at two phones, and what should be possible."""

    station: Station
    kiosks: list[Kiosk]
    now: datetime = MORNING
    people: list[Any] = field(default_factory=list)
    parcels: list[Any] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    told: list[tuple[int, dict[str, Any], Any]] = field(default_factory=list)
    taken: dict[int, Word | None] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    keys: int = 0

    def phone_of(self, parcel: int) -> int:
        return PEOPLE[parcel % len(PEOPLE)][0]

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys:06d}"

    # What should be

    def word_for(self, visit: Visit, parcel: int) -> Word | None:
        """Return the word by which somebody may take another's parcel now, the narrowest one."""
        if visit.word:
            return visit.word if self.reaches(visit.word, parcel) else None
        words = [one for one in self.words if one.code is None and self.reaches(one, parcel)]
        fitting = [one for one in words if visit.phone is not None and one.giver != visit.phone]
        return min(fitting, key=lambda one: (one.parcel is None, one.id), default=None)

    def reaches(self, word: Word, parcel: int) -> bool:
        is_named = word.parcel in (None, parcel) and self.phone_of(parcel) == word.giver
        return is_named and not word.is_over

    def may(self, visit: Visit, parcel: int, label: int) -> bool:
        if parcel in self.taken or parcel in self.held or parcel != label:
            return False
        is_own = visit.phone == self.phone_of(parcel) or visit.parcel == parcel
        return is_own or self.word_for(visit, parcel) is not None

    def leave(self, visit: Visit, parcel: int) -> None:
        is_own = visit.phone == self.phone_of(parcel) or visit.parcel == parcel
        word = None if is_own else self.word_for(visit, parcel)
        self.taken[parcel] = word
        if word and word.parcel is not None:
            word.is_over = True

    # What is done

    def show(self, kiosk: int, one: int, how: int) -> None:
        """Show something right, or something wrong: only what is right begins a visit."""
        way, is_right = WAYS[one % len(WAYS)], how % 3 != 0
        said, visit = getattr(self, f"_{way}")(one, how, is_right)
        if said is None:
            return
        kiosk = kiosk % 2
        visit.kiosk, visit.began = kiosk, self.now
        body = {"way": way, "at": self.now.isoformat()} | said
        answer = self.kiosks[kiosk].post("/sessions", body, key=self.key())
        if answer.status_code != 200:
            # What is right may be too much or too late: six digits count once in a step.
            assert not is_right or answer.json["code"] in {"too_many_attempts", "six_digits_wrong"}
            return
        assert is_right
        visit.id = answer.json["session_id"]
        shown = {int(parcel["parcel_id"]) for parcel in answer.json["parcels"]}
        takeable = {self.parcels[each].parcel_id for each in range(PARCELS) if self.may(visit, each, each)}
        held = {self.parcels[each].parcel_id for each in self.held}
        assert shown - held == takeable - held
        self.visits.append(visit)

    def _identity_code(self, one: int, how: int, is_right: bool) -> tuple[Any, Visit]:
        person = how % len(PEOPLE)
        used = [visit.text for visit in self.visits if visit.text]
        if not is_right:
            return ({"text": used[one % len(used)]} if used else None), Visit(0, "", self.now)
        text = code(self.station, self.people[person])
        return {"text": text}, Visit(0, "", self.now, phone=PEOPLE[person][0], text=text)

    def _six_digits(self, one: int, how: int, is_right: bool) -> tuple[Any, Visit]:
        person = how % len(PEOPLE)
        phone = PEOPLE[person][0]
        right = digits(self.station, self.people[person])
        said = {"tail": TAILS[phone if is_right else 1 - phone], "digits": right}
        return said, Visit(0, "", self.now, phone=phone)

    def _pickup_code(self, one: int, how: int, is_right: bool) -> tuple[Any, Visit]:
        parcel = how % PARCELS
        phone = self.phone_of(parcel)
        if parcel in self.taken:
            return None, Visit(0, "", self.now)
        said = {
            "code": self.parcels[parcel].pickup_code,
            "tail": TAILS[phone if is_right else 1 - phone],
        }
        return said, Visit(0, "", self.now, parcel=parcel)

    def _proxy_code(self, one: int, how: int, is_right: bool) -> tuple[Any, Visit]:
        words = [word for word in self.words if word.code and word.is_over is not is_right]
        if not words:
            return None, Visit(0, "", self.now)
        word = words[how % len(words)]
        return {"code": word.code}, Visit(0, "", self.now, word=word)

    def _face(self, one: int, how: int, is_right: bool) -> tuple[Any, Visit]:
        person = AGREED[0] if is_right else 2
        said = {"recipient_id": str(self.people[person].id)}
        return said, Visit(0, "", self.now, phone=PEOPLE[person][0])

    def release(self, one: int, parcel: int, how: int) -> None:
        """Ask for a parcel, sometimes with another's label, sometimes at another kiosk, sometimes too late."""
        if not self.visits:
            return
        visit = self.visits[one % len(self.visits)]
        parcel, label = parcel % PARCELS, (parcel + (how % 5 == 0)) % PARCELS
        kiosk = visit.kiosk if how % 4 else 1 - visit.kiosk
        body = {
            "session_id": visit.id,
            "parcel_id": str(self.parcels[parcel].parcel_id),
            "waybill": self.parcels[label].waybill,
            "at": self.now.isoformat(),
        }
        may = self.may(visit, parcel, label) and kiosk == visit.kiosk and self.now < visit.began + VISIT
        key = self.key()
        first, again = (self.kiosks[kiosk].post("/releases", body, key=key) for _ in range(2))
        assert (first.status_code == 200) == may, first.text
        assert first.get_data() == again.get_data()
        if may:
            self.leave(visit, parcel)

    def replay(self, one: int, parcel: int, how: int) -> None:
        """Tell of something offline: with right proof, with wrong proof, or once more what was told before."""
        if how % 4 == 3 and self.told:
            kiosk, body, before = self.told[one % len(self.told)]
            assert self.kiosks[kiosk].post("/replays", body, key=self.key()).json == before
            return
        kiosk, parcel, label = one % 2, parcel % PARCELS, (parcel + (one % 5 == 0)) % PARCELS
        session, visit = self._offline(kiosk, parcel, how)
        body = {
            "key": self.key(),
            "session": session | {"began_at": self.now.isoformat()},
            "parcel_id": str(self.parcels[parcel].parcel_id),
            "waybill": self.parcels[label].waybill,
            "at": self.now.isoformat(),
        }
        may = visit is not None and self.may(visit, parcel, label)
        answer = self.kiosks[kiosk].post("/replays", body, key=self.key())
        assert (answer.json["outcome"] == "accepted") == may, answer.text
        self.told.append((kiosk, body, answer.json))
        if visit and may:
            self.leave(visit, parcel)

    def _offline(self, kiosk: int, parcel: int, how: int) -> tuple[dict[str, str], Visit | None]:
        """Return what was shown offline, and whom it proves; None for what proves nobody."""
        phone = self.phone_of(parcel)
        if how % 3 == 0:
            person = how % len(PEOPLE)
            visit = Visit(kiosk, "", self.now, phone=PEOPLE[person][0])
            return {"way": "identity_code", "text": code(self.station, self.people[person])}, visit
        if how % 3 == 1:
            person = AGREED[0] if how % 2 else 2
            said = {"way": "face", "recipient_id": str(self.people[person].id)}
            return said, Visit(kiosk, "", self.now, phone=PEOPLE[person][0]) if how % 2 else None
        is_right = how % 2 == 0
        said = {
            "way": "pickup_code",
            "code_hash": self._hash(kiosk, parcel, phone if is_right else 1 - phone),
        }
        return said, Visit(kiosk, "", self.now, parcel=parcel) if is_right else None

    def _hash(self, kiosk: int, parcel: int, phone: int) -> str:
        with reading():
            key = waiting.key_of(devices.authenticate_device(self.kiosks[kiosk].token))
        canonical = codes.canonical(codes.parse(self.parcels[parcel].pickup_code))
        return hashes.weak(key.salt, canonical, TAILS[phone])

    def give(self, parcel: int, one: int, how: int) -> None:
        parcel = parcel % PARCELS
        giver = self.phone_of(parcel)
        to = parse(PHONES[1 - giver]) if how % 2 else None
        named = parcel if one % 2 else None
        wish = Wish(
            self.people[parcel % len(PEOPLE)].id,
            None if named is None else self.parcels[parcel].parcel_id,
            phone=to,
        )
        with transaction():
            made = proxies.give(self.station.clerk, wish)
        self.words.append(Word(made.proxy_id, giver, named, made.code))

    def revoke(self, one: int, _other: int, _how: int) -> None:
        words = [word for word in self.words if not word.is_over]
        if words:
            word = words[one % len(words)]
            with transaction():
                proxies.revoke(self.station.clerk, word.id)
            word.is_over = True

    def counter(self, parcel: int, _one: int, _how: int) -> None:
        if parcel % PARCELS not in {*self.taken, *self.held}:
            with transaction():
                hand_over.hand_over(self.station.clerk, self.parcels[parcel % PARCELS].parcel_id, Taker())
            self.taken[parcel % PARCELS] = None

    def undo(self, one: int, _other: int, _how: int) -> None:
        if self.taken:
            parcel = list(self.taken)[one % len(self.taken)]
            with transaction():
                hand_over.undo_hand_over(
                    self.station.clerk, self.parcels[parcel].parcel_id, reason="wrong_person"
                )
            word = self.taken.pop(parcel)
            if word and word.parcel is not None:
                word.is_over = False

    def hold(self, parcel: int, _one: int, _how: int) -> None:
        if parcel % PARCELS not in {*self.taken, *self.held}:
            with transaction():
                handling.hold(
                    self.station.clerk, self.parcels[parcel % PARCELS].parcel_id, reason="complaint"
                )
            self.held.add(parcel % PARCELS)

    def wait(self, one: int, _other: int, _how: int) -> None:
        self.now += timedelta(seconds=(31, 95, 301, 660)[one % 4])


def make_world(app: Flask) -> World:
    station = make_station()
    with clock.use(lambda: MORNING):
        allow(station)
        kiosks = [make_kiosk(app, station) for _ in range(2)]
        world = World(station, kiosks)
        world.people = [recipient(station, PHONES[phone], name) for phone, name in PEOPLE]
        for person in AGREED:
            agree(station, world.people[person], PHONES[PEOPLE[person][0]])
        world.parcels = [store(station, to=world.people[one % len(PEOPLE)]) for one in range(PARCELS)]
    return world


def left(world: World) -> set[int]:
    """Return which parcels left, by the books."""
    with reading():
        valid = (HandOver.station_id == world.station.id, HandOver.undone_at.is_(None))
        gone = list(connection().scalars(select(HandOver.parcel_id).where(*valid)))
    assert len(gone) == len(set(gone))
    return {number for number in range(PARCELS) if world.parcels[number].parcel_id in gone}


@given(st.lists(STEP, min_size=4, max_size=20))
@settings(max_examples=40)
def test_a_parcel_leaves_once_to_who_may_take_it_and_by_its_own_label(
    app: Flask, steps: list[tuple[str, int, int, int]]
) -> None:
    world = make_world(app)
    for deed, one, other, how in steps:
        with clock.use(lambda: world.now):
            getattr(world, deed)(one, other, how)
        assert left(world) == set(world.taken)
    with clock.use(lambda: world.now):
        invariants.check(world.station.id)
        invariants.chain_is_whole(world.station.id)
