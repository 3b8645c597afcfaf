"""Forms of carriers' keys, and of the box that asks whose a number is. Every field is bounded.

What the fields mean is keys.py's and lookup.py's.
"""

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from station.carriers.catalogue import COMPANIES
from station.carriers.keys import LONGEST_OVERLAP, MOST_PER_MINUTE, OVERLAP, PER_MINUTE, Scope
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.web.forms import Form, choices

NAME_LENGTH = 40  # as of every device
TYPED = 80  # characters of a number, as many as detection.py reads of a scan
SCOPES = (
    (Scope.EVENTS.value, _l("Read what happened to its parcels")),
    (Scope.WEBHOOKS.value, _l("Set up webhooks")),
    (Scope.MANIFESTS.value, _l("Announce parcels")),
    (Scope.DISPUTES.value, _l("Claim what was not received as signed")),
)


def carriers() -> list[tuple[str, str]]:
    """Return the carriers to choose from, in the language spoken now."""
    return [(facts.code, facts.name(language())) for facts in COMPANIES.values()]


class KeyForm(Form):
    """What a new key is called, whose it is, what it opens, and how often it may ask."""

    name = StringField(_l("Name of the key"), validators=[InputRequired(), Length(max=NAME_LENGTH)])
    carrier = SelectField(_l("Carrier"), choices=carriers)
    scopes = SelectMultipleField(
        _l("What it opens"),
        choices=choices(SCOPES),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    per_minute = IntegerField(
        _l("Requests a minute"),
        default=PER_MINUTE,
        validators=[InputRequired(), NumberRange(1, MOST_PER_MINUTE)],
    )


class RotateForm(Form):
    """For how many days the token in use works beside the new one."""

    days = IntegerField(
        _l("Days the old token still works"),
        default=OVERLAP.days,
        validators=[InputRequired(), NumberRange(0, LONGEST_OVERLAP.days)],
    )


def _batches() -> list[tuple[str, str]]:
    return [("", _("not known")), *carriers()]


class NumberForm(Form):
    """A number as it is typed or scanned, and whose courier brings it where that is known."""

    number = StringField(_l("Number on the label"), validators=[InputRequired(), Length(max=TYPED)])
    carrier = SelectField(_l("Brought by a courier of"), choices=_batches, default="")
