"""Forms of the drawer. What is counted comes as an amount, as so many of each note and coin, or as both."""

from typing import Any

from wtforms import Field, RadioField, StringField
from wtforms.validators import Length

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.money import format_money, parse_money
from station.ledger import pieces
from station.ledger.drawer import Moment
from station.ledger.forms import AMOUNT, amount, reason
from station.ledger.pieces import IN_USE, Kind, Pieces
from station.ledger.words import MOMENT_CHOICES
from station.web.forms import Form, choices, whole

NUMBER = 12  # characters of a typed number of pieces
_KINDS = {kind.code: kind for kinds in IN_USE.values() for kind in kinds}


class PiecesField(Field):
    """How many there are of each note and coin, typed beside it: by the kind's code, as it was typed."""

    data: dict[str, str]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read every value that is named by a kind of note or coin."""
        typed = {name: " ".join(str(formdata[name]).split()) for name in formdata or () if name in _KINDS}
        self.data = {name: text[:NUMBER] for name, text in typed.items() if text}

    def of(self, kind: Kind) -> str:
        """Return what was typed for a kind."""
        return self.data.get(kind.code, "")


class DrawerForm(Form):
    """What is in the drawer, and when of the day it is counted."""

    moment = RadioField(
        _l("Part of the day"), choices=choices(MOMENT_CHOICES.items()), default=Moment.OPEN.value
    )
    pieces = PiecesField()
    amount = StringField(
        _l("Cash counted"), description=_l("Digits, such as 12.50."), validators=[Length(max=AMOUNT)]
    )

    def counted(self, currency: str) -> tuple[int, Pieces]:
        """Return the amount that was counted, and the pieces if they were: then the amount may be left out.

        Raises StationError `bad_input` for what is no number, no amount, or nothing at all.
        """
        found = {
            _KINDS[code]: _number(_KINDS[code], text, currency) for code, text in self.pieces.data.items()
        }
        by_piece = {kind: number for kind, number in found.items() if number}
        typed = (self.amount.data or "").strip()
        if typed:
            return parse_money(typed, currency), by_piece
        if not self.pieces.data:
            raise StationError("bad_input", _("Type how many there are of each, or the amount."))
        return pieces.total(by_piece), by_piece


def _number(kind: Kind, text: str, currency: str) -> int:
    number = whole(text)
    if number is None:
        worth = format_money(kind.worth_minor, currency)
        raise StationError("bad_input", _("%(worth)s: type how many there are, such as 12.", worth=worth))
    return number


class ExplainForm(Form):
    """Why a count differs from the books."""

    reason = reason(_l("Why it differs"))


class BankForm(Form):
    """What of a closing count is taken to the bank."""

    amount = amount(_l("To the bank"))
