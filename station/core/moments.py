"""How a moment or a day is written in a sentence, in the language spoken now and the zone of a place."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime

from station.core.i18n import language

# British English writes the day before the month, as UI.md shows; Chinese is the mainland's.
LOCALES = {"en": Locale("en", "GB"), "zh": Locale("zh", "CN", script="Hans")}
MOMENT = {"en": "d MMM HH:mm", "zh": "M月d日 HH:mm"}
FULL = {"en": "d MMM yyyy HH:mm:ss", "zh": "yyyy年M月d日 HH:mm:ss"}
WHOLE_DAY = {"en": "EEEE d MMM", "zh": "M月d日 EEEE"}


def moment(at: datetime, zone: str) -> str:
    """Return day and time in a zone (an IANA name), such as 21 Nov 17:42."""
    return str(format_datetime(at, MOMENT[language()], tzinfo=ZoneInfo(zone), locale=LOCALES[language()]))


def full(at: datetime, zone: str) -> str:
    """Return the whole moment with its year and seconds, for documents, in a zone (an IANA name)."""
    return str(format_datetime(at, FULL[language()], tzinfo=ZoneInfo(zone), locale=LOCALES[language()]))


def whole_day(day: date) -> str:
    """Return weekday, day and month, such as Monday 23 Nov."""
    return str(format_date(day, WHOLE_DAY[language()], locale=LOCALES[language()]))
