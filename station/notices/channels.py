"""The ways by which a message reaches a person. Which message, in which words and when is decided elsewhere."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from station.core import clock
from station.core.phones import Phone

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to go. `id` is the provider's idempotency key: the same id must be delivered once."""

    id: int
    to: Phone
    text: str


class ChannelError(Exception):
    """A channel did not take a message; `reason` is a code of events/vocabulary.py, since the log may keep it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """The word kept with each message that went this way; at most 16 characters."""

    def send(self, message: Message) -> None:
        """Hand a message over within 30 s, half of the shortest claim. Raises ChannelError when not taken."""


class ConsoleChannel:
    """Write messages to a file, for stations without a gateway and for looking at what would be sent.

    The number is masked; the text is there as a person would read it, so the file is only its owner's to read.
    """

    name = "console"

    def __init__(self, file: Path) -> None:
        self._file = file

    def send(self, message: Message) -> None:
        """Append one line: time, id, masked number, text."""
        line = f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {message.id} {message.to.display_masked} {message.text}\n"
        try:
            self._append(line)
        except OSError as error:
            raise ChannelError("file_not_writable") from error
        log.info("message %s written to %s", message.id, self._file.name)

    def _append(self, line: str) -> None:
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(line)
