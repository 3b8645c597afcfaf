"""The form in which somebody confirms what a label says. Every field is bounded; what it means is the services'."""

from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from station.carriers.catalogue import COMPANIES
from station.core import names, phones
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.web.forms import Form
from station.web.idempotent import TEXT_LIMIT


def _carriers() -> list[tuple[str, str]]:
    unknown = ("", "—")
    return [unknown, *((code, carrier.name(language())) for code, carrier in COMPANIES.items())]


class ConfirmForm(Form):
    """What the label says, as somebody has looked at it."""

    key = HiddenField(validators=[Length(max=80)])  # idempotency.KEY
    waybill = StringField(_l("Waybill"), validators=[InputRequired(), Length(max=TEXT_LIMIT)])
    carrier = SelectField(_l("Carrier, if the number does not tell it"), choices=_carriers)
    phone = StringField(
        _l("Phone number of the recipient"),
        description=_l(
            "Leave hidden digits hidden. Of a privacy number the 4 digits after the comma belong to it."
        ),
        validators=[Length(max=phones.LONGEST)],
    )
    name = StringField(_l("Name of the recipient"), validators=[Length(max=names.LONGEST)])
    is_theirs = BooleanField(_l("I have checked: it is for whom it was announced"))
