"""Forms of claims: what a buyer says was wrong, with photos, and what staff answer."""

import hashlib
from collections.abc import Sequence

from flask import request
from wtforms import RadioField, TextAreaField
from wtforms.fields import MultipleFileField
from wtforms.validators import InputRequired, Length

from station.claims.rules import MOST_PICTURES, WORDS, BorneBy, Problem
from station.claims.service import Refund, Wish
from station.claims.words import BORNE_BY, PROBLEMS
from station.core.i18n import lazy as _l
from station.core.idempotency import Body
from station.core.photos import LARGEST
from station.web.forms import KeyForm, WholeField, choices

TYPED = Length(max=2 * WORDS)  # a line end counts twice; what is too long in the end is said in words


class ClaimForm(KeyForm):
    """What was wrong with goods that somebody collected."""

    problem = RadioField(
        _l("What is wrong?"),
        choices=choices((key.value, label) for key, label in PROBLEMS.items()),
        validators=[InputRequired()],
    )
    units = WholeField(_l("How many are concerned?"), validators=[InputRequired()])
    photos = MultipleFileField(
        _l("Photos"),
        description=_l("1 to 3 that show it. Only what is to be seen is kept, not where it was."),
    )
    words = TextAreaField(
        _l("In a sentence"), description=_l("Needed when something is missing."), validators=[TYPED]
    )

    def wish(self) -> Wish:
        """Return what was said."""
        return Wish(Problem(self.problem.data), self.units.data or 0, self.words.data or "")


class RefundForm(KeyForm):
    """How much is given back, and whose money it is."""

    units = WholeField(_l("Units to give back"), validators=[InputRequired()])
    borne_by = RadioField(
        _l("Who bears it"),
        choices=choices((key.value, label) for key, label in BORNE_BY.items()),
        validators=[InputRequired()],
        default=BorneBy.SUPPLIER.value,
    )
    words = TextAreaField(_l("A word to the buyer, if you like"), validators=[TYPED], id="refund-words")

    def refund(self) -> Refund:
        """Return what was decided."""
        return Refund(self.units.data or 0, BorneBy(self.borne_by.data), self.words.data or "")


class RefuseForm(KeyForm):
    """Why nothing is given back."""

    reason = TextAreaField(_l("Why, for the buyer"), validators=[InputRequired(), TYPED])


def photos() -> list[bytes]:
    """Return the photos a form carries, as they came: one more than is allowed, each a byte longer, at most."""
    sent = request.files.getlist("photos")[: MOST_PICTURES + 1]
    return [content for one in sent if (content := one.stream.read(LARGEST + 1))]


def said(order_id: int, wish: Wish, sent: Sequence[bytes]) -> Body:
    """Return what somebody claims as JSON values, the photos by their hash."""
    digests = [hashlib.sha256(one).hexdigest() for one in sent]
    words = {"problem": wish.problem, "units": wish.units, "words": wish.words}
    return {"order": str(order_id), "photos": digests, **words}
