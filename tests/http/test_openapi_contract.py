"""The API keeps what its document promises, whatever is sent: no answer that is not described, and nothing breaks.

schemathesis draws requests, fitting and not; the seed is fixed, so that every run sends the same.
"""

import json
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.failures import FailureGroup

from station.kiosks import enrolment, limits
from station.web.api import BODY_LIMIT
from tests.factories import store
from tests.http.api_examples import EXAMPLES, Request, World
from tests.http.contract import CHECKS, hold, in_process, key_of, operations

NAMES = sorted(operations())
WITH_BODY = [name for name in NAMES if operations()[name].definition.raw.get("requestBody")]
KEYS = count(1)
FITTING, UNFIT = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
HERE = "here stands something odd"
NEVER = 1_000_000  # tries; else most of what is drawn would only be told to wait

# What people, broken programs and attackers send instead of a JSON object.
NO_OBJECTS = {
    "nothing": b"",
    "a piece": b'{"a": ',
    "a list": b"[]",
    "null": b"null",
    "a number too long": b"9" * 10_000,
    "text that is no UTF-8": '{"a": "丰巢"}'.encode("gb18030"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "half a character": b'{"a": "\\ud800"}',
    "a nest too deep": b"[" * 50_000,
    "an unknown field": b'{"surprise\\u0000": null}',
}
# What is put where something else is expected, as it stands in JSON.
ODD_VALUES = (
    '"\\u0000"',
    '"SF1\\u00000000000000"',
    '"\\ud800"',
    '"\\u202eSF1234567890123"',
    '"' + "😀" * 5 + '"',
    '"' + "x" * 200_000 + '"',
    '"9223372036854775807"',
    "9223372036854775808",
    "9" * 5_000,  # longer than Python reads as a number (sys.set_int_max_str_digits)
    "-1e400",
    "NaN",
    "null",
    "[[]]",
    '{"a": {"b": "\\u0000"}}',
)


class Caller:
    """Calls one operation with the kind of key that opens it, and checks the answer against the document."""

    def __init__(self, web: Flask, world: World, name: str) -> None:
        self.operation = operations()[name]
        self.app = in_process(web)
        self.headers = world.headers(key_of(self.operation))

    def case(self, request: Request) -> Case:
        made = self.operation.Case(path_parameters=request.path, query=request.query)
        if request.body is not None:
            made.body, made.media_type = request.body, "application/json"
        return made

    def call(self, case: Case, **more: Any) -> Response:
        key = {"Idempotency-Key": f"contract-{next(KEYS)}"} if "Idempotency-Key" not in case.headers else {}
        headers = self.headers | key | more.pop("headers", {})
        return case.call_and_validate(headers=headers, checks=CHECKS, app=self.app, **more)


@pytest.fixture
def world(web: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(enrolment, "TRIES", NEVER)
    monkeypatch.setattr(limits, "FAILURES", NEVER)
    monkeypatch.setattr(limits, "PER_KIOSK", NEVER)
    return World(web)


def test_every_operation_has_an_example() -> None:
    assert EXAMPLES.keys() == set(NAMES)


@pytest.mark.parametrize(
    "change",
    [{"status_code": 418}, {"status_code": 500}, {"data": b"{}"}, {"content_type": "text/html"}],
    ids=str,
)
def test_an_answer_that_is_not_described_is_noticed(world: World, change: dict[str, Any]) -> None:
    answer = world.device.get(f"/parcels/{store(world.station).parcel_id}")
    for name, value in change.items():
        setattr(answer, name, value)
    with pytest.raises(FailureGroup):
        hold(answer)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_order_is_answered_as_described(web: Flask, world: World, name: str) -> None:
    caller = Caller(web, world, name)
    answer = caller.call(caller.case(EXAMPLES[name](world)))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_drawn_is_answered_as_described(web: Flask, world: World, name: str) -> None:
    caller, example = Caller(web, world, name), EXAMPLES[name](world)
    drawn = [caller.operation.as_strategy(generation_mode=mode) for mode in (FITTING, UNFIT)]

    @seed(5)
    @settings(max_examples=max(1, settings().max_examples // 5), database=None)
    @given(st.one_of(drawn), st.data())
    def send(case: Case, data: st.DataObject) -> None:
        caller.call(case)
        caller.call(caller.case(_mixed(example, case, data)))

    send()


def _mixed(example: Request, case: Case, data: st.DataObject) -> Request:
    """Return what is in order with some of its fields as they were drawn: so that it comes further than the door."""
    if example.body is None or not isinstance(case.body, dict) or not case.body:
        return Request(example.path, case.query, example.body)
    fields = data.draw(st.sets(st.sampled_from(sorted(case.body)), max_size=2))
    return Request(example.path, body=example.body | {name: case.body[name] for name in fields})


@pytest.mark.parametrize("name", WITH_BODY)
def test_what_is_no_object_is_refused_in_words(web: Flask, world: World, name: str) -> None:
    caller, example = Caller(web, world, name), EXAMPLES[name](world)
    for what, raw in NO_OBJECTS.items():
        answer = caller.call(caller.case(example), data=raw)
        assert answer.status_code == 422, what
        assert answer.json()["detail"]


@pytest.mark.parametrize("name", WITH_BODY)
def test_odd_values_break_nothing(web: Flask, world: World, name: str) -> None:
    caller, example = Caller(web, world, name), EXAMPLES[name](world)
    for place in _places(example.body):
        for value in ODD_VALUES:
            raw = json.dumps(_with(example.body, place, HERE)).replace(f'"{HERE}"', value)
            caller.call(caller.case(example), data=raw.encode())


def _places(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value inside a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in inside for place in ((*so_far, key), *_places(inner, (*so_far, key)))]


def _with(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a body in which `value` stands at a place."""
    changed = json.loads(json.dumps(body))
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize("name", WITH_BODY)
def test_too_large_no_json_and_no_key_are_refused_as_described(web: Flask, world: World, name: str) -> None:
    caller, example = Caller(web, world, name), EXAMPLES[name](world)
    large = b'{"a": "' + b"x" * BODY_LIMIT + b'"}'

    assert caller.call(caller.case(example), data=large).status_code == 413
    text = caller.call(caller.case(example), headers={"Content-Type": "text/plain"}, data=b"{}")
    assert text.status_code == 415
    if caller.headers:
        stranger = caller.call(caller.case(example), headers={"Authorization": "Bearer smt_1_2_no"})
        assert stranger.status_code == 401
