"""Forms of the first run and of the settings pages. Every field is bounded; labels are translated where shown."""

import unicodedata
from collections.abc import Callable
from datetime import time, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from station.accounts import passwords
from station.core import clock
from station.core.i18n import LANGUAGES
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.text import clean_line
from station.network.calendar import (
    LONGEST_SPECIAL_DAYS,
    Span,
    SpecialKind,
    are_valid,
    length,
    parse_clock,
)
from station.network.holidays import HolidayCalendar
from station.network.week_input import CLOCK_LIMIT
from station.web.forms import Form, choices

NAME_LIMIT = 40  # fits the top bar
REASON_LIMIT = 60
LONGEST_STORAGE_H = 90 * 24  # three months: longer than any station keeps a parcel
LONGEST_EXTENSION_H = 14 * 24  # ours: who is away longer asks at the counter
MOST_EXTENSIONS = 9
# Six calendar months have at most 184 days: letters may be destroyed after more than six months (DOMAIN.md 3,
# Regulation); we take the same for every parcel. Not less than a month and not more than three years: ours.
SHORTEST_TERM_DAYS = 30
LONGEST_TERM_DAYS = 3 * 365
LONGEST_REST_H = 90 * 24
SHORTEST_REST_H = 24  # DESIGN.md invariant 2: never under 24 hours
LONGEST_DELAY_S = 3600
FAR_AHEAD = timedelta(days=2 * 366)  # holidays are announced a year ahead at most
DEFAULT_ZONE = "Asia/Shanghai"

NUMBERINGS = (
    ("waybill", _l("The last four digits of the waybill: found by its own label, no sticker needed")),
    ("counter", _l("Counted up in each row: every parcel needs a sticker")),
)
WITHOUT_CONSENT = (
    ("store_and_ask", _l("Store it and ask with the message")),
    ("set_aside", _l("Set it aside until somebody has asked")),
)
HOLIDAY_CALENDARS = (
    (HolidayCalendar.NONE.value, _l("None: only the days declared here")),
    (HolidayCalendar.CHINA.value, _l("Mainland China")),
)
SPECIAL_KINDS = (
    (SpecialKind.HOLIDAY.value, _l("Holiday, closed")),
    (SpecialKind.CLOSURE.value, _l("Other closure")),
    (SpecialKind.OPEN.value, _l("Open at other hours")),
)


class Line:
    """Require one line of plain text: no control characters, no emoji. Puts the cleaned text into the field."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        # WTForms copies these to the input, so the browser stops typing there too.
        self.field_flags = {"required": True, "maxlength": limit}

    def __call__(self, form: Any, field: Field) -> None:
        """Raise ValidationError unless the field's text is a plain line."""
        plain = clean_line(field.data or "", limit=self.limit)
        if plain == "":
            raise ValidationError(_("Fill this in."))
        if plain is None or any(unicodedata.category(char) == "So" for char in plain):
            raise ValidationError(
                _("Use at most %(limit)s letters, digits and punctuation marks.", limit=self.limit)
            )
        field.data = plain


def clock_time(form: Any, field: Field) -> None:
    """Raise ValidationError unless the field is a time of day; puts it into the field as it is kept."""
    read = parse_clock(field.data or "")
    if read is None:
        raise ValidationError(_("Type a time such as 21:00."))
    field.data = f"{read:%H:%M}"


def known_zone(form: Any, field: Field) -> None:
    """Raise ValidationError unless the field names a time zone."""
    if field.data not in zones():
        raise ValidationError(_("Choose a time zone from the list, such as Asia/Shanghai."))


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones of the world, China's first."""
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return (DEFAULT_ZONE, *(zone for zone in named if zone != DEFAULT_ZONE), "UTC")


def number(low: int, high: int) -> list[Callable[..., Any]]:
    """Return the validators of a whole number from `low` to `high`."""
    return [InputRequired(), NumberRange(low, high)]


class StationForm(Form):
    """What the station is called and where it is."""

    version = IntegerField(widget=HiddenInput())
    name = StringField(_l("Station name"), validators=[Line(NAME_LIMIT)])
    city = StringField(_l("City"), validators=[Line(NAME_LIMIT)])
    zone = StringField(_l("Time zone"), validators=[InputRequired(), Length(max=64), known_zone])
    language = SelectField(
        _l("Language of messages and of signed-out screens"), choices=choices(LANGUAGES.items())
    )


class SetupForm(Form):
    """The first-run page: a station, its shelves and its manager."""

    name = StringField(_l("Station name"), validators=[Line(NAME_LIMIT)])
    city = StringField(_l("City"), validators=[Line(NAME_LIMIT)])
    zone = StringField(
        _l("Time zone"), default=DEFAULT_ZONE, validators=[InputRequired(), Length(max=64), known_zone]
    )
    language = SelectField(_l("Language"), choices=choices(LANGUAGES.items()))
    shelves = IntegerField(_l("How many shelves"), default=6, validators=number(1, 60))
    layers = IntegerField(_l("Layers of each shelf"), default=4, validators=number(1, 20))
    capacity = IntegerField(_l("Parcels on one layer"), default=40, validators=number(1, 999))
    person = StringField(_l("Your name"), validators=[Line(NAME_LIMIT)])
    login = StringField(
        _l("Sign-in name"),
        description=_l("3 to 40 letters a to z, digits, dots or dashes."),
        validators=[InputRequired(), Length(min=3, max=40)],
    )
    password = PasswordField(
        _l("Password"),
        description=_l("At least 10 characters. Three or four words are easy to remember."),
        validators=[InputRequired(), Length(max=passwords.MAX_LENGTH)],
    )
    password_again = PasswordField(
        _l("Password again"),
        validators=[
            InputRequired(),
            Length(max=passwords.MAX_LENGTH),
            EqualTo("password", message=_l("The two passwords differ.")),
        ],
    )


class StorageForm(Form):
    """After how many hours of waiting each storage level begins."""

    version = IntegerField(widget=HiddenInput())
    remind_h = IntegerField(
        _l("Remind after (hours)"),
        description=_l("The recipient gets a second message."),
        validators=number(1, LONGEST_STORAGE_H),
    )
    overdue_h = IntegerField(
        _l("Overdue after (hours)"),
        description=_l("The parcel turns amber in every list."),
        validators=number(1, LONGEST_STORAGE_H),
    )
    alert_h = IntegerField(
        _l("Alert after (hours)"),
        description=_l("The parcel turns red; somebody should call."),
        validators=number(1, LONGEST_STORAGE_H),
    )
    return_h = IntegerField(
        _l("Return after (hours)"),
        description=_l("The parcel goes back to its carrier."),
        validators=number(1, LONGEST_STORAGE_H),
    )
    extensions_most = IntegerField(
        _l("How often a recipient may extend"),
        description=_l("On the phone or by the link in a message, until the return begins. 0: never."),
        validators=number(0, MOST_EXTENSIONS),
    )
    extension_h = IntegerField(
        _l("Each extension (hours)"),
        description=_l("All levels that have not begun are put off by so much."),
        validators=number(1, LONGEST_EXTENSION_H),
    )
    unclaimed_days = IntegerField(
        _l("Keep unclaimable parcels (days)"),
        description=_l(
            "Before that nobody may dispose of them. Letters: more than six months by law, so 184."
        ),
        validators=number(SHORTEST_TERM_DAYS, LONGEST_TERM_DAYS),
    )

    def validate_overdue_h(self, field: Field) -> None:
        """Keep the levels in their order."""
        not_below(field, self.remind_h)

    def validate_alert_h(self, field: Field) -> None:
        """Keep the levels in their order."""
        not_below(field, self.overdue_h)

    def validate_return_h(self, field: Field) -> None:
        """Keep the levels in their order."""
        not_below(field, self.alert_h)


def not_below(field: Field, other: Field) -> None:
    """Raise ValidationError when `field` is less than `other`."""
    if field.data is not None and other.data is not None and field.data < other.data:
        raise ValidationError(
            _(
                "This may not be less than “%(other)s”: %(hours)s.",
                other=_(other.label.text),
                hours=other.data,
            )
        )


class NumberingForm(Form):
    """How pickup codes get their number, and how long a number rests."""

    version = IntegerField(widget=HiddenInput())
    numbering = RadioField(
        _l("The last part of a pickup code"),
        choices=choices(NUMBERINGS),
    )
    cool_normal_h = IntegerField(
        _l("Rest in a roomy row (hours)"),
        validators=number(SHORTEST_REST_H, LONGEST_REST_H),
    )
    cool_tight_h = IntegerField(
        _l("Rest in a tight row (hours)"), validators=number(SHORTEST_REST_H, LONGEST_REST_H)
    )
    cool_floor_h = IntegerField(
        _l("Shortest rest, in a nearly full row (hours)"),
        description=_l("Never under 24 hours."),
        validators=number(SHORTEST_REST_H, LONGEST_REST_H),
    )

    def validate_cool_normal_h(self, field: Field) -> None:
        """Keep the rests in their order."""
        not_below(field, self.cool_tight_h)

    def validate_cool_tight_h(self, field: Field) -> None:
        """Keep the rests in their order."""
        not_below(field, self.cool_floor_h)


class MessagesForm(Form):
    """What happens without the recipient's consent, and how long messages wait."""

    version = IntegerField(widget=HiddenInput())
    unknown_consent = RadioField(
        _l("A parcel comes and nobody knows whether its recipient agrees to the station"),
        choices=choices(WITHOUT_CONSENT),
    )
    notice_delay_s = IntegerField(
        _l("Wait before a message (seconds)"),
        description=_l("Several parcels of one person that come within this time become one message."),
        validators=number(0, LONGEST_DELAY_S),
    )
    quiet_from = StringField(
        _l("Quiet from"),
        description=_l("Messages wait until the quiet hours are over; codes to sign in do not."),
        validators=[InputRequired(), Length(max=CLOCK_LIMIT), clock_time],
    )
    quiet_until = StringField(
        _l("Quiet until"),
        description=_l("The same time twice: no quiet hours."),
        validators=[InputRequired(), Length(max=CLOCK_LIMIT), clock_time],
    )


class HolidaysForm(Form):
    """Whose public holidays the station looks at, and what it does on them."""

    version = IntegerField(widget=HiddenInput())
    holiday_calendar = SelectField(_l("Public holidays of"), choices=choices(HOLIDAY_CALENDARS))
    closes_on_holidays = BooleanField(_l("The station closes on public holidays"))
    opens_made_up_days = BooleanField(
        _l("It opens on make-up working days, also where the weekday is its day of rest")
    )


class SpecialDayForm(Form):
    """A holiday, a closure or an extra opening."""

    kind = RadioField(
        _l("What it is"),
        default=SpecialKind.HOLIDAY.value,
        choices=choices(SPECIAL_KINDS),
    )
    first_day = DateField(_l("First day"), validators=[InputRequired()])
    last_day = DateField(_l("Last day"), description=_l("Empty when it is one day."), validators=[Optional()])
    reason = StringField(
        _l("Reason"), description=_l("Recipients may read it."), validators=[Line(REASON_LIMIT)]
    )
    opens = StringField(_l("Opens"), validators=[Length(max=CLOCK_LIMIT)])
    closes = StringField(
        _l("Closes"),
        description=_l("Only for “Open at other hours”, such as 09:00 and 18:00."),
        validators=[Length(max=CLOCK_LIMIT)],
    )

    def validate_first_day(self, field: Field) -> None:
        """Keep the days within the years people plan for."""
        if field.data and field.data > clock.now().date() + FAR_AHEAD:
            raise ValidationError(_("This is more than two years ahead."))

    def validate_last_day(self, field: Field) -> None:
        """Keep the days in their order and their number sane."""
        first = self.first_day.data
        if first is None or field.data is None:
            return
        if field.data < first:
            raise ValidationError(_("The last day comes before the first."))
        if length(first, field.data) > LONGEST_SPECIAL_DAYS:
            raise ValidationError(_("At most one year at a time."))

    def validate_closes(self, field: Field) -> None:
        """Require proper hours for an extra opening."""
        if self.kind.data == SpecialKind.OPEN and self.hours is None:
            raise ValidationError(_("Type when it opens and closes, such as 09:00 and 18:00."))

    @property
    def hours(self) -> tuple[time, time] | None:
        """The hours of an extra opening, None when they are no hours or not wanted."""
        opens, closes = parse_clock(self.opens.data or ""), parse_clock(self.closes.data or "")
        if self.kind.data != SpecialKind.OPEN or opens is None or closes is None:
            return None
        return (opens, closes) if are_valid((Span(opens, closes),)) else None
