"""Forms of uploaded manifests. Every field is bounded; what it means is the services'."""

from datetime import date

from wtforms import DateField, FileField, HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, NumberRange

from station.carriers.catalogue import COMPANIES
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.manifests.columns import Field, Mapping
from station.manifests.sheets import HEAD
from station.manifests.words import FIELDS
from station.web.forms import Form

KEY = 80  # characters of an idempotency key (idempotency.KEY)
LAST_COLUMN = 59  # sheets.COLUMNS, counted from 0
SHOWN = 30  # characters of a header in a list of choices


class KeyForm(Form):
    """A form that acts once, however often it is sent."""

    key = HiddenField(validators=[Length(max=KEY)])


class UploadForm(KeyForm):
    """A file to be announced."""

    file = FileField(
        _l("File"), id="manifest-file", description=_l("CSV or Excel (.xlsx), up to 100,000 rows.")
    )


def _column(field: Field) -> SelectField:
    return SelectField(FIELDS[field], id=f"column-{field}", validate_choice=False)


class ColumnsForm(KeyForm):
    """Which column means what, and what goes for all rows."""

    waybill = _column(Field.WAYBILL)
    phone = _column(Field.PHONE)
    name = _column(Field.NAME)
    size = _column(Field.SIZE)
    consent = _column(Field.CONSENT)
    consent_how = _column(Field.CONSENT_HOW)
    row_carrier = _column(Field.CARRIER)
    day = _column(Field.DAY)
    first_row = IntegerField(
        _l("First row with a parcel"),
        id="first-row",
        validators=[InputRequired(), NumberRange(min=1, max=100 * HEAD)],
    )
    carrier = SelectField(_l("Carrier of rows that name none"), id="for-carrier")
    expected_on = DateField(
        _l("Expected on, for rows that name no day"), id="for-day", validators=[InputRequired()]
    )

    def offer(self, headers: list[str]) -> None:
        """Offer the columns of a file by their letters and headers."""
        columns = [SelectChoice("", _("not in the file"))] + [
            SelectChoice(str(place), f"{letter(place)}: {header[:SHOWN]}" if header else letter(place))
            for place, header in enumerate(headers)
        ]
        for one in self.of_columns().values():
            one.choices = list(columns)
        self.carrier.choices = [SelectChoice("", _("as the number tells"))] + [
            SelectChoice(code, facts.short_name(language())) for code, facts in COMPANIES.items()
        ]

    def of_columns(self) -> dict[Field, SelectField]:
        """Return the select of each field."""
        return {field: self["row_carrier" if field is Field.CARRIER else field.value] for field in Field}

    def mapping(self) -> Mapping:
        """Return the columns that were chosen."""
        chosen = {field: str(one.data or "") for field, one in self.of_columns().items()}
        return {
            field: int(text)
            for field, text in chosen.items()
            if text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= LAST_COLUMN
        }

    def propose(self, mapping: Mapping, *, first_row: int, expected_on: date) -> None:
        """Fill in what was found out about a file."""
        for field, one in self.of_columns().items():
            one.data = str(mapping[field]) if field in mapping else ""
        self.first_row.data, self.expected_on.data, self.carrier.data = first_row, expected_on, ""


def letter(place: int) -> str:
    """Return the letters of a column as a spreadsheet shows them: A to Z, AA and on."""
    head, tail = divmod(place, 26)
    return (letter(head - 1) if head else "") + chr(ord("A") + tail)
