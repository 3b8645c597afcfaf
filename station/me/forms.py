"""Forms of the resident's pages. Every field is bounded; what it means is the service's."""

from wtforms import IntegerField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from station.core import names, phones
from station.core.i18n import LANGUAGES
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.residents import preferences
from station.residents.agreements import GivenBy, Guardian
from station.residents.preferences import Preferences, Way
from station.web.forms import Form, choices

CODE_LENGTH = 12  # six digits, and room for blanks between them
WAYBILL_LENGTH = 60  # a waybill has at most 32 characters; blanks between them are forgiven


class PhoneForm(Form):
    """The phone number to sign in with."""

    phone = StringField(_l("Phone number"), validators=[InputRequired(), Length(max=phones.LONGEST)])


class CodeForm(Form):
    """The one-time code that came by message."""

    code = StringField(_l("Code from the message"), validators=[InputRequired(), Length(max=CODE_LENGTH)])


class TrackingForm(Form):
    """What somebody must know of a parcel to be told where it is."""

    waybill = StringField(_l("Waybill number"), validators=[InputRequired(), Length(max=WAYBILL_LENGTH)])
    tail = StringField(
        _l("Last 4 digits of the phone number"),
        validators=[InputRequired(), Regexp(r"^\d{3,4}$", message=_l("Type the last 4 digits."))],
    )


class PlaceForm(Form):
    """Where parcels may be left, from now on. Nothing is ticked before it was chosen."""

    choice = RadioField(
        _l("When a parcel comes for me"),
        choices=choices(
            (
                ("station", _l("Keep it at this station")),
                ("door", _l("Bring it to my door")),
                ("locker", _l("Put it in a locker")),
                ("ask", _l("Ask me each time")),
            )
        ),
        validators=[InputRequired()],
    )


class MessagesForm(Form):
    """How messages reach somebody."""

    channel = SelectField(
        _l("Send messages"),
        choices=choices(
            (
                ("", _l("As the station does")),
                ("sms", _l("By SMS")),
                ("email", _l("By e-mail")),
                ("none", _l("Not at all: I look here")),
            )
        ),
        validators=[Optional()],
    )
    email = StringField(_l("E-mail address"), validators=[Optional(), Length(max=preferences.EMAIL_LONGEST)])
    language = SelectField(
        _l("Language of the messages"),
        choices=choices((("", _l("The station's")), *LANGUAGES.items())),
        validators=[Optional()],
    )
    quiet_from = TimeField(
        _l("No messages from"),
        description=_l("Leave both empty to get messages at any time."),
        validators=[Optional()],
    )
    quiet_until = TimeField(_l("until"), validators=[Optional()])

    def chosen(self) -> Preferences:
        """Return what the form says. Raises StationError `bad_input` for an e-mail address that is none."""
        return Preferences(
            Way(self.channel.data) if self.channel.data else None,
            preferences.clean_email(self.email.data or ""),
            self.quiet_from.data,
            self.quiet_until.data,
            self.language.data or None,
        )


class AgreementForm(Form):
    """The word to one text; who says it is never ticked beforehand."""

    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())
    given_by = RadioField(
        _l("Who agrees"),
        choices=choices(
            (
                (GivenBy.SELF, _l("I am 14 or older and agree for myself")),
                (GivenBy.GUARDIAN, _l("I am the parent or guardian of somebody under 14")),
            )
        ),
        validators=[InputRequired()],
    )
    guardian_name = StringField(
        _l("Name of the parent or guardian"), validators=[Optional(), Length(max=names.LONGEST)]
    )
    guardian_phone = StringField(
        _l("Phone number of the parent or guardian"), validators=[Optional(), Length(max=phones.LONGEST)]
    )

    def guardian(self) -> Guardian | None:
        """Return whose word it is, None for the person's own."""
        if self.given_by.data != GivenBy.GUARDIAN:
            return None
        return Guardian(self.guardian_name.data or "", self.guardian_phone.data or "")


class ProxyForm(Form):
    """Who may collect what. Without a phone number a one-time code shows who may."""

    what = SelectField(_l("What"))
    name = StringField(_l("Their name"), validators=[Length(max=4 * names.LONGEST)])
    phone = StringField(
        _l("Their phone number"),
        description=_l("Leave it empty to get a code that you send them."),
        validators=[Length(max=phones.LONGEST)],
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse what is no name."""
        if (field.data or "").strip() and self.chosen_name() is None:
            raise ValidationError(_("This is not a name. Leave it empty if you like."))

    def validate_phone(self, field: StringField) -> None:
        """Refuse what is no phone number."""
        if (field.data or "").strip() and self.chosen_phone() is None:
            raise ValidationError(_("This is not a phone number. Type all of its digits."))

    def chosen_name(self) -> str | None:
        """Return the name as it is kept."""
        return names.clean(self.name.data or "")

    def chosen_phone(self) -> phones.Phone | None:
        """Return the phone number."""
        return phones.parse(self.phone.data or "")
