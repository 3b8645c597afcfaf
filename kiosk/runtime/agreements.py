"""The text that has to be agreed to before a face is enrolled: fetched when its screen comes, in that language."""

from collections.abc import Callable
from typing import Protocol

from kiosk.backend import RefusedError, UnreachableError
from kiosk.session.state import Screen, Session

SCREENS = frozenset({Screen.ENROL_CONSENT, Screen.ENROL_GUARDIAN, Screen.ENROL_FACE})


class Source(Protocol):
    """Where agreements come from."""

    def agreement(self, language: str) -> tuple[int, str]:
        """Return version and text. Raises UnreachableError, RefusedError."""


class Agreements:
    """Knows which text stands on the screen. `show` puts it there, None takes it away."""

    def __init__(
        self,
        source: Source,
        *,
        show: Callable[[str | None], None],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self._source = source
        self._show = show
        self._later = later
        self._language: str | None = None
        self._version: int | None = None

    @property
    def version(self) -> int | None:
        """Which version was shown last; None when no text came."""
        return self._version

    def follow(self, session: Session) -> None:
        """Fetch the text when a session needs it and put it away afterwards. Returns at once."""
        language = session.look.language if session.screen in SCREENS else None
        if language == self._language:
            return
        self._language = language
        if language is None:
            self._show(None)
            return
        self._version = None
        self._later(lambda: self._fetch(language))

    def _fetch(self, language: str) -> None:
        try:
            version, text = self._source.agreement(language)
        except (UnreachableError, RefusedError):
            return
        if language == self._language:
            self._version = version
            self._show(text)
