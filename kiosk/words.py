"""Every sentence of the kiosk in English and Chinese, by its key.

The sentences stand in `sentences.py` (screens) and `notices.py` (what happened and what to do); everybody else names
keys only. Values stand in a sentence as `%(name)s`.
"""

from datetime import date

from kiosk.notices import NOTICES
from kiosk.sentences import SENTENCES

LANGUAGES = ("en", "zh")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TABLE = SENTENCES | NOTICES


def say(key: str, language: str, **facts: object) -> str:
    """Return the sentence in this language, English where the language is none of ours.

    Raises KeyError for a key or a value that is missing: a sentence with a hole never reaches a screen.
    """
    sentence = TABLE[key][LANGUAGES.index(language) if language in LANGUAGES else 0]
    return sentence % {name: str(value) for name, value in facts.items()}


def day(moment: date, language: str) -> str:
    """Return a day without its year: `28 Nov`, `11 月 28 日`."""
    if language == "zh":
        return f"{moment.month} 月 {moment.day} 日"
    return f"{moment.day} {MONTHS[moment.month - 1]}"


def counted(key: str, language: str, count: int, **facts: object) -> str:
    """Return the sentence for this many: English has `KEY_one` beside the others."""
    return say(f"{key}_one" if count == 1 else key, language, count=count, **facts)
