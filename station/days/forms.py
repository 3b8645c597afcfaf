"""Forms of the day book."""

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from station.core.i18n import lazy as _l
from station.web.forms import Form

CORRECTION = 300  # characters; time and author are added, and several fit a day


class CorrectForm(Form):
    """What has to be put right about a closed day."""

    text = StringField(_l("Correction"), validators=[DataRequired(), Length(max=CORRECTION)])
