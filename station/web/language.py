"""Which language a request is answered in: the person's choice, the browser's cookie, its header, the station's."""

from flask import request

from station.core.i18n import LANGUAGES

COOKIE = "language"
FALLBACK = "en"


def choose(preference: str | None, station_default: str | None) -> str:
    """Return the language of this request, a key of LANGUAGES.

    `preference` is the signed-in person's, `station_default` that of the station they work at.
    """
    asked = (tag.partition("-")[0].casefold() for tag in request.accept_languages.values())  # best first
    for candidate in (preference, request.cookies.get(COOKIE), *asked, station_default):
        if candidate in LANGUAGES:
            return candidate
    return FALLBACK
