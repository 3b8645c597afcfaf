"""The base of every form: WTForms whose own sentences are ours, in the language spoken now; and whole numbers.

Labels, descriptions and choices are marked with `lazy` in the form and translated where they are shown
(the `field` macro of templates/_macros.html).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2
from wtforms.validators import Length
from wtforms.widgets import TextInput

from station.core import i18n
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l

# What WTForms says by itself, and how we say it.
OWN_SENTENCES = {
    "This field is required.": _l("Fill this in."),
    "Not a valid choice.": _l("Choose one of the list."),
    "Invalid Choice: could not coerce.": _l("Choose one of the list."),
    "Invalid value, must be one of: %(values)s.": _l("Choose one of the list."),
    "Not a valid integer value.": _l("Type a whole number."),
    "Not a valid decimal value.": _l("Type a number."),
    "Not a valid date value.": _l("Type a date, such as 2026-11-21."),
    "Not a valid time value.": _l("Type a time, such as 09:30."),
    "Invalid input.": _l("This is not understood. Type it again."),
    "Number must be between %(min)s and %(max)s.": _l("Type a number from %(min)s to %(max)s."),
    "Number must be at least %(min)s.": _l("Type %(min)s or more."),
    "Number must be at most %(max)s.": _l("Type %(max)s or less."),
    "Field must be at least %(min)d characters long.": _l("Type at least %(min)d characters."),
    "Field cannot be longer than %(max)d characters.": _l("Type at most %(max)d characters."),
    "Field must be exactly %(max)d characters long.": _l("Type exactly %(max)d characters."),
    "Field must be between %(min)d and %(max)d characters long.": _l("Type %(min)d to %(max)d characters."),
}
KEY = 80  # characters of an idempotency key (idempotency.KEY)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)  # beyond any bound of ours, so that the bound itself is named


class _Sentences:
    """Hands WTForms' sentences to our translations; WTForms fills in the values itself."""

    def gettext(self, text: str) -> str:
        """Say `text` in our words."""
        return i18n.gettext(OWN_SENTENCES.get(text, text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Say `plural` in our words: they read well with one, too."""
        return self.gettext(plural)


class Form(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """A form of ours."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # Flask-WTF carries no types
        """Speaks our sentences."""

        def get_translations(self, form: Any) -> _Sentences:
            """Return where WTForms finds its words."""
            return _Sentences()


class KeyForm(Form):
    """A form that acts once, however often it is sent."""

    key = HiddenField(validators=[Length(max=KEY)])


class WholeField(Field):
    """A whole number, zero or more; None where nothing was typed."""

    widget = TextInput()
    data: int | None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed. Raises ValueError for what is no whole number."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = whole(typed) if typed else None
        if typed and self.data is None:
            raise ValueError(_("Type a whole number, such as 2: no fractions and nothing below 0."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


def whole(text: str) -> int | None:
    """Read a typed whole number, zero or more; None when it is none: negative, a fraction, too long, rubbish."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if _WHOLE.fullmatch(plain) else None


def choices(pairs: Iterable[tuple[str, str]]) -> Callable[[], list[SelectChoice]]:
    """Return the choices of a select or radio field: (value, label marked with `lazy`), translated when shown."""
    listed = tuple(pairs)
    return lambda: [SelectChoice(value, i18n.gettext(label)) for value, label in listed]


def first_error(form: FlaskForm) -> str:
    """Return what is wrong with a form that did not validate, as one sentence."""
    for field in form:
        if field.errors:
            return f"{i18n.gettext(str(field.label.text))}: {field.errors[0]}"
    return i18n.gettext("This form is not complete.")
