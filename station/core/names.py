"""People's names: cleaned for storing, masked for showing, cut into prefixes for a blind index."""

import re
import unicodedata

from station.core.text import is_harmless

LONGEST = 40  # characters; source: ours, the longest names on labels have a company behind them
MOST_PREFIXES = 12

# Letters, marks, numbers, punctuation and spaces; so neither symbols (emoji, currency, < and >) nor controls.
_WELCOME = frozenset("LMNPZ")
_UNWELCOME = frozenset({"Me", "Zl", "Zp"})  # enclosing marks make keycap emoji; line and paragraph ends

# Prefix lengths that are indexed. Names written without spaces are short and every character tells; other
# words tell little by one letter. Four lengths for each of three words keep within MOST_PREFIXES.
# Source: ours.
_RUNGS_SHORT = (1, 2, 3, 4)
_RUNGS_LONG = (2, 3, 5, 8)

# Han (with extensions), kana and hangul: scripts whose names are written without spaces.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fffd]")


def clean(text: str) -> str | None:
    """Return a name as it is stored (NFC, trimmed, single spaces), or None when it is no name.

    Refused: no letter in it, longer than LONGEST, control characters, emoji and other symbols.
    """
    if len(text) > 4 * LONGEST:
        return None
    name = unicodedata.normalize("NFC", text.strip())
    if not all(map(_is_welcome, name)):
        return None
    name = " ".join(name.split())
    return name if len(name) <= LONGEST and any(map(_is_letter, name)) else None


def _is_letter(char: str) -> bool:
    # Rare Han characters may be newer than this Python's tables and count as unassigned there.
    return char.isalpha() or _UNSPACED.match(char) is not None


def _is_welcome(char: str) -> bool:
    category = unicodedata.category(char)
    is_kind = _is_letter(char) or (category[0] in _WELCOME and category not in _UNWELCOME)
    return is_kind and is_harmless(char)


def masked(name: str) -> str:
    """Return what a screen may show: `陈**`, `Chen **`, and `C**` for one word; "" for an empty name.

    Names without spaces keep one character, compound surnames too (欧**): a list of surnames would show
    whole names. So does a first word with digits in it, which may be a phone number or an address.
    """
    words = name.split()
    if not words:
        return ""
    if len(words) == 1 or _UNSPACED.search(words[0]) or any(map(str.isnumeric, words[0])):
        return words[0][0] + "**"
    return words[0] + " **"


def folded(name: str) -> str:
    """Return the text that tells whether two names are the same: no case, width, spaces or punctuation.

    For a hash of the whole name; search_key is shorter and the same for different names.
    """
    return "".join(_words(name))


def search_prefixes(name: str) -> tuple[str, ...]:
    """Return what a blind index stores for a name: prefixes of the whole, the second and the last word.

    Ordering/limits: at most MOST_PREFIXES, each at most 8 characters, shortest first. The search_key of any
    beginning of these words is among them, from the second letter on where words have spaces.
    """
    starts = _starts(name)
    found = {start[:rung] for start in starts for rung in _rungs(start) if rung <= len(start)}
    # A word shorter than the first rung is found by itself.
    found |= {start for start in starts if len(start) < _rungs(start)[0]}
    return tuple(sorted(found, key=lambda prefix: (len(prefix), prefix)))


def search_key(text: str) -> str | None:
    """Return the one indexed prefix to look up for typed text, or None when it holds no letter or digit.

    The key may be shorter than what was typed (`carmen` looks up `carme`), so more may be found than was
    meant: `matches` says which to show. One Latin letter finds only words that consist of it.
    """
    typed = folded(text[:LONGEST])
    if not typed:
        return None
    length = max((rung for rung in _rungs(typed) if rung <= len(typed)), default=len(typed))
    return typed[:length]


def matches(name: str, typed: str) -> bool:
    """Say whether the whole name, its second or its last word begins with the typed text, spelling folded."""
    wanted = folded(typed[:LONGEST])
    return bool(wanted) and any(start.startswith(wanted) for start in _starts(name))


def _starts(name: str) -> set[str]:
    words = _words(name)
    return {"".join(words), *words[1:2], *words[-1:]} if words else set()


def _rungs(word: str) -> tuple[int, ...]:
    return _RUNGS_SHORT if _UNSPACED.match(word) else _RUNGS_LONG


def _words(text: str) -> list[str]:
    # Twice, because casefold can leave what NFKC composes again (Unicode Standard, definition D146).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(
        char if unicodedata.category(char)[0] in "LMN" or _is_letter(char) else " " for char in folded
    ).split()
