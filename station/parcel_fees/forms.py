"""The form of parcel fees: what a carrier pays."""

from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from station.carriers.catalogue import COMPANIES
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.parcel_fees.terms import EARNED
from station.web.forms import Form, choices

AMOUNT = 24  # characters: the largest amount with its currency and thousands in commas


def carriers() -> list[tuple[str, str]]:
    """Return the carriers to choose from, in the language spoken now."""
    return [(facts.code, facts.name(language())) for facts in COMPANIES.values()]


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
