"""Times, numbers and money as people read them: in the station's zone and the language spoken now (Babel)."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask, g

from station.core.i18n import language
from station.core.moments import FULL, LOCALES, MOMENT
from station.core.money import format_money

CLOCK = "HH:mm"
CLOCK_SECONDS = "HH:mm:ss"
DAY = {"en": "EEE d MMM", "zh": "M月d日 EEE"}


def zone() -> tzinfo:
    """Return the zone of the station worked at, UTC where nobody is signed in."""
    station = g.get("station")
    return ZoneInfo(station.zone) if station else UTC


def time(value: datetime) -> str:
    """Return the hour and minute, such as 17:42."""
    return _format(value, CLOCK)


def seconds(value: datetime) -> str:
    """Return the time of day with seconds, such as 17:42:06."""
    return _format(value, CLOCK_SECONDS)


def day(value: date) -> str:
    """Return weekday, day and month of a moment or a date, such as Sat 21 Nov."""
    if isinstance(value, datetime):
        return _format(value, DAY[language()])
    return str(format_date(value, DAY[language()], locale=LOCALES[language()]))


def moment(value: datetime) -> str:
    """Return day and time, such as 21 Nov 17:42."""
    return _format(value, MOMENT[language()])


def full(value: datetime) -> str:
    """Return the whole moment with its year and seconds: for logs and documents."""
    return _format(value, FULL[language()])


def number(value: float) -> str:
    """Return a number with the language's separators."""
    return str(format_decimal(value, locale=LOCALES[language()]))


def percent(share: float) -> str:
    """Return a part of one in percent with one decimal, such as 42.9%."""
    return str(format_percent(share, "#,##0.0%", locale=LOCALES[language()]))


def money(amount_minor: int, currency: str) -> str:
    """Return an amount with its currency, such as ¥12.50."""
    return format_money(amount_minor, currency)


def _format(value: datetime, pattern: str) -> str:
    return str(format_datetime(value, pattern, tzinfo=zone(), locale=LOCALES[language()]))


def install(app: Flask) -> None:
    """Offer the functions above as template filters of the same names."""
    for function in (time, seconds, day, moment, full, number, percent, money):
        app.add_template_filter(function, function.__name__)
