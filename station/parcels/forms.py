"""Forms of finding, handing over and handling parcels. Every field is bounded; what it means is the services'."""

from wtforms import FileField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from station.carriers.catalogue import COMPANIES
from station.core import names, phones
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.parcels import words
from station.parcels.handling import STAFF_PROBLEMS
from station.parcels.search import BOX
from station.web.forms import Form, choices

KEY = 80  # characters of an idempotency key (idempotency.KEY)
PERSON = 20  # a letter and an id
ROW = 40  # characters of a shelf card or a row's name (cards.MAX_TEXT)
ADDRESS = 500  # characters of the page to go back to (targets.LIMIT)
NAME_TYPED = 4 * names.LONGEST  # before cleaning (names.clean)


class KeyForm(Form):
    """A form that acts once, however often it is sent."""

    key = HiddenField(validators=[Length(max=KEY)])


class SearchForm(Form):
    """The box of the parcels list."""

    text = StringField(_l("Find"), validators=[Length(max=BOX)])


class DeskForm(KeyForm):
    """The box of the hand-over desk: what was typed or scanned, and who is being served."""

    value = StringField(_l("Code, last 4 digits, phone, name or waybill"), validators=[Length(max=1000)])
    person = HiddenField(validators=[Length(max=PERSON)])
    proxy_name = StringField(_l("Collected by somebody else"), validators=[Length(max=NAME_TYPED)])
    scanned_at = HiddenField(validators=[Length(max=40)])


class UndoForm(KeyForm):
    """Why a hand-over is taken back."""

    reason = SelectField(_l("Why"), id="undo-reason", choices=choices(words.UNDO_REASONS.items()))


class BulkForm(KeyForm):
    """What to do with the parcels that were ticked."""

    action = HiddenField(validators=[InputRequired(), Length(max=10)])
    row = StringField(_l("To shelf and layer"), validators=[Length(max=ROW)])
    back = HiddenField(validators=[Length(max=ADDRESS)])


class MoveForm(KeyForm):
    """Where a parcel goes."""

    row = StringField(
        _l("To shelf and layer"),
        id="move-row",
        description=_l("Type 12-3 or scan the shelf card."),
        validators=[InputRequired(), Length(max=ROW)],
    )


class FoundForm(KeyForm):
    """Where a parcel goes that turned up again."""

    row = StringField(
        _l("To shelf and layer"),
        id="found-row",
        description=_l("Type 12-3 or scan the shelf card."),
        validators=[InputRequired(), Length(max=ROW)],
    )


class HoldForm(KeyForm):
    """Why a parcel is kept."""

    reason = SelectField(_l("Why"), id="hold-reason", choices=choices(words.HOLD_REASONS.items()))


class ProblemForm(KeyForm):
    """What is wrong with a parcel."""

    problem = SelectField(
        _l("What is wrong"),
        id="problem-problem",
        choices=choices((one.value, words.PROBLEMS[one]) for one in STAFF_PROBLEMS),
    )


class ReturnForm(KeyForm):
    """Why a parcel goes back."""

    reason = SelectField(_l("Why"), id="return-reason", choices=choices(words.RETURN_REASONS.items()))


class UndoReturnForm(KeyForm):
    """Why a parcel is not back with its carrier after all."""

    reason = SelectField(
        _l("Why"), id="undo-return-reason", choices=choices(words.UNDO_RETURN_REASONS.items())
    )


class LostForm(KeyForm):
    """Why a parcel counts as lost."""

    reason = SelectField(_l("Why"), id="lost-reason", choices=choices(words.LOST_REASONS.items()))


class WriteOffForm(KeyForm):
    """Why a parcel is to be written off."""

    reason = SelectField(_l("Why"), id="write-off-reason", choices=choices(words.WRITE_OFF_REASONS.items()))


class UnmaskForm(KeyForm):
    """Why somebody wants to see a name and a phone number."""

    reason = SelectField(_l("Why"), id="unmask-reason", choices=choices(words.UNMASK_REASONS.items()))


class RecipientForm(KeyForm):
    """Whose a parcel is."""

    phone = StringField(
        _l("Phone number"),
        id="recipient-phone",
        description=_l("A number with an extension: 17012345678,8462"),
        validators=[InputRequired(), Length(max=phones.LONGEST)],
    )
    name = StringField(_l("Name"), id="recipient-name", validators=[Length(max=NAME_TYPED)])


class CarrierForm(KeyForm):
    """Who brought a parcel."""

    carrier = SelectField(
        _l("Carrier"),
        id="carrier-carrier",
        choices=lambda: [(code, facts.name(language())) for code, facts in COMPANIES.items()],
    )


class ConsentForm(KeyForm):
    """What the recipient says, and how the clerk knows."""

    choice = SelectField(
        _l("The recipient says"),
        id="consent-choice",
        choices=choices(
            (
                ("station", _l("Keep this one here")),
                ("always", _l("Always keep them here")),
                ("door", _l("Bring it to the door")),
                ("locker", _l("Put it into a locker")),
                ("ask", _l("Ask me each time")),
            )
        ),
    )
    how = RadioField(
        _l("How you know"),
        choices=choices((("phone_call", _l("By phone")), ("in_person", _l("In person")))),
        default="phone_call",
    )


class PictureForm(KeyForm):
    """A photo or a signature of a parcel."""

    kind = SelectField(_l("What it shows"), id="picture-kind", choices=choices(words.PICTURES.items()))
    picture = FileField(_l("Photo"), id="picture-picture")
