"""The ways by which a message reaches a person. Which message, in which words and when is decided elsewhere."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from station.core import clock
from station.core.phones import Phone

KEEP = timedelta(days=30)  # ours: four times as long as a parcel waits before it goes back
SUFFIX = ".log"
TIME = "%Y-%m-%dT%H:%M:%SZ"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to go. `id` is the provider's idempotency key: the same id must be delivered once.

    `subject`, `email` and `link` (a page where the recipient can choose to hear no more) serve e-mail. `topic` and
    `variables` serve gateways that know the words already and take only what differs.
    """

    id: int
    to: Phone
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    email: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)
    topic: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    attempt: int = 1


class ChannelError(Exception):
    """A channel did not take a message now; later it may.

    `reason` is a code of events/vocabulary.py, since the log may keep it. `answer` is what the provider said, for the
    manager who tries the channel out; it may name a person, so nothing keeps it.
    """

    def __init__(self, reason: str, answer: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.answer = answer


class RefusedError(ChannelError):
    """A channel will never take this message: trying again is of no use."""


class Medium(StrEnum):
    """What a channel needs to know of a person."""

    PHONE = "sms"
    EMAIL = "email"


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """The word kept with each message that went this way; at most 16 characters."""

    @property
    def medium(self) -> Medium:
        """Which of a person's addresses it uses."""

    def reaches(self, phone: Phone, email: str | None) -> bool:
        """Whether it can deliver to somebody with this number and address."""

    def send(self, message: Message) -> None:
        """Hand a message over within 30 s, half of the shortest claim.

        Raises ChannelError when it was not taken, RefusedError when it never will be.
        """


def pick(channels: Sequence[Channel], message: Message, preferred: str | None = None) -> Channel | None:
    """Return the first of `channels` that reaches the person; the `preferred` medium first."""
    reaching = [channel for channel in channels if channel.reaches(message.to, message.email)]
    liked = [channel for channel in reaching if channel.medium == preferred]
    return next(iter(liked or reaching), None)


class ConsoleChannel:
    """Write messages to files, for stations without a gateway and for looking at what would be sent.

    One file for each day (UTC), so that old ones can be removed without touching the one that is written. The number is
    masked; the text is there as a person would read it, so the files are only their owner's to read.
    """

    name = "console"
    medium = Medium.PHONE

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reaches(self, phone: Phone, email: str | None) -> bool:
        """Whoever there is: a file asks for no number."""
        return True

    def send(self, message: Message) -> None:
        """Append one line: time, id, masked number, text."""
        now = clock.now()
        line = f"{now:{TIME}} {message.id} {message.to.display_masked} {message.text}\n"
        file = self._folder / f"{now:%Y-%m-%d}{SUFFIX}"
        try:
            _append(file, line)
        except OSError as error:
            raise ChannelError("file_not_writable") from error
        log.info("message %s written to %s", message.id, file.name)


def _append(file: Path, line: str) -> None:
    file.parent.mkdir(exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(line)


def forget_old(folder: Path) -> int:
    """Remove the files of days before KEEP; return how many. What has another name is somebody else's and stays."""
    first = (clock.now() - KEEP).date()
    old = [file for file in folder.glob(f"*{SUFFIX}") if (day := _day(file)) and day < first]
    for file in old:
        file.unlink(missing_ok=True)
        log.info("messages of %s removed", file.stem)
    return len(old)


def _day(file: Path) -> date | None:
    try:
        return date.fromisoformat(file.stem)
    except ValueError:
        return None
