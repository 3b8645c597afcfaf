"""A proxy never opens a parcel it does not name, nor anything after it was used, taken back or too old."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import transaction
from station.core.errors import StationError
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.residents import proxies
from station.residents.proxies import Wish
from tests.factories import Station, make_station, recipient, store

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai
PEOPLE = (("13812344068", "陈晓明"), ("13812344068", "陈小明"), ("13911112222", "Li Lei"))
PHONES = (0, 0, 1)  # which of two phones each uses
PARCELS = 4
NUMBERS = st.integers(0, 11)
DEEDS = ("give", "give_all", "take", "take", "take", "undo", "revoke", "wait")
STEPS = st.lists(st.tuples(st.sampled_from(DEEDS), NUMBERS, NUMBERS), min_size=4, max_size=18)


@dataclass
class Word:
    """What a proxy should open, by the rules as they are written and not as they are coded."""

    id: int
    phone: int
    parcel: int | None
    ends: datetime
    is_over: bool = False


class World:
    """A station with parcels for three people at two phones, and what should be possible."""

    def __init__(self, station: Station) -> None:
        self.station, self.now = station, MORNING
        self.words: list[Word] = []
        with clock.use(lambda: MORNING):
            people = [recipient(station, phone, name) for phone, name in PEOPLE]
            self.people = [one.id for one in people]
            self.parcels = [
                store(station, to=people[number % len(people)]).parcel_id for number in range(PARCELS)
            ]
        self.taken: dict[int, Word] = {}

    def phone_of(self, parcel: int) -> int:
        return PHONES[parcel % len(PEOPLE)]

    def give(self, person: int, parcel: int | None) -> None:
        wish = Wish(self.people[person], self.parcels[parcel] if parcel is not None else None)
        ends = self.now + timedelta(days=7) if parcel is not None else self.midnight()
        with transaction():
            made = proxies.give(self.station.clerk, wish)
        self.words.append(Word(made.proxy_id, PHONES[person], parcel, ends))

    def midnight(self) -> datetime:
        local = self.now + timedelta(hours=8)
        return datetime(local.year, local.month, local.day, tzinfo=UTC) + timedelta(days=1, hours=-8)

    def take(self, word: Word, parcel: int) -> None:
        may = (
            not word.is_over
            and self.now < word.ends
            and word.parcel in (None, parcel)
            and word.phone == self.phone_of(parcel)
            and parcel not in self.taken
        )
        assert self.leaves(word, parcel) == may
        if not may:
            return
        self.taken[parcel] = word
        word.is_over = word.parcel is not None

    def leaves(self, word: Word, parcel: int) -> bool:
        try:
            with transaction():
                hand_over.hand_over(self.station.clerk, self.parcels[parcel], Taker(proxy_id=word.id))
        except StationError:
            return False
        return True

    def undo(self, parcel: int) -> None:
        with transaction():
            hand_over.undo_hand_over(self.station.clerk, self.parcels[parcel], reason="wrong_person")
        word = self.taken.pop(parcel)
        word.is_over = word.is_over and word.parcel is None

    def revoke(self, word: Word) -> None:
        with transaction():
            proxies.revoke(self.station.clerk, word.id)
        # What was used or is too old already is not taken back; being used it may come back by an undo.
        word.is_over = True
        if word.parcel is not None and self.taken.get(word.parcel) is word:
            return
        word.ends = MORNING

    def do(self, deed: str, one: int, other: int) -> None:
        if deed == "wait":
            self.now += timedelta(hours=(1, 5, 26, 100)[one % 4])
        elif deed in ("give", "give_all"):
            parcel = one % PARCELS
            own = parcel % len(PEOPLE)
            # Sometimes for a parcel of somebody else: it must open nothing, whoever gave it.
            person = own if other % 3 else (own + 1) % len(PEOPLE)
            self.give(person, parcel if deed == "give" else None)
        elif deed == "undo" and self.taken:
            self.undo(list(self.taken)[one % len(self.taken)])
        elif self.words and deed in ("take", "revoke"):
            word = self.words[one % len(self.words)]
            self.take(word, other % PARCELS) if deed == "take" else self.revoke(word)


@given(STEPS)
@settings(max_examples=40)
def test_a_proxy_opens_what_it_names_while_it_holds(app: Flask, steps: list[tuple[str, int, int]]) -> None:
    world = World(make_station())
    for deed, one, other in steps:
        with clock.use(lambda: world.now):
            world.do(deed, one, other)
