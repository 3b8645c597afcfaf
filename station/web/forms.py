"""The base of every form: WTForms whose own sentences are ours, in the language spoken now.

Labels, descriptions and choices are marked with `lazy` in the form and translated where they are shown
(the `field` macro of templates/_macros.html).
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice

from station.core import i18n
from station.core.i18n import lazy as _l

# What WTForms and Flask-WTF say by themselves; named here so that it is translated with everything else.
OWN_SENTENCES = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Not a valid integer value."),
    _l("Not a valid date value."),
    _l("Not a valid time value."),
    _l("Not a valid decimal value."),
    _l("Invalid input."),
    _l("Invalid Choice: could not coerce."),
    _l("Invalid value, must be one of: %(values)s."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Field must be equal to %(other_name)s."),
)
OWN_PLURALS = (
    ("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long."),
    ("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters."),
    ("Field must be exactly %(max)d character long.", "Field must be exactly %(max)d characters long."),
)


class _Sentences:
    """Hands WTForms' sentences to our translations; WTForms fills in the values itself."""

    def gettext(self, text: str) -> str:
        """Translate `text`."""
        return i18n.gettext(text)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Translate by number, leaving the places open."""
        return i18n.gettext(singular if n == 1 else plural)


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
