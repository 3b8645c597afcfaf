"""The base of every form: WTForms whose own sentences are ours, in the language spoken now.

Labels, descriptions and choices are marked with `lazy` in the form and translated where they are shown
(the `field` macro of templates/_macros.html).
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2

from station.core import i18n
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
