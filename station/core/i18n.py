"""The languages of the product: which one is spoken now, and the look-up of texts. Formatting is Babel's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "English", "zh": "中文"}
HTML_LANG = {"en": "en", "zh": "zh-CN"}
TRANSLATIONS = Path(__file__).parents[1] / "translations"

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """Return the language spoken now: a key of LANGUAGES."""
    return _language.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak `code` inside the block; an unknown code means English."""
    token = _language.set(code if code in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def set_language(code: str) -> None:
    """Speak `code` from here on in this context: for the start of a request."""
    _language.set(code if code in LANGUAGES else "en")


@cache
def _translations(code: str) -> NullTranslations:
    """Read a .po file and compile it in memory, so that no compiled file has to be built or kept."""
    path = TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalog = read_po(source, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """Translate `message` and fill its `%(name)s` places with `values`."""
    text = _translations(language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Translate by number; `%(num)s` is filled with it."""
    text = _translations(language()).ngettext(singular, plural, num)
    return text % {"num": num, **values}


def lazy(message: str) -> str:
    """Mark `message` for translation where it is defined; translate it with gettext where it is shown."""
    return message
