"""Forms of disputes. Every field is bounded; what it means is service.py's."""

from wtforms import HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length

from station.core.i18n import lazy as _l
from station.disputes import words
from station.disputes.lifecycle import Claim
from station.disputes.service import WORDS_LIMIT
from station.web.forms import Form, choices

KEY = 80  # characters of an idempotency key (idempotency.KEY)
TYPED = 4 * WORDS_LIMIT  # before cleaning (text.clean_block)


class KeyForm(Form):
    """A form that acts once, however often it is sent."""

    key = HiddenField(validators=[Length(max=KEY)])


class ClaimForm(KeyForm):
    """Which parcels of a manifest a claim is about, what it is, and in whose words."""

    parcel = SelectMultipleField(validate_choice=False)
    claim = SelectField(
        _l("What is wrong"),
        choices=choices((one.value, words.CLAIMS[one]) for one in Claim),
        id="dispute-claim",
    )
    words = TextAreaField(
        _l("In your own words"),
        description=_l("Names and phone numbers are not needed."),
        validators=[Length(max=TYPED)],
        id="dispute-words",
    )


class AnswerForm(KeyForm):
    """What the station says to a claim."""

    answer = TextAreaField(
        _l("What the station says to it"),
        description=_l("The carrier reads this. Names and phone numbers are not needed."),
        validators=[InputRequired(), Length(max=TYPED)],
        id="dispute-answer",
    )


class SettleForm(KeyForm):
    """For whom a dispute is settled."""

    outcome = HiddenField(validators=[InputRequired(), Length(max=20)])
