"""Forms of couriers. Every field is bounded; what it means is the use cases'."""

from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from station.accounts import passwords
from station.core.i18n import lazy as _l
from station.core.phones import LONGEST
from station.web.forms import Form


class SignInForm(Form):
    """A courier's sign-in."""

    phone = StringField(_l("Phone number"), validators=[InputRequired(), Length(max=LONGEST)])
    password = PasswordField(_l("Password"), validators=[InputRequired(), Length(max=passwords.MAX_LENGTH)])
    remember = BooleanField(
        _l("Remember this phone for 30 days"), description=_l("Only on a phone that nobody else uses.")
    )
