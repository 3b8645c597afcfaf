"""The texts of the product and their Chinese: gather them from code and templates, and check that none is missing.

`python -m station.web.translations update` rewrites the .po file with what the code says now; new texts come without a
translation. `check` fails when a text has none, or one that does not fit. It is no part of the running station.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from station.core.i18n import TRANSLATIONS

ROOT = Path(__file__).parents[2]
LANGUAGE = "zh"
FILE = TRANSLATIONS / LANGUAGE / "LC_MESSAGES" / "messages.po"
METHODS = (
    ("station/web/node_modules/**", "ignore"),
    ("station/**.py", "python"),
    ("templates/**.html", "jinja2"),
)
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy": None}
OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}
PLACE = re.compile(r"%(?:\((\w+)\))?[sd]")
# No date and no tool's version: two people who update get the same file. Chinese has one plural form (CLDR).
HEADER = f"""# The Chinese of Stationmaster. Its wording follows docs/glossary.md.
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def main(arguments: list[str]) -> None:
    """Run `update` or `check`. Raises SystemExit when the check finds faults or the command is unknown."""
    commands = {"update": update, "check": check}
    name = arguments[0] if arguments else "check"
    if name not in commands:
        raise SystemExit(f"Unknown command {name!r}: use one of {', '.join(commands)}.")
    commands[name]()


def update() -> None:
    """Bring the .po file up to the code: new texts in, unused ones out, translations kept."""
    known, now = stored(), extracted()
    for message in now:
        before = known.get(message.id)
        if message.id and before is not None:
            message.string = before.string
    FILE.parent.mkdir(parents=True, exist_ok=True)
    fresh = FILE.with_suffix(".new")  # renamed when it is whole: two runs at once must not read half a file
    with fresh.open("wb") as target:
        target.write(HEADER.encode())
        write_po(target, now, width=110, omit_header=True, sort_by_file=True, include_lineno=False)
    fresh.replace(FILE)
    open_ones = sum(1 for message in texts(now) if not is_translated(message))
    print(f"{len(now)} texts, {open_ones} without a translation")


def check() -> None:
    """Compare the .po file with the code. Raises SystemExit naming each fault."""
    found = list(faults(extracted(), stored()))
    if found:
        raise SystemExit("\n".join([*found, f"{len(found)} faults: run `update`, then translate."]))


def extracted() -> Catalog:
    """Return every text of code and templates."""
    catalog = Catalog(locale=LANGUAGE)
    for name, _line, text, _comments, context in extract_from_dir(
        ROOT, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, directory_filter=_is_source
    ):
        catalog.add(text, locations=[(Path(name).as_posix(), 0)], context=context)
    return catalog


def _is_source(folder: str) -> bool:
    return Path(folder).name not in ("node_modules", "vendor", "__pycache__") and not Path(
        folder
    ).name.startswith(".")


def stored() -> Catalog:
    """Return the translations as they are kept; none when there is no file yet."""
    if not FILE.exists():
        return Catalog(locale=LANGUAGE)
    with FILE.open("rb") as source:
        return read_po(source, locale=LANGUAGE)


def faults(now: Catalog, known: Catalog) -> Iterator[str]:
    """Yield what is wrong with `known` as the translation of `now`, one sentence each."""
    for message in texts(now):
        translation = known.get(message.id)
        if translation is None or not is_translated(translation):
            yield f"not translated: {_first(message)!r}"
        elif translation.fuzzy:
            yield f"fuzzy: {_first(message)!r}"
        elif places(translation.string) != places(message.id):
            yield f"other places than the English: {_first(message)!r}"
    for message in texts(known):
        if now.get(message.id) is None:
            yield f"no longer used: {_first(message)!r}"


def texts(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages of `catalog` without its header."""
    return (message for message in catalog if message.id)


def is_translated(message: Message) -> bool:
    """Tell whether every form of `message` has a text."""
    return all(_forms(message.string))


def places(text: object) -> set[str]:
    """Return the names of the places in a text or in its forms; nameless ones count as one name."""
    return {found[1] or "%" for form in _forms(text) for found in PLACE.finditer(form)}


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


def _first(message: Message) -> str:
    return _forms(message.id)[0]


if __name__ == "__main__":
    main(sys.argv[1:])
