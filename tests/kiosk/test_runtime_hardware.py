"""Door, lamp, beeper and printer: driven on gpiozero's mock pins, and absent without harm."""

import pytest
from escpos.printer import Dummy
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from kiosk.hardware.parts import Hardware, NoDoor, NoPrinter, PartError
from kiosk.hardware.printing import EscposPrinter, on_device
from kiosk.hardware.wiring import FILE, WiringError, connect

WIRED = """
[door]
pin = 17
open_s = 0.02

[lamp]
green = 22
red = 23

[beeper]
pin = 18
"""


@pytest.fixture
def pins():
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@pytest.fixture
def wired(pins, tmp_path):
    (tmp_path / FILE).write_text(WIRED)
    hardware = connect(tmp_path)
    yield hardware
    hardware.close()


def states(pins, number):
    return [bool(state.state) for state in pins.pin(number).states]


def test_door_opens_for_a_moment_and_closes_by_itself(wired, pins):
    wired.door.open()
    wired.door._relay._blink_thread.join(60)
    assert states(pins, 17) == [False, True, False]


def test_door_is_shut_when_it_is_let_go_of_while_open(wired, pins):
    wired.door.open()
    wired.close()
    assert not pins.pin(17).state


def test_lamp_shows_one_colour_alone(wired, pins):
    wired.lamp.show("ok")
    wired.lamp.show("bad")
    wired.lamp.show("warn")  # amber is not wired
    assert states(pins, 22)[-1] is False
    assert states(pins, 23)[-1] is False
    assert True in states(pins, 23)


@pytest.mark.parametrize(("kind", "times"), [("ok", 1), ("warn", 2)])
def test_beeper_sounds_as_often_as_the_kind_says(wired, pins, kind, times):
    wired.beeper.sound(kind)
    wired.beeper._buzzer._blink_thread.join(60)
    assert states(pins, 18).count(True) == times


def test_kiosk_without_a_file_has_no_parts(tmp_path):
    hardware = connect(tmp_path)
    hardware.door.open()
    hardware.lamp.show("ok")
    hardware.beeper.sound("bad")
    hardware.printer.print_ticket(["a line"])
    hardware.close()
    assert isinstance(hardware.door, NoDoor)
    assert isinstance(hardware.printer, NoPrinter)
    assert hardware == Hardware(hardware.door, hardware.lamp, hardware.beeper, hardware.printer)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[door]\npin = 99", "BCM"),
        ("[door]\npin = true", "BCM"),
        ("[door]\npin = 4\nopen_s = 0", "open_s"),
        ("[window]\npin = 4", "window"),
        ("[beeper]\npitch = 4", "pitch"),
        ("[printer]", "device"),
        ('[printer]\ndevice = "/dev/usb/lp0"\nhost = "printer"', "one of them"),
        ("[door", "TOML"),
    ],
)
def test_file_that_cannot_be_followed_says_where(pins, tmp_path, text, word):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(WiringError, match=word):
        connect(tmp_path)


def test_ticket_is_printed_and_cut_with_chinese_in_it():
    dummy = Dummy()
    EscposPrinter(lambda: dummy).print_ticket(["12-3-3210", "5 号架"])
    assert b"12-3-3210\n" in dummy.output
    assert "5 号架\n".encode("gb18030") in dummy.output
    assert dummy.output.endswith(b"\x1dV\x00")


def test_printer_that_is_gone_is_told_without_the_ticket(tmp_path):
    with pytest.raises(PartError, match="ticket printer") as caught:
        on_device(str(tmp_path / "gone" / "lp0")).print_ticket(["12-3-3210"])
    assert "3210" not in str(caught.value)
