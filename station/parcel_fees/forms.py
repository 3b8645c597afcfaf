"""Forms of parcel fees: what a carrier pays, and what it deducts."""

from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from station.carriers.forms import carriers
from station.core.i18n import lazy as _l
from station.ledger.forms import AMOUNT, amount, reason
from station.parcel_fees.terms import EARNED
from station.web.forms import Form, choices


class FeeForm(Form):
    """What a carrier pays for a parcel from a day on."""

    carrier = SelectField(_l("Carrier"), choices=carriers)
    fee = StringField(
        _l("Fee for a parcel"),
        description=_l("Digits, such as 0.30. 0 means that the carrier pays nothing any more."),
        validators=[DataRequired(), Length(max=AMOUNT)],
    )
    earned_by = SelectField(_l("Earned"), choices=choices(EARNED.items()))
    first_day = DateField(
        _l("For parcels checked in from"),
        description=_l("A day of the last month may be chosen too: what changes is booked tonight."),
        validators=[InputRequired()],
    )


class FineForm(Form):
    """What a carrier keeps back."""

    fine = amount(_l("Amount"))
    why = reason(_l("What for"))
