"""Forms of the resident's pages. Every field is bounded; what it means is the service's."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length, Regexp

from station.core import phones
from station.core.i18n import lazy as _l
from station.web.forms import Form

CODE_LENGTH = 12  # six digits, and room for blanks between them
WAYBILL_LENGTH = 60  # a waybill has at most 32 characters; blanks between them are forgiven


class PhoneForm(Form):
    """The phone number to sign in with."""

    phone = StringField(_l("Phone number"), validators=[InputRequired(), Length(max=phones.LONGEST)])


class CodeForm(Form):
    """The one-time code that came by message."""

    code = StringField(_l("Code from the message"), validators=[InputRequired(), Length(max=CODE_LENGTH)])


class TrackingForm(Form):
    """What somebody must know of a parcel to be told where it is."""

    waybill = StringField(_l("Waybill number"), validators=[InputRequired(), Length(max=WAYBILL_LENGTH)])
    tail = StringField(
        _l("Last 4 digits of the phone number"),
        validators=[InputRequired(), Regexp(r"^\d{3,4}$", message=_l("Type the last 4 digits."))],
    )
