"""Forms of arrival and share-out. Every field is bounded; numbers are whole, and what they mean is the services'."""

from wtforms import FileField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from station.core.i18n import lazy as _l
from station.group_buys.arrival import Count
from station.group_buys.campaigns import REASON
from station.group_buys.forms import KeyForm, WholeField
from station.web.idempotent import TEXT_LIMIT


class CountForm(KeyForm):
    """What is in a crate that was counted before."""

    counted = WholeField(_l("Units in it"), validators=[InputRequired()])
    damaged = WholeField(_l("Of these damaged"))
    short = WholeField(_l("Fewer than its label says"))

    def count(self) -> Count:
        """Return what was counted."""
        return Count(self.counted.data or 0, self.damaged.data or 0, self.short.data or 0)


class CrateForm(CountForm):
    """A crate and what is in it."""

    crate = StringField(
        _l("Crate"),
        description=_l("Scan its label; any text will do."),
        validators=[InputRequired(), Length(max=TEXT_LIMIT)],
    )
    picture = FileField(_l("Photo of the damage"))


class ScanForm(KeyForm):
    """A shelf card or a bag's label, scanned or typed without scripts."""

    value = StringField(_l("Shelf card or label"), validators=[InputRequired(), Length(max=TEXT_LIMIT)])


class BagForm(KeyForm):
    """A bag on the page."""

    bag = HiddenField(validators=[InputRequired(), Length(max=20)])


class CallOffForm(KeyForm):
    """Why it is called off."""

    reason = StringField(
        _l("Why, for the people who ordered"), validators=[InputRequired(), Length(max=REASON)]
    )
