"""Forms of the day book."""

from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from station.core.i18n import lazy as _l
from station.web.forms import Form

KEY = 80  # characters of an idempotency key (core/idempotency.py)
CORRECTION = 300  # characters; time and author are added, and several fit a day


class KeyForm(Form):
    """A form that acts once, however often it is sent."""

    key = HiddenField(validators=[DataRequired(), Length(max=KEY)])


class CorrectForm(KeyForm):
    """What has to be put right about a closed day."""

    text = StringField(_l("Correction"), validators=[DataRequired(), Length(max=CORRECTION)])
