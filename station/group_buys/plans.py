"""What a campaign is to be: every value the manager chooses, its bounds, and what may change once people buy. Pure.

Refusals are StationErrors in the words of the form.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import MOST_MINOR
from station.group_buys import prices
from station.group_buys.prices import Tier
from station.shelves.storage import Storage

# Bounds are ours: no station shares out more, and every product of two of them fits a 63-bit amount.
MOST_UNITS = 100_000
MOST_BOX = 10_000
MOST_HOURS = 30 * 24
LEAST_CLAIM_H = 24  # ours: who collects in the evening opens the bag the next day
FULL_BP = 10_000  # basis points: all of it
LONGEST_AHEAD = timedelta(days=366)
MOST_POINTS = 20
TITLE, TEXT, UNIT = 80, 4_000, 60  # characters


class Pays(StrEnum):
    """When buyers pay."""

    BEFORE = "before"
    AT_PICKUP = "at_pickup"


class AtCutOff(StrEnum):
    """What happens at cut-off."""

    CLOSE = "close"
    CLOSE_IF_MINIMUM = "close_if_minimum"
    CLOSE_AND_ORDER = "close_and_order"


class UnclaimedRule(StrEnum):
    """What happens to goods nobody collects, and to the money for them."""

    REFUND = "refund"
    DONATE = "donate"
    KEEP_CHARGE = "keep_charge"


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A station where orders are collected, and its part of the sale in basis points."""

    station_id: int
    share_bp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything the manager chooses.

    None: no minimum, no maximum, no limit, at once, the station's own hours, the time for claims by the storage.
    """

    title: str
    text: str
    unit: str
    supplier_id: int
    currency: str
    tiers: tuple[Tier, ...]
    points: tuple[Point, ...]
    storage: Storage = Storage.ROOM
    minimum_total: int | None = None
    maximum_total: int | None = None
    per_person_most: int | None = None
    box_size: int = 1
    commission_bp: int = 0
    pays: Pays = Pays.BEFORE
    at_cut_off: AtCutOff = AtCutOff.CLOSE
    opens_at: datetime | None = None
    cut_off_at: datetime
    arrives_on: date
    collect_h: int | None = None
    unclaimed_rule: UnclaimedRule = UnclaimedRule.REFUND
    claim_h: int | None = None


ON_CAMPAIGN = tuple(field.name for field in fields(Plan) if field.name not in ("tiers", "points"))
"""The values that stand in the campaign's own row."""


def check(plan: Plan, *, now: datetime, zone: str) -> None:
    """Raise StationError `bad_input` for a plan that cannot be kept, in the words of what is wrong first."""
    for is_wrong, sentence in (
        *_of_words(plan),
        *_of_numbers(plan),
        *_of_money(plan),
        *_of_times(plan, now, zone),
    ):
        if is_wrong:
            raise StationError("bad_input", sentence)


def _of_words(plan: Plan) -> tuple[tuple[bool, str], ...]:
    return (
        (not plan.title, _("Give the campaign a title.")),
        (not plan.unit, _("Say what one unit is, such as: box of 6, 1.5 kg.")),
    )


def _of_numbers(plan: Plan) -> tuple[tuple[bool, str], ...]:
    low, high, each = plan.minimum_total, plan.maximum_total, plan.per_person_most
    counts = [value for value in (low, high, each) if value is not None]
    return (
        (
            any(not 1 <= value <= MOST_UNITS for value in counts),
            _("Minimum, maximum and limit are whole numbers from 1 to %(most)s.", most=MOST_UNITS),
        ),
        (low is not None and high is not None and low > high, _("The minimum is more than the maximum.")),
        (
            each is not None and high is not None and each > high,
            _("One person may not have more than the maximum."),
        ),
        (not 1 <= plan.box_size <= MOST_BOX, _("A box holds 1 to %(most)s units.", most=MOST_BOX)),
        (
            high is not None and high < plan.box_size,
            _("The maximum is less than one box: nothing could ever be ordered."),
        ),
        (
            plan.collect_h is not None and not 1 <= plan.collect_h <= MOST_HOURS,
            _("The time to collect is 1 to %(most)s hours.", most=MOST_HOURS),
        ),
        (
            plan.claim_h is not None and not LEAST_CLAIM_H <= plan.claim_h <= MOST_HOURS,
            _(
                "The time for complaints is %(least)s to %(most)s hours.",
                least=LEAST_CLAIM_H,
                most=MOST_HOURS,
            ),
        ),
        (
            plan.at_cut_off is AtCutOff.CLOSE_IF_MINIMUM and low is None,
            _("Without a minimum there is nothing to wait for at cut-off. Type one, or choose another way."),
        ),
    )


def _of_money(plan: Plan) -> tuple[tuple[bool, str], ...]:
    shares = plan.commission_bp + max((point.share_bp for point in plan.points), default=0)
    parts = (plan.commission_bp, *(point.share_bp for point in plan.points))
    return (
        (
            not prices.are_sound(plan.tiers),
            _(
                "Prices begin with the first unit and fall as the total grows, in at most %(most)s steps.",
                most=prices.MOST_TIERS,
            ),
        ),
        (
            any(
                tier.unit_price_minor > MOST_MINOR // MOST_UNITS or tier.from_total > MOST_UNITS
                for tier in plan.tiers
            ),
            _("This price or total is too large."),
        ),
        (
            any(part < 0 for part in parts) or shares > FULL_BP,
            _("Commission and share are at most the whole sale together."),
        ),
        (not 1 <= len(plan.points) <= MOST_POINTS, _("Choose where orders are collected.")),
    )


def _of_times(plan: Plan, now: datetime, zone: str) -> tuple[tuple[bool, str], ...]:
    begins = plan.opens_at or now
    last_day = plan.cut_off_at.astimezone(ZoneInfo(zone)).date()
    return (
        (plan.cut_off_at <= now, _("The cut-off is over already. Choose a later one.")),
        (plan.cut_off_at <= begins, _("The cut-off comes before the beginning.")),
        (plan.cut_off_at > now + LONGEST_AHEAD, _("The cut-off is more than a year away.")),
        (plan.arrives_on < last_day, _("The goods cannot arrive before the cut-off.")),
        (plan.arrives_on > last_day + LONGEST_AHEAD, _("The arrival is more than a year away.")),
    )


def _may_grow(old: int | None, new: int | None) -> bool:
    return old is not None and (new is None or new > old)


def _may_add(old: tuple[Point, ...], new: tuple[Point, ...]) -> bool:
    return set(old) <= set(new)


# What may change while people buy: only what cannot hurt a buyer. Everything else is theirs as they ordered it.
WHILE_OPEN: dict[str, Callable[[Any, Any], bool]] = {
    "text": lambda old, new: True,
    "cut_off_at": lambda old, new: bool(new > old),
    "maximum_total": _may_grow,
    "points": _may_add,
}


def changed(old: Plan, new: Plan) -> tuple[str, ...]:
    """Return the names of the values that differ, in the order of the form."""
    return tuple(field.name for field in fields(Plan) if getattr(old, field.name) != getattr(new, field.name))


def forbidden(old: Plan, new: Plan) -> tuple[str, ...]:
    """Return the changes that an open campaign does not allow."""
    return tuple(
        name
        for name in changed(old, new)
        if name not in WHILE_OPEN or not WHILE_OPEN[name](getattr(old, name), getattr(new, name))
    )
