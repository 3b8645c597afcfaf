"""Forms of sign-in, one's own account, staff and devices. Every field is bounded; what it means is the service's."""

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from station.accounts import passwords
from station.accounts.service import NAME_LENGTH
from station.core.i18n import lazy as _l
from station.core.permissions import Role
from station.web.forms import Form, choices

LOGIN_LENGTH = 40
ID_LENGTH = 20
ROLES = [(Role.CLERK.value, _l("Clerk")), (Role.MANAGER.value, _l("Manager"))]


def _password(label: str, *validators: object, description: str = "") -> PasswordField:
    bounded = [InputRequired(), Length(max=passwords.MAX_LENGTH), *validators]
    return PasswordField(label, description=description, validators=bounded)


class SignInForm(Form):
    """The sign-in page."""

    login = StringField(_l("Sign-in name"), validators=[InputRequired(), Length(max=LOGIN_LENGTH)])
    password = _password(_l("Password"))


class PasswordForm(Form):
    """A new password of one's own."""

    old = _password(_l("Password now"))
    new = _password(
        _l("New password"), description=_l("At least 10 characters. Three or four words are easy.")
    )
    again = _password(_l("New password again"), EqualTo("new", message=_l("The two are not the same.")))


class StationChoiceForm(Form):
    """Which station to work at."""

    station = HiddenField(validators=[InputRequired(), Length(max=ID_LENGTH)])


class StaffForm(Form):
    """Somebody new at the station."""

    name = StringField(_l("Name"), validators=[InputRequired(), Length(max=NAME_LENGTH)])
    login = StringField(
        _l("Sign-in name"),
        description=_l("3 to 40 letters a to z, digits, dots or dashes."),
        validators=[InputRequired(), Length(max=LOGIN_LENGTH)],
    )
    role = SelectField(_l("Works as"), choices=choices(ROLES))


class KnownStaffForm(Form):
    """Somebody who works at another station already."""

    known_login = StringField(
        _l("Sign-in name"),
        description=_l("The one this person has already."),
        validators=[InputRequired(), Length(max=LOGIN_LENGTH)],
    )
    known_role = SelectField(_l("Works as"), choices=choices(ROLES))


class RoleForm(Form):
    """What a person is at the station."""

    role = SelectField(_l("Works as"), choices=choices(ROLES))


class NameForm(Form):
    """Another name for a person."""

    name = StringField(_l("Name"), validators=[InputRequired(), Length(max=NAME_LENGTH)])


class DeviceForm(Form):
    """What a device is called."""

    name = StringField(_l("Name of the device"), validators=[InputRequired(), Length(max=NAME_LENGTH)])
