"""The worked examples of docs/group_buys.md are what the rules really give."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.group_buys.allocation import Allocated, Terms, Wish, allocate, share_out

DOC = (Path(__file__).parents[2] / "docs/group_buys.md").read_text(encoding="utf-8")
MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
CUT_OFF = re.findall(r"^\| (\d+) \| ([\d+, ]+) \| (\d+) \| ([\d, ]+) \|$", DOC, re.MULTILINE)
SHORT = re.findall(r"^\| ([\d/, ]+/[\d/, ]+) \| (\d+) \| ([\d, ]+) \|$", DOC, re.MULTILINE)


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(", ")]


def pairs(text: str, parted: str) -> list[tuple[int, int]]:
    found = (one.split(parted) for one in text.split(", "))
    return [(int(first), int(second)) for first, second in found]


def test_the_examples_are_found() -> None:
    assert (len(CUT_OFF), len(SHORT)) == (6, 5)


@pytest.mark.parametrize(("box", "orders", "boxes", "gets"), CUT_OFF)
def test_an_example_of_a_cut_off(box: str, orders: str, boxes: str, gets: str) -> None:
    wishes = [
        Wish(at, quantity, tolerance, MONDAY + timedelta(minutes=at))
        for at, (quantity, tolerance) in enumerate(pairs(orders, "+"))
    ]
    found = allocate(wishes, Terms(int(box)))
    assert found.boxes == int(boxes)
    assert [share.units for share in found.shares] == numbers(gets)


@pytest.mark.parametrize(("orders", "came", "gets"), SHORT)
def test_an_example_of_a_short_delivery(orders: str, came: str, gets: str) -> None:
    allocated = [
        Allocated(at, asked, units, MONDAY + timedelta(minutes=at))
        for at, (asked, units) in enumerate(pairs(orders, "/"))
    ]
    assert [share.units for share in share_out(allocated, int(came))] == numbers(gets)
