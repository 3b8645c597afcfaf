"""What a kiosk must know of its station before anybody comes: names, hours, keys that sign codes, and rules."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from station.core import clock
from station.core.actor import Actor
from station.core.i18n import LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.kiosks import rules
from station.kiosks.lifecycle import DRIFT_LIMIT, LIST_VALID
from station.kiosks.rules import KioskRules
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels.station_clock import calendar
from station.residents import identity
from station.residents.identity import PublicKey

IDLE_S = 45  # UI.md 4 (c)
WARNING_S = 15  # the same
VERSION = 16  # characters of SHA-256: two that differ never look the same


@dataclass(frozen=True, slots=True)
class Setup:
    """What holds for a kiosk now. `version` differs whenever anything but `now` does.

    `hours_today` is in words, by language; `languages` begin with the station's own. Times in seconds.
    """

    now: datetime
    station_id: int
    name: str
    zone: str
    hours_today: dict[str, str]
    kiosk_id: int
    kiosk_name: str
    identity_keys: tuple[PublicKey, ...]
    languages: tuple[str, ...]
    rules: KioskRules
    idle_s: int = IDLE_S
    warning_s: int = WARNING_S
    list_valid_s: int = int(LIST_VALID.total_seconds())
    drift_limit_s: int = int(DRIFT_LIMIT.total_seconds())

    @property
    def version(self) -> str:
        """A word for all that is said here."""
        said = (
            *(self.station_id, self.name, self.zone, sorted(self.hours_today.items())),
            *(self.kiosk_id, self.kiosk_name, self.identity_keys, self.languages, self.rules),
            *(self.idle_s, self.warning_s, self.list_valid_s, self.drift_limit_s),
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()[:VERSION]


def setup_of(kiosk: Actor) -> Setup:
    """Return what holds for a kiosk now: five statements."""
    now, station = clock.now(), network.rules(kiosk.station_id)
    languages = sorted(LANGUAGES, key=lambda code: (code != station.language, code))
    return Setup(
        now=now,
        station_id=kiosk.station_id,
        name=station.name,
        zone=station.zone,
        hours_today=_hours(station, now, languages),
        kiosk_id=kiosk.id,
        kiosk_name=kiosk.name,
        identity_keys=tuple(identity.public_keys(now)),
        languages=tuple(languages),
        rules=rules.for_station(kiosk.station_id),
    )


def _hours(station: StationRules, now: datetime, languages: Sequence[str]) -> dict[str, str]:
    days = calendar(station)
    spans = days.hours_on(days.local(now).date())
    text = ", ".join(f"{span.opens:%H:%M}–{span.closes:%H:%M}" for span in spans)
    words = {}
    for language in languages:
        with speaking(language):
            words[language] = text or _("Closed today")
    return words
