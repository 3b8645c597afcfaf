"""Which parts hang on which pins, from `hardware.toml` in the kiosk's folder. No file: a kiosk without parts."""

import tomllib
from pathlib import Path
from typing import Any

from kiosk.hardware.parts import (
    Beeper,
    Door,
    Hardware,
    Lamp,
    NoBeeper,
    NoDoor,
    NoLamp,
    NoPrinter,
    TicketPrinter,
)

FILE = "hardware.toml"
OPEN_S = 3.0  # ours: to push a gate that hums
HIGHEST_PIN = 27  # BCM numbers on the 40-pin header: 0 to 27 (Raspberry Pi documentation, GPIO)
COLOURS = ("green", "amber", "red")
WITHOUT_LIBRARY = "it needs a package that is not installed. Run: make kiosk-pi"

KEYS: dict[str, frozenset[str]] = {
    "door": frozenset({"pin", "open_s", "active_high"}),
    "lamp": frozenset(COLOURS),
    "beeper": frozenset({"pin"}),
    "printer": frozenset({"device", "host"}),
}


class WiringError(Exception):
    """`hardware.toml` cannot be followed; the words say where and what to do."""


def connect(folder: Path) -> Hardware:
    """Take hold of every part that the folder's `hardware.toml` names. Raises WiringError."""
    said = _read(folder / FILE)
    return Hardware(
        _door(said.get("door")),
        _lamp(said.get("lamp")),
        _beeper(said.get("beeper")),
        _printer(said.get("printer")),
    )


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:  # what tomllib raises is one
        raise WiringError(f"{FILE} is not TOML: {error}") from None
    for part, values in said.items():
        if part not in KEYS or not isinstance(values, dict):
            raise WiringError(f"{FILE} has [{part}]; the parts are: {', '.join(KEYS)}")
        unknown = values.keys() - KEYS[part]
        if unknown:
            raise WiringError(f"{FILE}, [{part}]: {min(unknown)} is none of {', '.join(sorted(KEYS[part]))}")
    return said


def _pin(values: dict[str, Any], part: str, name: str = "pin") -> int:
    pin = values.get(name)
    if not isinstance(pin, int) or isinstance(pin, bool) or not 0 <= pin <= HIGHEST_PIN:
        raise WiringError(f"{FILE}, [{part}]: {name} must be a BCM number from 0 to {HIGHEST_PIN}")
    return pin


def _door(values: dict[str, Any] | None) -> Door:
    if values is None:
        return NoDoor()
    open_s = values.get("open_s", OPEN_S)
    if not isinstance(open_s, int | float) or not 0 < open_s <= 60:
        raise WiringError(f"{FILE}, [door]: open_s must be seconds, more than 0 and at most 60")
    pin = _pin(values, "door")
    try:
        from kiosk.hardware.gpio import PinDoor  # noqa: PLC0415 - a desk has no gpiozero
    except ImportError:
        raise WiringError(f"{FILE}, [door]: {WITHOUT_LIBRARY}") from None
    return PinDoor(pin, open_s=float(open_s), is_active_high=bool(values.get("active_high", True)))


def _lamp(values: dict[str, Any] | None) -> Lamp:
    if values is None:
        return NoLamp()
    pins = {colour: _pin(values, "lamp", colour) for colour in COLOURS if colour in values}
    try:
        from kiosk.hardware.gpio import PinLamp  # noqa: PLC0415 - a desk has no gpiozero
    except ImportError:
        raise WiringError(f"{FILE}, [lamp]: {WITHOUT_LIBRARY}") from None
    return PinLamp(pins)


def _beeper(values: dict[str, Any] | None) -> Beeper:
    if values is None:
        return NoBeeper()
    pin = _pin(values, "beeper")
    try:
        from kiosk.hardware.gpio import PinBeeper  # noqa: PLC0415 - a desk has no gpiozero
    except ImportError:
        raise WiringError(f"{FILE}, [beeper]: {WITHOUT_LIBRARY}") from None
    return PinBeeper(pin)


def _printer(values: dict[str, Any] | None) -> TicketPrinter:
    if values is None:
        return NoPrinter()
    device, host = values.get("device"), values.get("host")
    if (device is None) == (host is None):
        raise WiringError(f"{FILE}, [printer]: name a device or a host, one of them")
    try:
        from kiosk.hardware.printing import on_device, on_network  # noqa: PLC0415 - a desk has no python-escpos
    except ImportError:
        raise WiringError(f"{FILE}, [printer]: {WITHOUT_LIBRARY}") from None
    return on_device(str(device)) if device else on_network(str(host))
