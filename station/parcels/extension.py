"""Extending the storage time: how often and by how much a station lets a recipient put a parcel's return off.

An extension puts off all levels that have not begun; a level that was entered stays. Whose parcel it is, is for the
caller to check (the resident's pages, a link in a message).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.events.service import Event, append
from station.network import queries as network
from station.network.calendar import MIDNIGHT
from station.network.queries import StationRules
from station.parcels import clock_rules, store
from station.parcels.clock_rules import LONGEST_CLOSURE_DAYS, Deadlines, StorageLevel
from station.parcels.lifecycle import ParcelState, Problem
from station.parcels.station_clock import calendar, deadlines_of
from station.parcels.store import Current


@dataclass(frozen=True, slots=True)
class Extended:
    """How long a parcel waits now. `hours`: what was granted, 0 when it waits long enough without."""

    parcel_id: int
    hours: int
    goes_back_at: datetime


def extend(actor: Actor, parcel_id: int) -> Extended:
    """Put a parcel's storage levels off once more, by the station's hours.

    Raises StationError `extension_refused` with the reason in a sentence, `not_found` or `stale`.
    """
    parcel, rules = store.get(actor.station_id, parcel_id), network.rules(actor.station_id)
    why_not = refusal(parcel, rules, clock.now())
    if why_not:
        raise StationError("extension_refused", why_not)
    return _grant(actor, parcel, rules, times=1)


def keep_until_tomorrow(actor: Actor, parcel_id: int) -> Extended:
    """Let a parcel wait until the station closes tomorrow, or on the next day it opens; extend it only if it must be.

    Raises StationError as `extend` does; `extension_refused` too when all the extensions left do not reach so far.
    """
    parcel, rules = store.get(actor.station_id, parcel_id), network.rules(actor.station_id)
    now = clock.now()
    closing = closing_after_today(rules, now)
    if parcel.state == ParcelState.STORED and waits_until(parcel, rules) >= closing:
        return Extended(parcel.id, 0, waits_until(parcel, rules))
    why_not = refusal(parcel, rules, now)
    if why_not:
        raise StationError("extension_refused", why_not)
    for times in range(1, rules.extensions_most - parcel.extended_times + 1):
        if waits_until(parcel, rules, times) >= closing:
            return _grant(actor, parcel, rules, times=times)
    raise StationError(
        "extension_refused", _("It cannot wait until then. Collect it today, or ask the station.")
    )


def keep_for(actor: Actor, parcel_id: int, hours: int) -> datetime:
    """Let a stored parcel wait `hours` in all, fresh goods less than the station's rules allow; return until when.

    Raises StationError `not_found` or `stale`.
    """
    parcel, rules = store.get(actor.station_id, parcel_id), network.rules(actor.station_id)
    parcel = replace(parcel, extended_h=hours - rules.return_h)
    found = _deadlines(parcel, rules)
    due_at = clock_rules.next_due(found, StorageLevel(parcel.level))
    store.change(actor.station_id, parcel, extended_h=parcel.extended_h, due_at=due_at)
    append(actor, Event("storage_time_set", parcel.id, {"hours": hours}))
    return found.return_at


def refusal(parcel: Current, rules: StationRules, now: datetime) -> str | None:
    """Return why a parcel cannot be extended, in a sentence; None when it can."""
    if not rules.extensions_most:
        return _("This station does not extend storage times.")
    if parcel.state == ParcelState.RETURNING or parcel.problem == Problem.REFUSED:
        return _("Its return has begun, so it cannot wait longer. Ask at the station.")
    if parcel.state != ParcelState.STORED or parcel.stored_at is None:
        return _("This parcel does not wait at the station any more.")
    return _refusal_by_time(parcel, rules, now)


def _refusal_by_time(parcel: Current, rules: StationRules, now: datetime) -> str | None:
    if parcel.extended_h < 0:
        return _("It is fresh and cannot wait longer. Collect it in time, please.")
    level = clock_rules.level_at(_deadlines(parcel, rules), now)
    if StorageLevel.RETURN in (level, parcel.level):
        return _("Its storage time is over and it may go back any moment. Ask at the station.")
    if parcel.extended_times >= rules.extensions_most:
        return _("Its storage time was extended already. It cannot be extended again.")
    return None


def rule_in_words(rules: StationRules) -> str:
    """Return the station's rule as its residents read it."""
    if not rules.extensions_most:
        return _("This station does not extend storage times.")
    hours = ngettext("%(num)s hour", "%(num)s hours", rules.extension_h)
    return ngettext(
        "You can extend the storage time once, by %(hours)s, but not after the return has begun.",
        "You can extend the storage time %(num)s times, by %(hours)s each, but not after the return has begun.",
        rules.extensions_most,
        hours=hours,
    )


def waits_until(parcel: Current, rules: StationRules, more: int = 0) -> datetime:
    """Return when the station may send a stored parcel back, if it is extended `more` times."""
    return _deadlines(parcel, rules, more).return_at


def closing_after_today(rules: StationRules, now: datetime) -> datetime:
    """Return when the station closes (UTC) on its next day of opening after today; a day from now if it has none."""
    days = calendar(rules)
    today = days.local(now).date()
    for ahead in range(1, LONGEST_CLOSURE_DAYS):
        day = today + timedelta(days=ahead)
        hours = days.hours_on(day)
        if hours and hours[-1].closes == MIDNIGHT:
            return days.start_of(day + timedelta(days=1))
        if hours:
            return datetime.combine(day, hours[-1].closes, tzinfo=days.zone).astimezone(UTC)
    return now + timedelta(days=1)


def _deadlines(parcel: Current, rules: StationRules, more: int = 0) -> Deadlines:
    hours = parcel.extended_h + more * rules.extension_h
    return deadlines_of(parcel.stored_at or clock.now(), rules, timedelta(hours=hours))


def _grant(actor: Actor, parcel: Current, rules: StationRules, *, times: int) -> Extended:
    found, hours = _deadlines(parcel, rules, times), times * rules.extension_h
    store.change(
        actor.station_id,
        parcel,
        extended_h=parcel.extended_h + hours,
        extended_times=parcel.extended_times + times,
        due_at=clock_rules.next_due(found, StorageLevel(parcel.level)),
    )
    append(actor, Event("extended", parcel.id, {"hours": hours}))
    return Extended(parcel.id, hours, found.return_at)
