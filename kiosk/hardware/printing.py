"""Tickets on a thermal printer that speaks ESC/POS, on USB (a device file) or on the network.

Text goes out in GB 18030, which the printers sold in China understand as they come; a printer of another alphabet
prints the digits right all the same, and a ticket's facts are digits.
"""

from collections.abc import Callable, Sequence

from escpos.exceptions import Error as EscposError  # type: ignore[import-untyped]
from escpos.printer import Dummy, File, Network  # type: ignore[import-untyped]

from kiosk.hardware.parts import PartError

TIMEOUT_S = 5.0  # ours: a printer on a network answers within a second or is off
ENCODING = "gb18030"
KANJI_MODE = b"\x1c&"  # FS &, ESC/POS command reference: two bytes are one Chinese character


class EscposPrinter:
    """A printer that is opened for every ticket, so that one switched off meanwhile does no harm."""

    def __init__(self, connect: "Callable[[], File | Network | Dummy]") -> None:
        self._connect = connect

    def print_ticket(self, lines: Sequence[str]) -> None:
        """Print these lines and cut. Raises PartError."""
        printer = self._connect()
        try:
            _print(printer, lines)
        except (EscposError, OSError) as error:
            raise PartError(f"the ticket printer does not answer ({type(error).__name__})") from None
        finally:
            printer.close()

    def close(self) -> None:
        """Let go of it: nothing is held between tickets."""


def on_device(path: str) -> EscposPrinter:
    """Return a printer that is a device file, such as /dev/usb/lp0."""
    return EscposPrinter(lambda: File(path))


def on_network(host: str) -> EscposPrinter:
    """Return a printer that listens on the usual port 9100."""
    return EscposPrinter(lambda: Network(host, timeout=TIMEOUT_S))


def _print(printer: File | Network | Dummy, lines: Sequence[str]) -> None:
    printer.hw("INIT")
    printer._raw(KANJI_MODE)  # the library's way to send bytes it has no word for
    for line in lines:
        printer._raw(line.encode(ENCODING, "replace") + b"\n")
    printer.cut()
