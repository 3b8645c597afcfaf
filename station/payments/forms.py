"""Forms of payments. Every field is bounded; labels are translated where shown."""

from datetime import date
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from station.core.i18n import lazy as _l
from station.payments.catalogue import REASONS, REMOTE, WAYS, Reason, Way
from station.payments.provider import Page
from station.web.forms import Form, choices

BOX = 200  # characters: more than any name or number
AMOUNT_LIMIT = 24  # characters: a million with its sign and commas
KEY_LIMIT = 4000  # characters: an RSA key of 4096 bits in PEM has 3,300
NOTE_LIMIT = 200


def _cut(text: str | None) -> str:
    """Return as much of a scan as any code has: the rest of a longer one makes it none."""
    return (text or "")[:BOX]


class PayForm(Form):
    """What a resident wants to pay. The amount of an order is never here: it comes from the books."""

    amount = StringField(
        _l("How much"),
        description=_l("Digits, such as 50 or 12.50."),
        validators=[InputRequired(), Length(max=AMOUNT_LIMIT)],
    )
    way = RadioField(_l("How you pay"), choices=choices((way.value, WAYS[way].label) for way in REMOTE))


class OrderForm(Form):
    """Which order a resident pays, and how."""

    order = StringField(validators=[InputRequired(), Length(max=20)])
    way = RadioField(_l("How you pay"), choices=choices((way.value, WAYS[way].label) for way in REMOTE))


class FindForm(Form):
    """The box for whom money is taken."""

    text = StringField(_l("Find"), validators=[Length(max=BOX)])


class TakeForm(Form):
    """Money that a clerk takes."""

    amount = StringField(
        _l("Amount"),
        description=_l("Digits, such as 50 or 12.50."),
        validators=[InputRequired(), Length(max=AMOUNT_LIMIT)],
    )
    way = RadioField(
        _l("Paid by"),
        default=Way.CASH.value,
        choices=choices((way.value, WAYS[way].label) for way in Way),
    )
    code = StringField(filters=[_cut])  # what the scanner read
    paid_before = IntegerField(widget=HiddenInput(), validators=[Optional()])


class ScanForm(Form):
    """A payment code that is scanned for a payment that waits."""

    code = StringField(filters=[_cut])


class RefundForm(Form):
    """Money that is given back."""

    amount = StringField(_l("Amount"), validators=[InputRequired(), Length(max=AMOUNT_LIMIT)])
    reason = SelectField(
        _l("Reason"),
        choices=choices(
            (reason.value, label) for reason, label in REASONS.items() if reason is not Reason.BY_PROVIDER
        ),
    )


class ProviderForm(Form):
    """What every provider has."""

    version = IntegerField(widget=HiddenInput())
    is_enabled = BooleanField(_l("Residents can pay this way"))

    @property
    def options(self) -> dict[str, Any]:
        """Return what the form says of the provider itself."""
        return {}


class AlipayForm(ProviderForm):
    """A merchant's application at Alipay."""

    app_id = StringField(
        _l("Application (app_id)"), validators=[InputRequired(), Length(max=16)], description=_l("16 digits")
    )
    seller_id = StringField(
        _l("Seller (PID)"), validators=[InputRequired(), Length(max=16)], description=_l("16 digits")
    )
    page = SelectField(
        _l("How residents pay"),
        choices=choices(
            ((Page.LINK.value, _l("On Alipay’s page")), (Page.QR.value, _l("By scanning a code with Alipay")))
        ),
    )
    is_sandbox = BooleanField(_l("Alipay’s sandbox: no real money"))
    alipay_public_key = TextAreaField(
        _l("Alipay’s public key"), validators=[InputRequired(), Length(max=KEY_LIMIT)]
    )
    app_private_key = TextAreaField(
        _l("Your application’s private key"),
        validators=[Optional(), Length(max=KEY_LIMIT)],
        description=_l("Kept encrypted and never shown again. Leave it empty to keep the one that is there."),
    )

    @property
    def options(self) -> dict[str, Any]:
        """Return Alipay's options."""
        names = ("app_id", "seller_id", "page", "is_sandbox", "alipay_public_key", "app_private_key")
        return {name: self.data[name] or ("" if name != "is_sandbox" else False) for name in names}


FORMS: dict[Way, type[ProviderForm]] = {Way.ALIPAY: AlipayForm, Way.TEST: ProviderForm}


class DayForm(Form):
    """A day of a provider's."""

    provider = SelectField(_l("Provider"), choices=choices((way.value, WAYS[way].label) for way in REMOTE))
    day = DateField(_l("Date"), validators=[InputRequired()])

    @property
    def chosen(self) -> date:
        """Return the day of a form that validated."""
        return self.day.data or date.min  # never empty once it validated


class FileForm(DayForm):
    """A provider's file of a day."""

    file = FileField(_l("File of the day"))


class ExplainForm(Form):
    """Why a difference is none."""

    note = StringField(_l("Explanation"), validators=[InputRequired(), Length(max=NOTE_LIMIT)])
