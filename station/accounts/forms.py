"""Forms of sign-in, one's own account, staff and devices. Every field is bounded."""

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from station.accounts import passwords
from station.core.i18n import lazy as _l
from station.web.forms import Form

LOGIN_MAX = 40


class SignInForm(Form):
    """The sign-in page."""

    login = StringField(_l("Sign-in name"), validators=[InputRequired(), Length(max=LOGIN_MAX)])
    password = PasswordField(_l("Password"), validators=[InputRequired(), Length(max=passwords.MAX_LENGTH)])
