"""Forms of stocktakes. Every field is bounded; what it means is the services'."""

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from station.core.i18n import lazy as _l
from station.web.forms import Form
from station.web.idempotent import TEXT_LIMIT

ID = 19  # digits of the largest id


class ScanForm(Form):
    """One scan: what was read, the row being counted, and when."""

    key = HiddenField(validators=[Length(max=80)])  # idempotency.KEY
    value = StringField(_l("Shelf card or waybill"), validators=[InputRequired(), Length(max=TEXT_LIMIT)])
    layer = HiddenField(validators=[Length(max=ID)])
    scanned_at = HiddenField(validators=[Length(max=40)])
