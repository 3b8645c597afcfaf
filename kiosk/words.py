"""Every sentence of the kiosk in English and Chinese, by its key.

The sentences stand in `sentences.py` (screens) and `notices.py` (what happened and what to do); everybody else names
keys only. Values stand in a sentence as `%(name)s`.
"""

from kiosk.notices import NOTICES
from kiosk.sentences import SENTENCES

LANGUAGES = ("en", "zh")
TABLE = SENTENCES | NOTICES


def say(key: str, language: str, **facts: object) -> str:
    """Return the sentence in this language, English where the language is none of ours.

    Raises KeyError for a key or a value that is missing: a sentence with a hole never reaches a screen.
    """
    sentence = TABLE[key][LANGUAGES.index(language) if language in LANGUAGES else 0]
    return sentence % {name: str(value) for name, value in facts.items()}


def counted(key: str, language: str, count: int, **facts: object) -> str:
    """Return the sentence for this many: English has `KEY_one` beside the others."""
    return say(f"{key}_one" if count == 1 else key, language, count=count, **facts)
