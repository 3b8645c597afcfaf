"""How a moment is written in a sentence: day, month and time of day in a place's zone and the language spoken now."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime

from station.core.i18n import language

# British English writes the day before the month, as UI.md shows; Chinese is the mainland's.
LOCALES = {"en": Locale("en", "GB"), "zh": Locale("zh", "CN", script="Hans")}
MOMENT = {"en": "d MMM HH:mm", "zh": "M月d日 HH:mm"}


def moment(at: datetime, zone: str) -> str:
    """Return day and time in a zone (an IANA name), such as 21 Nov 17:42."""
    return str(format_datetime(at, MOMENT[language()], tzinfo=ZoneInfo(zone), locale=LOCALES[language()]))
