"""Forms of the money pages. Amounts come as typed text and are read by core.money."""

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from station.core.i18n import lazy as _l
from station.core.money import CURRENCIES
from station.ledger.rules import MOST_FREE_DAYS
from station.ledger.service import NOTE_LIMIT
from station.ledger.settling import REFERENCE
from station.web.forms import Form, choices

DIRECTIONS = {"pay": _l("We pay them"), "receive": _l("They pay us")}
WAYS = (("bank", _l("Bank")), ("cash", _l("Cash in the drawer")))
ACCOUNT = 48  # characters of an account in an address: its kind and whose it is
AMOUNT = 24  # characters: the largest amount with its currency and thousands in commas


def amount(label: str) -> StringField:
    """Return the field of an amount."""
    hint = _l("Digits, such as 12.50.")
    return StringField(label, description=hint, validators=[DataRequired(), Length(max=AMOUNT)])


def reason(label: str) -> StringField:
    """Return the field of a reason that has to be said."""
    return StringField(label, validators=[DataRequired(), Length(max=NOTE_LIMIT)])


class ReverseForm(Form):
    """Why a journal is taken back."""

    reason = reason(_l("Why it is reversed"))


class ChargeForm(Form):
    """What a resident is charged by hand."""

    amount = amount(_l("Amount"))
    reason = reason(_l("What for"))


class MoveForm(Form):
    """What is moved between the station's own accounts; which there are is known when it is shown."""

    source = SelectField(
        _l("From account"), validate_choice=False, choices=list, validators=[Length(max=ACCOUNT)]
    )
    target = SelectField(
        _l("To account"), validate_choice=False, choices=list, validators=[Length(max=ACCOUNT)]
    )
    amount = amount(_l("Amount"))
    reason = reason(_l("What for"))


class CloseForm(Form):
    """Which day is closed."""

    day = DateField(_l("Day to close"), validators=[InputRequired()])


class RulesForm(Form):
    """What a station decides about its money."""

    currency = SelectField(_l("Currency"), choices=choices((code, code) for code in sorted(CURRENCIES)))
    fee = StringField(
        _l("Storage fee for a day"),
        description=_l("0 means that storage costs nothing. Staff charge it when they hand a parcel over."),
        validators=[DataRequired(), Length(max=AMOUNT)],
    )
    free_days = IntegerField(
        _l("Days that cost nothing"), validators=[InputRequired(), NumberRange(0, MOST_FREE_DAYS)]
    )
    stays = StringField(
        _l("Change that stays in the drawer"),
        description=_l("0: none. At closing, what is above it is proposed for the bank."),
        validators=[DataRequired(), Length(max=AMOUNT)],
    )


class FineForm(Form):
    """What a carrier keeps back."""

    fine = amount(_l("Amount"))
    why = reason(_l("What for"))


class PayoutForm(Form):
    """What is paid out for a period, or received from who owes the station."""

    direction = SelectField(_l("Direction"), choices=choices(DIRECTIONS.items()))
    amount = amount(_l("Amount"))
    way = SelectField(_l("Through"), choices=choices(WAYS))
    reference = StringField(
        _l("Bank’s reference"),
        description=_l("The number of the transfer, if there is one. It stands on the statement."),
        validators=[MayBeEmpty(), Length(max=REFERENCE)],
    )
    reason = StringField(
        _l("Reason for more than is owed"),
        description=_l("Needed only when more is paid than is owed."),
        validators=[MayBeEmpty(), Length(max=NOTE_LIMIT)],
    )
    first_day = DateField(_l("From"), validators=[InputRequired()])
    last_day = DateField(_l("Until"), validators=[InputRequired()])
