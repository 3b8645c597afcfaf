"""Forms of manifests and of the register. Every field is bounded; what it means is the services'."""

from wtforms import FileField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from station.core import names
from station.core.i18n import lazy as _l
from station.parcels import words
from station.web.forms import Form, choices

KEY = 80  # characters of an idempotency key (idempotency.KEY)
SCAN = 400  # characters of a scan (web/idempotent.TEXT_LIMIT)
SEEN = 64  # characters of a fingerprint (phone_queries.fingerprint)
NAME_TYPED = 4 * names.LONGEST  # before cleaning (names.clean)


class KeyForm(Form):
    """A form that acts once, however often it is sent."""

    key = HiddenField(validators=[Length(max=KEY)])


class OpenForm(KeyForm):
    """For which carrier a manifest is opened."""

    carrier = HiddenField(validators=[InputRequired(), Length(max=12)])


class ScanForm(KeyForm):
    """A parcel scanned or typed without scripts."""

    value = StringField(_l("Waybill"), validators=[InputRequired(), Length(max=SCAN)])


class ItemForm(KeyForm):
    """A parcel on a manifest."""

    parcel = HiddenField(validators=[InputRequired(), Length(max=20)])


class SignForm(KeyForm):
    """The courier's name and signature."""

    courier_name = StringField(
        _l("Courier's name"), validators=[InputRequired(), Length(max=NAME_TYPED)], id="courier-name"
    )
    picture = FileField(_l("Or a photo of the signed paper"), id="signature-picture")
    seen = HiddenField(validators=[InputRequired(), Length(max=SEEN)])


class PhoneSignForm(KeyForm):
    """A courier's signature on their own phone; `seen` says for which list it was given."""

    seen = HiddenField(validators=[InputRequired(), Length(max=SEEN)])
    picture = FileField(_l("Or a photo of your signature"), id="signature-picture")


class RefuseForm(KeyForm):
    """Which parcel a courier does not take, and why."""

    parcel = HiddenField(validators=[InputRequired(), Length(max=19)])
    reason = SelectField(_l("Why"), choices=choices(words.OFF_REASONS.items()))


class EnterForm(KeyForm):
    """Which parcel enters the register, and why."""

    waybill = StringField(
        _l("Waybill"),
        description=_l("Scan the parcel's label."),
        validators=[InputRequired(), Length(max=SCAN)],
    )
    reason = SelectField(_l("Why"), id="unclaimed-reason", choices=choices(words.UNCLAIMED_REASONS.items()))


class DisposeForm(KeyForm):
    """What is done with a parcel whose term is over."""

    done = SelectField(
        _l("What is done with it"), id="disposal-done", choices=choices(words.DISPOSALS.items())
    )
