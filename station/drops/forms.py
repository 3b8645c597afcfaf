"""The clerk's form at a drop: how many parcels were counted."""

from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from station.core.i18n import lazy as _l
from station.drops.service import MOST
from station.web.forms import Form


class CountForm(Form):
    """How many parcels there are."""

    key = HiddenField(validators=[Length(max=80)])  # idempotency.KEY
    count = IntegerField(_l("Parcels counted"), validators=[InputRequired(), NumberRange(0, MOST)])
