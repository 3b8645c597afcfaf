"""What the acts of a simulation share: the station, its staff, the people, the time, and who has what waiting."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from station.accounts import queries as accounts
from station.core.actor import Actor, ActorKind
from station.core.db import transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.shelves import queries as shelves
from station.shelves.placing import suggest
from station.shelves.queries import LayerFacts
from station.shelves.storage import Storage
from station.simulator.agenda import Agenda
from station.simulator.people import Person, Town
from station.simulator.traffic import Planned


@dataclass(frozen=True, slots=True)
class Kept:
    """A parcel that was stored."""

    id: int
    planned: Planned
    recipient_id: int | None
    problem: str | None


@dataclass
class World:
    """A station at work in simulated time. `done` counts what happened, by word."""

    station_id: int
    zone: ZoneInfo
    staff: tuple[Actor, ...]
    rng: random.Random
    town: Town
    agenda: Agenda
    waiting: dict[Person, list[Kept]] = field(default_factory=lambda: defaultdict(list))
    done: Counter[str] = field(default_factory=Counter)

    @property
    def local_now(self) -> datetime:
        """The simulated time as the station's clock shows it."""
        return self.agenda.now.astimezone(self.zone)

    def clerk(self) -> Actor:
        """Return somebody of the staff."""
        return self.rng.choice(self.staff)

    def row_for(
        self, size_class: str, current: int | None = None, *, needs: str | None = None
    ) -> LayerFacts | None:
        """Return the row the station suggests for a parcel or bag, None when every row is full."""
        layers = shelves.layers(self.station_id)
        found = suggest(layers, size_class, current, needs=needs)
        return next(layer for layer in layers if layer.id == found[0].layer_id) if found else None

    def any_row(self) -> LayerFacts | None:
        """Return a row to stand at though it may be full; None when the station has no shelf for parcels."""
        layers = shelves.layers(self.station_id)
        return next(
            (layer for layer in layers if not layer.is_set_aside and layer.storage == Storage.ROOM), None
        )

    def later(self, after: timedelta, word: str, act: Callable[[], object]) -> None:
        """Plan that somebody does something after a while, in a transaction of its own; counted as `word`."""
        self.agenda.plan(self.agenda.now + after, lambda: self.attempt(word, act))

    def attempt(self, word: str, act: Callable[[], object]) -> None:
        """Let somebody do something in a transaction of its own; counted as `word`, or by the refusal's code.

        People try what is not possible any more, in life as here: the parcel is gone, the shelf is full.
        """
        try:
            with transaction():
                act()
        except StationError as error:
            self.done[error.code] += 1
        else:
            self.done[word] += 1


def staff_of(station_id: int) -> tuple[Actor, ...]:
    """Return the people who work at a station. Raises StationError `not_found` when nobody does."""
    found = tuple(
        Actor(ActorKind.STAFF, entry.account_id, station_id, entry.role, entry.name)
        for entry in accounts.staff(station_id)
        if entry.disabled_at is None
    )
    if not found:
        raise StationError("not_found", _("Nobody works at this station yet."))
    return found
