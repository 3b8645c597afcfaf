"""Door, lamp and beeper on the pins of a Raspberry Pi, by gpiozero (imported only where pins are configured).

gpiozero does the waiting in threads of its own, so every call returns at once.
"""

from gpiozero import Buzzer, DigitalOutputDevice  # type: ignore[import-untyped]

# Ours: how long a tone or a light lasts, and how often; UI.md 2 has one high, two mid, one long low. A beeper has one
# pitch, so number and length tell them apart.
TONES: dict[str, tuple[float, int]] = {"ok": (0.1, 1), "warn": (0.1, 2), "bad": (0.8, 1)}
PAUSE_S = 0.1  # ours: two tones are heard as two
LIT_S = 2.0  # ours: long enough to be seen by somebody who turns round
COLOURS = {"ok": "green", "warn": "amber", "bad": "red"}


class PinDoor:
    """A lock or gate behind a relay."""

    def __init__(self, pin: int, *, open_s: float, is_active_high: bool = True) -> None:
        self._relay = DigitalOutputDevice(pin, active_high=is_active_high)
        self._open_s = open_s

    def open(self) -> None:
        """Draw the relay for `open_s` seconds; opening again begins them anew."""
        self._relay.blink(on_time=self._open_s, off_time=0, n=1)

    def close(self) -> None:
        """Let the relay fall."""
        _let_go(self._relay)


class PinLamp:
    """Up to three lights, by colour (`green`, `amber`, `red`); a colour that is not wired stays dark."""

    def __init__(self, pins: dict[str, int]) -> None:
        self._lights = {colour: DigitalOutputDevice(pin) for colour, pin in pins.items()}

    def show(self, kind: str) -> None:
        """Light the colour of `kind` alone."""
        for light in self._lights.values():
            light.off()
        light = self._lights.get(COLOURS[kind])
        if light:
            light.blink(on_time=LIT_S, off_time=0, n=1)

    def close(self) -> None:
        """Put every light out."""
        for light in self._lights.values():
            _let_go(light)


class PinBeeper:
    """An active buzzer, which sounds while its pin is on."""

    def __init__(self, pin: int) -> None:
        self._buzzer = Buzzer(pin)

    def sound(self, kind: str) -> None:
        """Sound `kind`; a new one cuts the last short."""
        length_s, times = TONES[kind]
        self._buzzer.beep(on_time=length_s, off_time=PAUSE_S, n=times)

    def close(self) -> None:
        """Fall silent."""
        _let_go(self._buzzer)


def _let_go(device: DigitalOutputDevice) -> None:
    """Switch off first: a pin that is only let go of keeps its level."""
    if not device.closed:
        device.off()
        device.close()
