"""Invariant 4: events hold ids and codes. What people type never gets into the log, whatever happens in ten days."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from station.carriers.catalogue import CARRIERS
from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.money import CURRENCIES
from station.events.models import CustodyEvent
from station.events.service import Event, append
from station.events.vocabulary import REASONS
from station.parcels import codes, words
from station.simulator import demo
from tests.factories import Station

CODE = re.compile(r"[a-z]+(_[a-z]+)*")
ID = re.compile(
    r"[0-9]{15,19}"
)  # ids are made from the milliseconds since 2025 (core/ids.py); no phone is as long
HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?\+00:00)?|\d\d:\d\d")
ACTOR = re.compile(r"(staff|device|system):(\d{15,19}|0)")
TOPIC = re.compile(r"[a-z]+(_[a-z]+)*(:\d{1,6})?")  # of a group buy: with its small number
SPECIAL_DAYS = re.compile(r"[0-9]{15,19} [a-z_]+ \d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d")
FORMS = (CODE, ID, HASH, TIME, ACTOR)
NAMED = {
    "": lambda text: text == "sha256" or CODE.fullmatch(text),  # the names of facts
    "reason": lambda text: text in REASONS,
    "currency": lambda text: text in CURRENCIES,
    "topic": TOPIC.fullmatch,
    "carrier": lambda text: text in CARRIERS,
    "before": lambda text: text in CARRIERS,
    "shelf": lambda text: codes.parse_shelf(text) == text,
    "special_days": SPECIAL_DAYS.fullmatch,
    "code": lambda text: codes.parse(text) is not None,
    "from": lambda text: codes.parse(text) is not None,
}
KINDS = {"checked_in", "handed_over", "hand_over_undone", "held", "return_started", "lost", "write_off_asked"}


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in the data of an event with the name it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield "", name
            yield from texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str):
        yield key, value


def is_coded(key: str, text: str) -> bool:
    if key in NAMED:
        return bool(NAMED[key](text))
    return any(form.fullmatch(text) for form in FORMS)


@pytest.mark.parametrize(
    "text", ["陈晓明", "13812344068", "Away on business", "he was here", "Chen", "a@b.example"]
)
def test_the_forms_let_no_text_through_that_a_person_types(text: str) -> None:
    assert not is_coded("note", text)
    assert not is_coded("reason", text)


def test_ten_lively_days_write_only_ids_and_codes(web) -> None:
    with clock.use(lambda: datetime(2026, 3, 11, 10, 0, tzinfo=UTC)):
        demo.seed_demo()
    with reading():
        events = connection().execute(
            select(CustodyEvent.kind, CustodyEvent.data, func.count()).group_by(
                CustodyEvent.kind, CustodyEvent.data
            )
        )
        found = [(row.kind, json.loads(row.data)) for row in events]
    assert {kind for kind, _data in found} >= KINDS
    typed = {
        (kind, key, text) for kind, data in found for key, text in texts(data) if not is_coded(key, text)
    }
    assert typed == set()


@pytest.mark.parametrize("reason", ["客户出差 Away on business", "away", "", "13812344068"])
def test_a_reason_that_is_no_code_never_gets_into_the_log(station: Station, reason: str) -> None:
    with pytest.raises(ValueError, match="reason"), transaction():
        append(station.clerk, Event("held"), Event("held", data={"reason": reason}))
    with reading():
        held = select(func.count()).where(CustodyEvent.kind == "held")
        assert connection().scalar(held) == 0


def test_every_reason_that_staff_can_choose_may_be_logged_and_has_its_words() -> None:
    assert words.REASONS.keys() == REASONS
