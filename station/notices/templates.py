"""A station's own words for messages: which variables they may hold, what is wrong with them, and filling them in.

Pure. The replacer knows names in braces and nothing else; no text of a person ever reaches str.format. What is refused
here is what would make a message leak a number or a phone miss its pickup code (DOMAIN.md 2.2).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum

from station.core.i18n import gettext as _
from station.core.text import clean_line

LIMIT = 200  # characters; ours: three SMS parts of 67 (3GPP TS 23.038)


class Variable(StrEnum):
    """What stands in braces."""

    STATION = "station"
    CODES = "codes"
    DAY = "day"
    COUNT = "count"
    LINK = "link"


_ALL = frozenset(Variable)
_NO_DAY = _ALL - {Variable.DAY}
_CODES = frozenset({Variable.CODES})
_CODES_AND_DAY = frozenset({Variable.CODES, Variable.DAY})
# For each topic: the variables its words may hold, and those they must.
ALLOWED: Mapping[str, frozenset[Variable]] = {
    "stored": _ALL,
    "moved": _NO_DAY,
    "remind": _ALL,
    "overdue": _ALL,
    "alert": _ALL,
    "undone": frozenset({Variable.STATION, Variable.CODES}),
}
REQUIRED: Mapping[str, frozenset[Variable]] = {
    "stored": _CODES,
    "moved": _CODES,
    "remind": _CODES,
    "overdue": _CODES_AND_DAY,
    "alert": _CODES_AND_DAY,
    "undone": _CODES,
}
TAKES_BACK = "undone"

_PLACE = re.compile(r"\{([^{}]*)\}")
_FORMAT = re.compile(r"%[(a-zA-Z]")
_FOUR_DIGITS = re.compile(r"\d{4}")
_JOINED = re.compile(r"[^\W_][-–—./][^\W_]*\d|\d[^\W_]*[-–—./][^\W_]")
_RUN_ON = re.compile(r"https?://[!-~]*[^\s!-~]", re.IGNORECASE)  # an address with more than ASCII in it
_LOCKER = re.compile(r"柜")
_SIGNATURE = re.compile(r"[【】]")
# Just before the codes: what readers look for (DOMAIN.md 2.2, and tests/unit/phone_reader.py).
_KEYWORD = re.compile(r"(?:凭|取件码|取货码|提货码|\bcodes?)(?:\s*[:：]|\s+(?:is|are))?\s*$", re.IGNORECASE)
_ANY_KEYWORD = re.compile(r"凭|取件码|取货码|提货码|\bcodes?\b", re.IGNORECASE)
_BEFORE_CODES = re.compile(r"(?:^|[\s:：(（])$")
_AFTER_CODES = re.compile(r"$|[\s,;)。，；！）]|[.!:](?:\s|$)")
_TOUCHES_BEFORE = re.compile(r"[0-9A-Za-z_\-–—./:]$")
_TOUCHES_AFTER = re.compile(r"^(?:[0-9A-Za-z_\-–—/]|[.:]\S)")


def place(variable: Variable) -> str:
    """Return a variable as it stands in a template: `{codes}`."""
    return f"{{{variable}}}"


def fill(body: str, values: Mapping[str, str]) -> str:
    """Put values in the places of variables, once: a value that looks like a variable stays as it is."""
    return _PLACE.sub(lambda found: values[Variable(found[1])], body)


def clean(body: str) -> str | None:
    """Return words as they are stored, None when they hold what cannot be seen or are longer than LIMIT."""
    return clean_line(body, limit=LIMIT)


def problems(topic: str, body: str) -> list[str]:
    """Return what is wrong with words for a topic, in sentences that say what to do; nothing for good ones."""
    plain = clean(body)
    if plain is None:
        return [
            _(
                "Write one line of at most %(limit)s characters, without line ends or hidden marks.",
                limit=LIMIT,
            )
        ]
    wrong = list(_of_variables(topic, plain))
    return wrong or [*_of_words(plain), *_of_places(topic, plain)]


def _of_variables(topic: str, body: str) -> Iterator[str]:
    names = _PLACE.findall(body)
    allowed = ALLOWED[topic]
    for unknown in sorted({name for name in names if name not in allowed}):
        yield _(
            "There is no variable {%(name)s} in this message. It may hold: %(known)s.",
            name=unknown,
            known=_listed(allowed),
        )
    for missing in sorted(REQUIRED[topic] - set(names)):
        yield _("Put {%(name)s} into the words: without it the message tells too little.", name=missing)
    if names.count(Variable.CODES) > 1:
        yield _("Write {codes} once: every pickup code stands there.")
    if re.search(r"[{}]", unicodedata.normalize("NFKC", _PLACE.sub("", body))):
        yield _("Write braces only around the name of a variable, such as {codes}.")
    if _FORMAT.search(body):
        yield _("Leave out the percent sign before a letter: variables stand in braces, such as {codes}.")


def _listed(variables: frozenset[Variable]) -> str:
    return ", ".join(place(one) for one in Variable if one in variables)


def _of_words(body: str) -> Iterator[str]:
    """Look at the words that are always the same."""
    words = unicodedata.normalize("NFKC", _PLACE.sub("\n", body))
    if _FOUR_DIGITS.search(words):
        yield _("Leave out numbers of four and more digits: a phone may take them for a pickup code.")
    if _JOINED.search(words):
        yield _("Leave out numbers joined by a dash, dot or slash: a phone may take them for a pickup code.")
    if _RUN_ON.search(words):
        yield _("Put a space behind a web address: a phone takes what touches it for a part of it.")
    if _LOCKER.search(words):
        yield _("Leave out 柜: a phone reads the number of a locker then.")
    if _SIGNATURE.search(body):
        yield _("Leave out 【】: the station's name is put there before every message.")


def _of_places(topic: str, body: str) -> Iterator[str]:
    """Look at what stands beside the variables."""
    for found in _PLACE.finditer(body):
        if not _has_room(Variable(found[1]), body[: found.start()], body[found.end() :]):
            yield _("Leave a space before and after {%(name)s}.", name=found[1])
    before = body.partition(place(Variable.CODES))[0]
    if topic == TAKES_BACK:
        if _ANY_KEYWORD.search(body.replace(place(Variable.CODES), "")):
            yield _("Leave out “code”, 取件码 and 凭: a phone would show what is taken back as a new code.")
    elif not _KEYWORD.search(before):
        yield _("Write “code”, 取件码 or 凭 right before {codes}: by that word phones find the code.")


def _has_room(variable: Variable, before: str, after: str) -> bool:
    """Tell whether nothing beside a variable grows together with its value."""
    if before.endswith("}") or _TOUCHES_BEFORE.search(before) or _TOUCHES_AFTER.search(after):
        return False
    if variable is Variable.CODES:
        return bool(_BEFORE_CODES.search(before) and _AFTER_CODES.match(after))
    # Phones take every letter that follows an address, Chinese ones too, for a part of it.
    return variable is not Variable.LINK or after[:1] in ("", " ")
