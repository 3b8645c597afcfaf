"""Forms of the people page. Every field is bounded; what it means is the services'."""

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from station.core.i18n import lazy as _l
from station.parcels import words
from station.parcels.search import BOX
from station.residents import notes
from station.web.forms import Form, choices


class FindForm(Form):
    """The box of the people page."""

    text = StringField(_l("Find"), validators=[Length(max=BOX)])


class UnmaskForm(Form):
    """Why somebody wants to see a name and a phone number."""

    reason = SelectField(_l("Why"), id="unmask-reason", choices=choices(words.UNMASK_REASONS.items()))


class NoteForm(Form):
    """What the staff should know of a person."""

    text = TextAreaField(
        _l("Note"),
        id="note-text",
        description=_l("Only what helps to hand out parcels. The person may ask to read it."),
        validators=[Length(max=2 * notes.LONGEST)],  # before cleaning; the service says what is too long
    )


class LinkForm(Form):
    """A privacy number that is this person's."""

    phone = StringField(
        _l("Privacy number on the label"),
        id="link-phone",
        description=_l("Number and extension: 17012345678,8462"),
        validators=[Length(max=40)],
    )
