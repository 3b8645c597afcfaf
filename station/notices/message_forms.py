"""Forms of the messages' words and prices. Every field is bounded; labels are translated where shown."""

from decimal import Decimal

from wtforms import DecimalField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from station.core.i18n import lazy as _l
from station.notices.channel_settings import ChannelName
from station.notices.queries import Price
from station.notices.templates import LIMIT
from station.web.forms import Form, choices

# ISO 4217, those that people of our languages pay in; each has two decimals (its table A.1).
CURRENCIES = ("CNY", "HKD", "USD", "EUR", "GBP")
MINOR = 100
DEAREST = 100_000  # for a thousand parts: a hundred for one is more than any gateway takes
CHANNELS = (
    (ChannelName.SMS_ALIYUN.value, _l("Text messages (Aliyun)")),
    (ChannelName.WEBHOOK.value, _l("Another gateway (webhook)")),
    (ChannelName.EMAIL.value, _l("E-mail")),
)


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
