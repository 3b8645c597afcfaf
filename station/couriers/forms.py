"""Forms of couriers and of their manager. Every field is bounded; what it means is the use cases'."""

from wtforms import BooleanField, HiddenField, PasswordField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2
from wtforms.validators import EqualTo, InputRequired, Length

from station.accounts import passwords
from station.accounts.service import NAME_LENGTH
from station.carriers.catalogue import COMPANIES
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.core.phones import LONGEST
from station.web.forms import Form

CODE_LENGTH = 40  # twelve signs, and room for what stands between them
ID_LENGTH = 20
FOREIGN_POST = "s10"  # brought by China Post: nobody drives for it


def carrier_choices() -> list[tuple[str, str]]:
    """Return the carriers somebody may drive for: code and name."""
    return [(one.code, one.name(language())) for one in COMPANIES.values() if one.code != FOREIGN_POST]


def _choices() -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in carrier_choices()]


def _new_password() -> PasswordField:
    return PasswordField(
        _l("Choose a password"),
        description=_l("At least 10 characters. Three or four words are easy."),
        validators=[InputRequired(), Length(max=passwords.MAX_LENGTH)],
    )


def _password(label: str) -> PasswordField:
    return PasswordField(label, validators=[InputRequired(), Length(max=passwords.MAX_LENGTH)])


def _remember() -> BooleanField:
    return BooleanField(
        _l("Remember this phone for 30 days"), description=_l("Only on a phone that nobody else uses.")
    )


class SignInForm(Form):
    """A courier's sign-in."""

    phone = StringField(_l("Phone number"), validators=[InputRequired(), Length(max=LONGEST)])
    password = _password(_l("Password"))
    remember = _remember()


class PasswordForm(Form):
    """Another password of one's own."""

    old = _password(_l("Password now"))
    new = PasswordField(
        _l("New password"),
        description=_l("At least 10 characters. Three or four words are easy."),
        validators=[InputRequired(), Length(max=passwords.MAX_LENGTH)],
    )
    again = PasswordField(
        _l("New password again"),
        validators=[InputRequired(), EqualTo("new", message=_l("The two are not the same."))],
    )


class StationChoiceForm(Form):
    """Which station to work at."""

    station = HiddenField(validators=[InputRequired(), Length(max=ID_LENGTH)])


class CodeForm(Form):
    """The code of an invitation, typed."""

    code = StringField(
        _l("Code of the invitation"),
        description=_l("12 letters and digits, from the manager of the station."),
        validators=[InputRequired(), Length(max=CODE_LENGTH)],
    )


class NewPasswordForm(Form):
    """The password of somebody who accepts an invitation."""

    password = _new_password()
    remember = _remember()


class OwnPasswordForm(Form):
    """The password of a courier who has one already."""

    password = _password(_l("Your password"))
    remember = _remember()


class CarriersForm(Form):
    """For which carriers somebody comes."""

    carriers = SelectMultipleField(_l("Carriers"), choices=_choices, validators=[InputRequired()])


class InviteForm(CarriersForm):
    """Somebody to be invited."""

    name = StringField(_l("Name"), validators=[InputRequired(), Length(max=NAME_LENGTH)])
    phone = StringField(_l("Phone number"), validators=[InputRequired(), Length(max=LONGEST)])


class JoinForm(InviteForm):
    """Somebody who asks to be a courier of a station."""

    password = _new_password()
