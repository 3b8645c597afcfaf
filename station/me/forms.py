"""Forms of the resident's pages. Every field is bounded; what it means is the service's."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from station.core import phones
from station.core.i18n import lazy as _l
from station.web.forms import Form

CODE_LENGTH = 12  # six digits, and room for blanks between them


class PhoneForm(Form):
    """The phone number to sign in with."""

    phone = StringField(_l("Phone number"), validators=[InputRequired(), Length(max=phones.LONGEST)])


class CodeForm(Form):
    """The one-time code that came by message."""

    code = StringField(_l("Code from the message"), validators=[InputRequired(), Length(max=CODE_LENGTH)])
