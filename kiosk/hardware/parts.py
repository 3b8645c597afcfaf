"""The parts a kiosk may drive, and what stands in where there is none. Nothing here decides: it does as told.

Every call returns at once; what lasts (a door kept open, a tone) runs in the part's own time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Door(Protocol):
    """What keeps parcels in: a lock or a gate that opens for a moment."""

    def open(self) -> None:
        """Open for one person to pass, then close by itself."""

    def close(self) -> None:
        """Let go of it, shut."""


class Lamp(Protocol):
    """A light that can be seen from the shelves."""

    def show(self, kind: str) -> None:
        """Light up for `ok`, `warn` or `bad`, then go out by itself."""

    def close(self) -> None:
        """Let go of it, dark."""


class Beeper(Protocol):
    """What sounds at a scan where the screen has no speaker."""

    def sound(self, kind: str) -> None:
        """Sound `ok` (one short), `warn` (two) or `bad` (one long)."""

    def close(self) -> None:
        """Let go of it, silent."""


class TicketPrinter(Protocol):
    """What prints a receipt of a visit."""

    def print_ticket(self, lines: Sequence[str]) -> None:
        """Print these lines and cut. Raises PartError."""

    def close(self) -> None:
        """Let go of it."""


class PartError(Exception):
    """A part does not answer; the words say which, never what was to be printed."""


class NoDoor:
    """A station whose shelves stand open."""

    def open(self) -> None:
        """Do nothing: there is nothing to open."""

    def close(self) -> None:
        """Do nothing."""


class NoLamp:
    """A kiosk that shows everything on its screen."""

    def show(self, kind: str) -> None:
        """Do nothing: the screen shows it."""

    def close(self) -> None:
        """Do nothing."""


class NoBeeper:
    """A kiosk whose page makes the sounds."""

    def sound(self, kind: str) -> None:
        """Do nothing: the page sounds."""

    def close(self) -> None:
        """Do nothing."""


class NoPrinter:
    """A kiosk without tickets."""

    def print_ticket(self, lines: Sequence[str]) -> None:
        """Do nothing: the parcel's story has it."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """All parts of one kiosk."""

    door: Door = field(default_factory=NoDoor)
    lamp: Lamp = field(default_factory=NoLamp)
    beeper: Beeper = field(default_factory=NoBeeper)
    printer: TicketPrinter = field(default_factory=NoPrinter)

    def close(self) -> None:
        """Let go of every part, each in its safe state."""
        for part in (self.door, self.lamp, self.beeper, self.printer):
            part.close()
