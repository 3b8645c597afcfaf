"""The form of taking everything along."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from station.accounts.passwords import MAX_LENGTH
from station.core.i18n import lazy as _l
from station.web.forms import Form


class ExportForm(Form):
    """The password, once more: what is taken holds everybody's data."""

    password = PasswordField(
        _l("Your password, once more"), validators=[InputRequired(), Length(max=MAX_LENGTH)]
    )
