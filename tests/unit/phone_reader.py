"""A reader of pickup codes such as phones' message apps have: what it finds is what a person will be shown.

Made from the formats of DOMAIN.md 2.2 and from what such readers are known to trip over: full-width punctuation,
several codes in one message, dates and numbers that look like codes, addresses with digits, lockers (`1号柜902144`).
"""

import re
import unicodedata

ADDRESS = re.compile(r"https?://\S+")
KEYWORD = re.compile(r"凭|取件码|取货码|提货码|\bcodes?\b", re.IGNORECASE)
LEAD = re.compile(r"\s*(?:为|是|:|is\b|are\b)?\s*[\"“「]?\s*", re.IGNORECASE)
CODE = re.compile(
    r"\d{1,3}号柜\d{4,8}"  # a locker and its number
    r"|[^\W_]{1,8}(?:-\d{1,5}){1,3}(?![0-9A-Za-z-])"  # 15-1-7231, M-2-5341, 5-5-9-13, D4-7048
    r"|[A-Z]{0,2}\d{4,8}(?![0-9A-Za-z-])"  # 267961, TT6143
)
BETWEEN = re.compile(r"\s*[,、;]\s*")


def read(text: str) -> list[str]:
    """Return the codes that stand behind a keyword, in their order."""
    plain = ADDRESS.sub(" ", unicodedata.normalize("NFKC", text))
    found: list[str] = []
    for keyword in KEYWORD.finditer(plain):
        found += _codes_at(plain, LEAD.match(plain, keyword.end()).end())
    return found


def read_anywhere(text: str) -> list[str]:
    """Return what a careless reader takes for a code, wherever it stands."""
    return CODE.findall(ADDRESS.sub(" ", unicodedata.normalize("NFKC", text)))


def _codes_at(text: str, at: int) -> list[str]:
    codes = []
    while code := CODE.match(text, at):
        codes.append(code[0])
        gap = BETWEEN.match(text, code.end())
        if gap is None:
            break
        at = gap.end()
    return codes
