"""Writing visits down for `python -m kiosk replay`: what happened, without what was typed, shown or printed."""

import os
from datetime import datetime
from pathlib import Path

from kiosk.model import Rules
from kiosk.session.events import Event
from kiosk.session.record import Recording

OWNER_ONLY = 0o600


class FileRecorder:
    """Appends to a file, a line for each event; a line for the rules whenever they are others."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises OSError."""
        self._file = os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY), "a", buffering=1
        )
        self._recording = Recording()
        self._rules: Rules | None = None

    def write(self, event: Event, at: datetime, rules: Rules) -> None:
        """Write down one event; the line is with the system when this returns."""
        if rules != self._rules:
            self._rules = rules
            self._file.write(self._recording.rules_line(rules) + "\n")
        self._file.write(self._recording.line(event, at) + "\n")
