"""Forms of channels, own words and prices. Every field is bounded; labels are translated where shown."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from wtforms import (
    BooleanField,
    DecimalField,
    Field,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.text import clean_line
from station.notices.channel_email import Security, is_address
from station.notices.channel_settings import ChannelName
from station.notices.channel_sms_aliyun import ANY_TOPIC
from station.notices.notes import Note
from station.notices.queries import Price
from station.notices.templates import LIMIT
from station.notices.texts import Topic
from station.web.forms import Form, choices

HOST_LIMIT = 253  # RFC 1035, section 2.3.4
URL_LIMIT = 500
SECRET_LIMIT = 200
NAME_LIMIT = 40
HIGHEST_PORT = 65_535
SHORTEST_SECRET = 16  # characters: nobody guesses the webhook's signature
LAST_POSITION = 9
TEMPLATES_LIMIT = 600

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", re.ASCII)
_TEMPLATE = re.compile(r"SMS_[0-9]{1,20}", re.ASCII)
SECURITIES = (
    (Security.STARTTLS.value, _l("STARTTLS (port 587)")),
    (Security.TLS.value, _l("TLS (port 465)")),
    (Security.NONE.value, _l("None: only for a server in the same house")),
)

# ISO 4217, those that people of our languages pay in; each has two decimals (its table A.1).
CURRENCIES = ("CNY", "HKD", "USD", "EUR", "GBP")
MINOR = 100
DEAREST = 100_000  # for a thousand parts: a hundred for one is more than any gateway takes
CHANNELS = (
    (ChannelName.SMS_ALIYUN.value, _l("Text messages (Aliyun)")),
    (ChannelName.WEBHOOK.value, _l("Another gateway (webhook)")),
    (ChannelName.EMAIL.value, _l("E-mail")),
)


def plain(form: Any, field: Field) -> None:
    """Raise ValidationError unless the field is one line without control characters."""
    if field.data and clean_line(field.data, limit=URL_LIMIT) is None:
        raise ValidationError(_("Type one line of plain text."))
    field.data = (field.data or "").strip()


class ChannelForm(Form):
    """What every channel has."""

    version = IntegerField(widget=HiddenInput())
    is_enabled = BooleanField(_l("Send messages this way"))
    position = IntegerField(
        _l("Order"),
        default=1,
        description=_l("1 is tried first; the next one when it does not reach the person."),
        validators=[InputRequired(), NumberRange(1, LAST_POSITION)],
    )

    @property
    def options(self) -> dict[str, Any]:
        """Return what the form says of the channel itself."""
        not_options = {"version", "is_enabled", "position", "csrf_token"}
        return {name: value for name, value in self.data.items() if name not in not_options}


class EmailForm(ChannelForm):
    """A mail server, and who writes."""

    host = StringField(_l("Mail server"), validators=[InputRequired(), Length(max=HOST_LIMIT), plain])
    port = IntegerField(_l("Port"), default=587, validators=[InputRequired(), NumberRange(1, HIGHEST_PORT)])
    security = SelectField(_l("Encryption"), choices=choices(SECURITIES))
    user = StringField(_l("Sign-in name"), validators=[Optional(), Length(max=SECRET_LIMIT), plain])
    password = PasswordField(
        _l("Password"),
        description=_l("Empty: the one that is kept."),
        validators=[Optional(), Length(max=SECRET_LIMIT)],
    )
    sender = StringField(_l("Sender address"), validators=[InputRequired(), Length(max=HOST_LIMIT), plain])
    sender_name = StringField(_l("Sender name"), validators=[Optional(), Length(max=NAME_LIMIT), plain])

    def validate_host(self, field: Field) -> None:
        """Raise ValidationError unless the field names a machine."""
        if not _HOST.fullmatch(field.data):
            raise ValidationError(_("Type the name of a server, such as smtp.example.com."))

    def validate_sender(self, field: Field) -> None:
        """Raise ValidationError unless the field is an e-mail address."""
        if not is_address(field.data):
            raise ValidationError(_("Type an e-mail address, such as station@example.com."))


class WebhookForm(ChannelForm):
    """A gateway that takes signed requests."""

    url = StringField(_l("Address"), validators=[InputRequired(), Length(max=URL_LIMIT), plain])
    secret = PasswordField(
        _l("Shared secret"),
        description=_l("At least 16 characters. Empty: the one that is kept."),
        validators=[Optional(), Length(min=SHORTEST_SECRET, max=SECRET_LIMIT)],
    )
    texts_extensions = BooleanField(_l("This gateway reaches privacy numbers with an extension"))

    def validate_url(self, field: Field) -> None:
        """Raise ValidationError unless the field is an address with a host and without a password."""
        try:
            found = urlsplit(field.data)
            is_good = found.scheme in {"https", "http"} and bool(found.hostname) and "@" not in found.netloc
            is_good = is_good and found.port != 0 and field.data.isascii() and " " not in field.data
        except ValueError:
            is_good = False
        if not is_good:
            raise ValidationError(_("Type an address that begins with https://"))


class SmsForm(ChannelForm):
    """An account with Aliyun's short message service."""

    key_id = StringField(_l("Access key ID"), validators=[InputRequired(), Length(max=SECRET_LIMIT), plain])
    key_secret = PasswordField(
        _l("Access key secret"),
        description=_l("Empty: the one that is kept."),
        validators=[Optional(), Length(max=SECRET_LIMIT)],
    )
    sign_name = StringField(
        _l("Approved signature"), validators=[InputRequired(), Length(max=NAME_LIMIT), plain]
    )
    templates = TextAreaField(
        _l("Approved templates"),
        description=_l(
            "One a line: a kind of message and its template, such as stored SMS_123; * is all others."
        ),
        validators=[InputRequired(), Length(max=TEMPLATES_LIMIT)],
    )

    def validate_templates(self, field: Field) -> None:
        """Raise ValidationError unless every line names a kind of message and a template."""
        if templates_of(field.data) is None:
            raise ValidationError(
                _("Each line holds a kind of message, a space, and a template such as SMS_123.")
            )

    @property
    def options(self) -> dict[str, Any]:
        """Return what the form says of the channel itself."""
        return super().options | {"templates": templates_of(self.templates.data or "") or {}}


def templates_of(text: str) -> dict[str, str] | None:
    """Return the template of each kind of message, None when a line is not understood."""
    known = {ANY_TOPIC, *(topic.value for topic in (*Topic, *Note))}
    pairs = [line.split() for line in text.splitlines() if line.strip()]
    good = all(len(pair) == 2 and pair[0] in known and _TEMPLATE.fullmatch(pair[1]) for pair in pairs)
    return dict(pairs) if good and pairs else None


def as_typed(options: dict[str, Any]) -> dict[str, Any]:
    """Return saved options as the form shows them."""
    templates = options.get("templates")
    if templates is None:
        return options
    return options | {"templates": "\n".join(f"{topic} {code}" for topic, code in templates.items())}


class TestForm(Form):
    """To whom a test message goes."""

    to = StringField(
        _l("Phone number or e-mail address"), validators=[InputRequired(), Length(max=254), plain]
    )


FORMS: dict[ChannelName, type[ChannelForm]] = {
    ChannelName.SMS_ALIYUN: SmsForm,
    ChannelName.WEBHOOK: WebhookForm,
    ChannelName.EMAIL: EmailForm,
}


class WordsForm(Form):
    """A station's own words for one topic in one language."""

    body = TextAreaField(_l("Words"), validators=[InputRequired(), Length(max=4 * LIMIT)])


class PriceForm(Form):
    """What a channel charges."""

    channel = SelectField(_l("Channel"), choices=choices(CHANNELS))
    price = DecimalField(
        _l("Price of 1000 parts"),
        places=2,
        description=_l("As on the gateway's bill; a long message has several parts."),
        validators=[InputRequired(), NumberRange(0, DEAREST)],
    )
    currency = SelectField(_l("Currency"), choices=choices((code, code) for code in CURRENCIES))

    @property
    def value(self) -> Price:
        """The price in the smallest unit."""
        amount = self.price.data or Decimal(0)
        return Price(int((amount * MINOR).to_integral_value()), self.currency.data)
