"""A visit written down, one event a line, and read back. What was typed, shown or printed on a label stays out of it.

A line is a JSON object: `{"at": …, "event": "WaybillSeen", "facts": {"waybill": "waybill-1"}}`, or `{"rules": {…}}`
for the station's rules from there on. The same secret becomes the same word throughout one recording, so that a visit
goes the same way when it is played again.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import MAXYEAR, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from kiosk.model import Rules
from kiosk.session import events
from kiosk.session.events import Action, Event, Touch
from kiosk.session.state import Notice

KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(events.Event)}
SECRETS = {  # field → the word that stands for it
    "text": "identity",
    "code": "proxy",
    "waybill": "waybill",
    "pickup_code": "code",
    "owner": "owner",
    "name": "name",
}
LONGEST_S = 86_400  # a day: no screen waits as long


class RecordError(Exception):
    """A line is no part of a recorded visit; `number` counts from 1."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


class Recording:
    """Writes events of one or more visits, without their secrets."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], str] = {}

    def line(self, event: Event, at: datetime) -> str:
        """Return the line of an event, without a line's end."""
        said = {"at": at.isoformat(), "event": type(event).__name__, "facts": self._plain(event)}
        return json.dumps(said, ensure_ascii=False)

    def rules_line(self, rules: Rules) -> str:
        """Return the line that says what the station's rules are from here on."""
        return json.dumps({"rules": self._plain(rules)})

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Touch):
            return _touched(value)
        if isinstance(value, Notice):
            return {"key": value.key, "facts": {name: f"<{name}>" for name in value.facts}}
        if is_dataclass(value):
            return {part.name: self._field(part.name, getattr(value, part.name)) for part in fields(value)}
        if isinstance(value, tuple):
            return [self._plain(part) for part in value]
        return value.total_seconds() if isinstance(value, timedelta) else value

    def _field(self, name: str, value: Any) -> Any:
        word = SECRETS.get(name)
        if word is None or not isinstance(value, str):
            return self._plain(value)
        known = sum(kind == word for kind, _ in self._words)
        return self._words.setdefault((word, value), f"{word}-{known + 1}")


def read(lines: Iterable[str]) -> Iterator[tuple[datetime, Event] | Rules]:
    """Yield what was written down, in order; blank lines are passed over. Raises RecordError."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _read(json.loads(line))
            except (ValueError, OverflowError, RecursionError) as error:
                raise RecordError(number, str(error)) from error


def _touched(touch: Touch) -> dict[str, str]:
    """Return a touch with as much typed as there was, but not what."""
    if touch.action == Action.KEY:
        shown = "".join("0" if char.isdigit() else "A" if char.isalpha() else char for char in touch.value)
        return {"action": touch.action, "value": shown}
    is_ours = touch.action in set(Action)
    return {"action": touch.action if is_ours else "unknown", "value": touch.value if is_ours else ""}


def _read(said: Any) -> tuple[datetime, Event] | Rules:
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    if set(said) == {"rules"}:
        return _rules(said["rules"])
    if set(said) != {"at", "event", "facts"}:
        raise ValueError("neither `rules` nor `at`, `event` and `facts`")
    kind = KINDS.get(said["event"]) if isinstance(said["event"], str) else None
    if kind is None:
        raise ValueError(f"no event is called {said['event']!r}")
    event: Event = _made(kind, said["facts"], said["event"])
    return _time(said["at"]), event


def _rules(said: Any) -> Rules:
    rules: Rules = _made(Rules, said, "rules")
    if not rules.languages or not all(0 < limit <= LONGEST_S for limit in (rules.idle_s, rules.warning_s)):
        raise ValueError("`rules` name no language, or times that nobody waits")
    return rules


def _time(text: Any) -> datetime:
    at = datetime.fromisoformat(text) if isinstance(text, str) else None
    if at is None or at.tzinfo is None or at.year == MAXYEAR:
        raise ValueError("`at` is no time with its offset")
    return at


def _made(kind: Any, value: Any, name: str) -> Any:
    """Return the value that JSON stands for, as a type says. Raises ValueError."""
    if isinstance(kind, UnionType):
        if value is None:
            return None
        return _made(next(part for part in get_args(kind) if part is not type(None)), value, name)
    if is_dataclass(kind):
        return _record(kind, value, name)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_made(get_args(kind)[0], part, name) for part in value)
    if get_origin(kind) is dict and isinstance(value, dict):
        return {key: _made(get_args(kind)[1], part, name) for key, part in value.items()}
    return _simple(kind, value, name)


def _simple(kind: Any, value: Any, name: str) -> Any:
    if kind is timedelta and type(value) in (int, float):
        return timedelta(seconds=value)
    if isinstance(kind, type) and (issubclass(kind, StrEnum) or type(value) is kind):
        return kind(value)
    raise ValueError(f"`{name}` is wrong: {value!r}")


def _record(kind: Any, value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"`{name}` is no JSON object")
    hints = get_type_hints(kind)
    unknown = value.keys() - hints.keys()
    if unknown:
        raise ValueError(f"`{name}` has no `{min(unknown)}`")
    parts = {part: _made(hints[part], said, part) for part, said in value.items()}
    try:
        return kind(**parts)
    except TypeError as error:
        raise ValueError(f"`{name}` is not complete") from error
