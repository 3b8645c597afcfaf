"""The form of the box that asks whose a number is. What it says is lookup.py's."""

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from station.carriers.catalogue import CARRIERS
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.web.forms import Form

TYPED = 80  # characters, as detection reads of a scan


def _batches() -> list[tuple[str, str]]:
    known = [(facts.code, facts.name(language())) for facts in CARRIERS.values()]
    return [("", _("not known")), *known]


class NumberForm(Form):
    """A number as it is typed or scanned, and whose courier brings it where that is known."""

    number = StringField(_l("Number on the label"), validators=[InputRequired(), Length(max=TYPED)])
    carrier = SelectField(_l("Brought by a courier of"), choices=_batches, default="")
