"""Whatever becomes of carriers' parcels, their figures are those of a plain count, and the lists are as long."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from station.core.db import reading, transaction
from station.parcels import handling
from station.parcels.hand_over import Taker, hand_over
from station.parcels.lifecycle import ConsentBasis, Problem
from station.quality import queries
from station.quality.measures import Measure
from station.quality.parcel_queries import Asked, behind
from station.quality.periods import Period
from station.quality.rates import Tally
from tests import quality
from tests.factories import Station, make_station
from tests.quality import MONDAY, ZONE, announce, at, bring, mark

DAYS = 14  # two weeks, so that both have something of each other's
WEEKS = [Period(MONDAY + 7 * n * timedelta(days=1), MONDAY + (7 * n + 6) * timedelta(days=1)) for n in (0, 1)]
MARKS = {Problem.DAMAGED: Measure.DAMAGED, Problem.WRONG_STATION: Measure.WRONG_STATION}
CARRIERS = ("zto", "yto")


@dataclass(frozen=True)
class Life:
    """A parcel: announced for a day or not at all, brought in an hour or never, and what is found out about it."""

    carrier: str
    announced: int | None  # day
    brought: int | None  # hour
    has_phone: bool
    is_agreed: bool
    marks: frozenset[Problem]
    is_solved: bool
    leaves: bool

    @property
    def day(self) -> date | None:
        """The day it is announced for."""
        return None if self.announced is None else MONDAY + timedelta(days=self.announced)

    @property
    def arrival(self) -> datetime | None:
        """When it is checked in."""
        start = datetime.combine(MONDAY, time(0, 30), ZONE)
        return None if self.brought is None else start + timedelta(hours=self.brought)

    @property
    def faults(self) -> set[Measure]:
        """What is recorded of it at and after its check-in."""
        found = {MARKS[problem] for problem in self.marks}
        found |= set() if self.has_phone else {Measure.NO_PHONE}
        return found if self.is_agreed else found | {Measure.CONSENT_MISSING}

    @property
    def is_late(self) -> bool:
        """Whether it was not here when its day was over."""
        arrival = self.arrival
        return arrival is None or (self.day is not None and arrival.date() > self.day)


LIVES = st.builds(
    Life,
    carrier=st.sampled_from(CARRIERS),
    announced=st.none() | st.integers(0, DAYS - 1),
    brought=st.none() | st.integers(0, DAYS * 24 - 1),
    has_phone=st.booleans(),
    is_agreed=st.booleans(),
    marks=st.frozensets(st.sampled_from(list(MARKS))),
    is_solved=st.booleans(),
    leaves=st.booleans(),
)


def live(station: Station, life: Life, number: str | None) -> None:
    """Bring a parcel and let everything be found out about it."""
    known = {"waybill": number} if number else {}
    consent = ConsentBasis.STANDING if life.is_agreed else ConsentBasis.UNKNOWN
    problem = None if life.has_phone else Problem.NO_PHONE
    parcel = bring(station, life.carrier, consent=consent, problem=problem, **known).parcel_id
    for what in sorted(life.marks):
        mark(station, parcel, what)
    if life.is_solved:
        with transaction():
            handling.clear_problem(station.clerk, parcel)
    if life.leaves:
        with transaction():
            hand_over(station.clerk, parcel, Taker())


def lived(lives: list[Life]) -> Station:
    """Return a station where all this has happened, in the order of time."""
    station = make_station()
    quality.fresh_ids()
    numbers: dict[int, str] = {}
    with at(datetime.combine(MONDAY, time(), ZONE)):
        for place, life in enumerate(lives):
            if life.day is not None:
                (numbers[place],) = announce(station, life.day, carrier=life.carrier)
    in_time = sorted((life.arrival, place) for place, life in enumerate(lives) if life.arrival is not None)
    for moment, place in in_time:
        with at(moment):
            live(station, lives[place], numbers.get(place))
    return station


def expected(lives: list[Life], week: Period, carrier: str) -> dict[Measure, Tally]:
    """Count by hand."""

    def is_within(day: date | None) -> bool:
        return day is not None and week.first <= day <= week.last

    mine = [life for life in lives if life.carrier == carrier]
    came = [life for life in mine if life.arrival and is_within(life.arrival.date())]
    due = [life for life in mine if is_within(life.day)]
    tallies = {measure: Tally(sum(measure in life.faults for life in came), len(came)) for measure in Measure}
    return tallies | {Measure.LATE: Tally(sum(life.is_late for life in due), len(due))}


@given(st.lists(LIVES, max_size=7))
@settings(max_examples=25)
def test_figures_are_those_of_a_plain_count(web: object, lives: list[Life]) -> None:
    station = lived(lives)
    over = datetime.combine(MONDAY + timedelta(days=DAYS), time(), ZONE)
    with at(over), reading():
        for week in WEEKS:
            found = queries.figures(station.id, week, zone=ZONE)
            for carrier in CARRIERS:
                by_hand = expected(lives, week, carrier)
                tallies = found[carrier].tallies if carrier in found else dict.fromkeys(Measure, Tally())
                assert tallies == by_hand
                assert lengths(station, week, carrier) == {one: by_hand[one].count for one in Measure}


def lengths(station: Station, week: Period, carrier: str) -> dict[Measure, int]:
    """Return how many parcels stand behind each number."""
    asked = {measure: Asked(station.id, carrier, measure, week, ZONE) for measure in Measure}
    return {measure: len({one.parcel_id for one in behind(wanted)}) for measure, wanted in asked.items()}
