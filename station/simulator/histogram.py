"""What a simulation looks like: arrivals and collections by hour of the day, and the shares that were promised."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from station.core.i18n import gettext as _
from station.network import queries as network
from station.simulator import queries
from station.simulator.queries import LONG

MORNING = range(8, 12)
EVENING = range(17, 20)
BAR = 40  # characters of the longest bar


@dataclass(frozen=True, slots=True)
class Histogram:
    """Arrivals and collections by local hour; of `old` parcels, stored more than 72 h ago, `long` waited longer."""

    arrivals: Counter[int]
    collections: Counter[int]
    old: int
    long: int

    @property
    def morning_share(self) -> float:
        """The part of the arrivals from 8 to 12."""
        return _share(self.arrivals, MORNING)

    @property
    def evening_share(self) -> float:
        """The part of the collections from 17 to 20."""
        return _share(self.collections, EVENING)

    @property
    def long_share(self) -> float:
        """The part of the parcels that waited more than 72 h, of those that could."""
        return self.long / self.old if self.old else 0.0

    def lines(self) -> Iterator[str]:
        """Yield the histogram as text."""
        yield _("By hour of the day: arrivals on the left, collections on the right.")
        for hour in sorted(self.arrivals.keys() | self.collections.keys()):
            yield f"{hour:4}  {_bar(self.arrivals, hour)}  {_bar(self.collections, hour)}".rstrip()
        yield _(
            "Arrivals 8-12: %(morning)s, collections 17-20: %(evening)s, past 72 h: %(long)s of %(old)s.",
            morning=f"{self.morning_share:.0%}",
            evening=f"{self.evening_share:.0%}",
            long=f"{self.long_share:.1%}",
            old=self.old,
        )


def histogram(station_id: int, *, since: datetime, until: datetime) -> Histogram:
    """Count what happened at a station in that time, by its own clock."""
    zone = ZoneInfo(network.rules(station_id).zone)
    stays = queries.stays(station_id, since=since, until=until)
    old = [stay for stay in stays if until - stay.stored_at > LONG]
    return Histogram(
        _by_hour((stay.stored_at for stay in stays), zone),
        _by_hour(queries.collections(station_id, since=since, until=until), zone),
        len(old),
        sum(stay.is_long(until) for stay in old),
    )


def _by_hour(moments: Iterable[datetime], zone: ZoneInfo) -> Counter[int]:
    return Counter(moment.astimezone(zone).hour for moment in moments)


def _share(counts: Counter[int], hours: range) -> float:
    return sum(counts[hour] for hour in hours) / counts.total() if counts else 0.0


def _bar(counts: Counter[int], hour: int) -> str:
    longest = max(counts.values(), default=1)
    return f"{counts[hour]:4} {'█' * round(BAR * counts[hour] / longest):<{BAR}}"
