"""The traffic of a day as a plan: which courier comes when, with which parcels, and what becomes of each. Pure.

The shares that the product promises are here; carrying the plan out is run.py's.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from station.carriers.detection import s10_check_digit
from station.simulator.people import Person, Town

Thing = TypeVar("Thing")

# Shares of the parcels; source: ours, a mixed neighbourhood.
CARRIERS = {
    "zto": 22, "yto": 18, "sto": 14, "yunda": 13, "jt": 11, "sf": 8, "jd": 6, "ems": 4, "cainiao": 2, "deppon": 1,
    "s10": 1,
}  # fmt: skip
SIZES = {"small": 45, "medium": 40, "large": 15}
MORNING = (time(8), time(11, 15))  # when a morning run begins; its scanning ends before 12
MORNING_SHARE = 0.70  # of the arrivals between 8 and 12 (issue: simulator)
AFTERNOON_HOURS = {12: 3, 13: 5, 14: 6, 15: 5, 16: 4, 17: 3, 18: 1}
# People come when they are home from work: 17 to 20 holds 46 of 100, at least 40 are asked for (issue: simulator).
COLLECTION_HOURS = {
    8: 2, 9: 4, 10: 5, 11: 6, 12: 8, 13: 6, 14: 4, 15: 4, 16: 6, 17: 14, 18: 18, 19: 14, 20: 9,
}  # fmt: skip
DAYS_UNTIL_COLLECTED = {
    0: 60,
    1: 28,
    2: 12,
}  # the latest, 20:59 on the third day, is below 72 h after any arrival
DAYS_UNTIL_COLLECTED_LATE = {4: 4, 5: 2, 6: 1}  # above 72 h after any arrival
WAY_TO_THE_STATION = timedelta(minutes=20)
ANNOUNCED_SHARE = 0.55
DECLARED_SHARE = 0.35  # of the deliveries: the courier says that the recipients agreed


class Fate(StrEnum):
    """What becomes of a parcel."""

    COLLECTED = "collected"
    LATE = "late"  # collected after 72 h
    FORGOTTEN = "forgotten"  # goes back after 7 days
    MOVED = "moved"
    RESCANNED = "rescanned"  # checked in by mistake, undone, scanned again
    NO_PHONE = "no_phone"  # the label cannot be read
    REFUSED = "refused"
    DAMAGED = "damaged"
    MISTAKEN = "mistaken"  # handed to the wrong person, brought back
    HELD = "held"
    WRONG_STATION = "wrong_station"
    LOST = "lost"  # and written off in the end
    FOUND = "found"  # lost for a while


# In parts of 1000. Late and forgotten are the 5 % past 72 h (issue: simulator); the others: ours, rare but seen.
FATES = {
    Fate.COLLECTED: 838, Fate.LATE: 28, Fate.FORGOTTEN: 22, Fate.MOVED: 30, Fate.RESCANNED: 10, Fate.NO_PHONE: 20,
    Fate.REFUSED: 14, Fate.DAMAGED: 12, Fate.MISTAKEN: 8, Fate.HELD: 8, Fate.WRONG_STATION: 4, Fate.LOST: 3,
    Fate.FOUND: 3,
}  # fmt: skip
# These wait alone: a neighbour who comes for another parcel would take them along.
WAITS_ALONE = frozenset({Fate.LATE, Fate.FORGOTTEN})


@dataclass(frozen=True, slots=True)
class Planned:
    """A parcel on its way."""

    waybill: str
    person: Person
    size_class: str
    fate: Fate
    is_announced: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """A courier's visit: one carrier's parcels, small ones first."""

    at: datetime
    carrier: str
    parcels: tuple[Planned, ...]
    is_declared: bool


def plan_day(rng: random.Random, town: Town, day: date, *, zone: ZoneInfo, parcels: int) -> list[Delivery]:
    """Return the deliveries of a local day, in order of time: each carrier comes in the morning and again later."""
    mornings = round(parcels * MORNING_SHARE)
    found: list[Delivery] = []
    for count, choose in ((mornings, _morning), (parcels - mornings, _afternoon)):
        loaded = Counter(rng.choices(list(CARRIERS), list(CARRIERS.values()), k=count))
        for carrier in sorted(loaded):
            at = datetime.combine(day, choose(rng), zone)
            found.append(plan_delivery(rng, town, at, carrier=carrier, parcels=loaded[carrier]))
    return sorted(found, key=lambda delivery: delivery.at)


def plan_delivery(rng: random.Random, town: Town, at: datetime, *, carrier: str, parcels: int) -> Delivery:
    """Return one courier's visit with so many parcels."""
    fates = rng.choices(list(FATES), list(FATES.values()), k=parcels)
    return load(rng, town, at, carrier=carrier, fates=fates)


def load(rng: random.Random, town: Town, at: datetime, *, carrier: str, fates: Sequence[Fate]) -> Delivery:
    """Return one courier's visit with a parcel for each of `fates`."""
    planned = [_planned(rng, town, carrier, fate) for fate in fates]
    by_size = sorted(planned, key=lambda parcel: list(SIZES).index(parcel.size_class))
    return Delivery(at, carrier, tuple(by_size), rng.random() < DECLARED_SHARE)


def _planned(rng: random.Random, town: Town, carrier: str, fate: Fate) -> Planned:
    return Planned(
        waybill=waybill(rng, carrier),
        person=town.newcomer() if fate in WAITS_ALONE else town.neighbour(),
        size_class=weighted(rng, SIZES),
        fate=fate,
        is_announced=rng.random() < ANNOUNCED_SHARE and fate is not Fate.NO_PHONE,
    )


def collection_time(rng: random.Random, stored_at: datetime, *, days: Mapping[int, int]) -> datetime:
    """Return when a parcel that was stored at this local time is fetched; `days`: weights of whole days later.

    On the day itself only hours that are still to come count, so the evening gets what the morning cannot take.
    """
    later, ready = weighted(rng, days), stored_at + WAY_TO_THE_STATION
    is_today = later == 0 and ready.date() == stored_at.date()
    hours = {
        hour: weight for hour, weight in COLLECTION_HOURS.items() if later or (is_today and hour > ready.hour)
    }
    if not hours:
        later, hours = 1, COLLECTION_HOURS
    day = stored_at.date() + timedelta(days=later)
    return _within(rng, day, weighted(rng, hours), stored_at.tzinfo)


def weighted(rng: random.Random, weights: Mapping[Thing, int]) -> Thing:
    """Return one of the keys, drawn by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def _morning(rng: random.Random) -> time:
    begins, ends = (moment.hour * 60 + moment.minute for moment in MORNING)
    minute = rng.randrange(begins, ends)
    return time(minute // 60, minute % 60, rng.randrange(60))


def _afternoon(rng: random.Random) -> time:
    return time(weighted(rng, AFTERNOON_HOURS), rng.randrange(60), rng.randrange(60))


def _within(rng: random.Random, day: date, hour: int, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), zone)


# One current form of each carrier (carriers.catalogue.PATTERNS), chosen so that no other carrier's fits as well.
_FORMS = {
    "sf": ("SF1", 12), "zto": ("78", 12), "yto": ("YT8", 12), "sto": ("77", 13), "yunda": ("46", 13), "jt": ("JT5", 12),
    "jd": ("JDVA", 11), "ems": ("98", 11), "cainiao": ("621", 12), "deppon": ("DPK", 12),
}  # fmt: skip
_POST_COUNTRIES = ("DE", "FR", "GB", "JP", "US")


def waybill(rng: random.Random, carrier: str) -> str:
    """Return a waybill of the form the carrier uses today."""
    if carrier == "s10":
        serial = _digits(rng, 8)
        return f"R{rng.choice('ABLR')}{serial}{s10_check_digit(serial)}{rng.choice(_POST_COUNTRIES)}"
    prefix, digits = _FORMS[carrier]
    return prefix + _digits(rng, digits)


def _digits(rng: random.Random, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}d}"
