"""Forms of the pages about kiosks. Every field is bounded."""

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from station.accounts.service import NAME_LENGTH
from station.core.i18n import lazy as _l
from station.kiosks.conflicts import NOTE_LIMIT
from station.web.forms import Form


class KioskForm(Form):
    """What a kiosk is called."""

    name = StringField(_l("Name of the kiosk"), validators=[InputRequired(), Length(max=NAME_LENGTH)])


class RulesForm(Form):
    """What the station lets its kiosks do."""

    takes_pickup_codes = BooleanField(
        _l("Collecting by pickup code and phone tail"),
        description=_l(
            "A weak way: both may stand on the parcel. Only that parcel leaves, and five wrong tries lock it."
        ),
    )
    takes_faces = BooleanField(
        _l("Collecting by face"),
        description=_l(
            "For those who agree to it, never the only way. Assess the risk and put up the notice first."
        ),
    )
    face_always_asks_tail = BooleanField(
        _l("A face always asks the last 4 digits of the phone number too"),
        description=_l("Leave it on unless you have measured that pictures and screens are kept out."),
    )
    takes_photos = BooleanField(
        _l("A photo of each hand-over"),
        description=_l(
            "Parcel and hands, faces blurred unless the resident agreed. Erased after 30 days. Put up a notice."
        ),
    )


class NoteForm(Form):
    """What a manager found out about a conflict."""

    note = TextAreaField(
        _l("What you found out"),
        description=_l("Who has the parcel, and what was agreed. At most 400 characters."),
        validators=[InputRequired(), Length(max=NOTE_LIMIT)],
    )
