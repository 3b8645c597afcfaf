"""Forms of webhooks. Every field is bounded; what it means is webhooks.py's."""

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from station.carriers.catalogue import COMPANIES
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.tracking.webhooks import URL_LIMIT
from station.web.forms import Form


def carriers() -> list[tuple[str, str]]:
    """Return the carriers to choose from, in the language spoken now."""
    return [(facts.code, facts.name(language())) for facts in COMPANIES.values()]


class WebhookForm(Form):
    """Which carrier is told, and where."""

    carrier = SelectField(_l("Carrier"), choices=carriers)
    url = StringField(
        _l("Address"),
        description=_l("Such as https://carrier.example/events"),
        validators=[InputRequired(), Length(max=URL_LIMIT)],
    )


class ReplayForm(Form):
    """From where on to tell everything again."""

    after = StringField(
        _l("Everything behind cursor"),
        default="0",
        description=_l("0 tells all that is in the log."),
        validators=[InputRequired(), Regexp(r"^[0-9]{1,18}$", message=_l("Type a whole number."))],
    )


class ResendForm(Form):
    """Which dead letter to try again."""

    delivery = StringField(validators=[InputRequired(), Regexp(r"^[0-9]{1,18}$")])
