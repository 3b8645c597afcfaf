"""A recorded visit goes the same way again and holds nothing that was typed, shown or printed on a label."""

import json

import pytest

from kiosk import replay
from kiosk.model import Rules, Way
from kiosk.session import events as on
from kiosk.session.events import Action, Touch
from kiosk.session.machine import step
from kiosk.session.record import KINDS, RecordError, Recording, read
from kiosk.session.state import Notice, Session
from tests.kiosk.visits import ALWAYS, BAG, BOX, OTHERS, START, Visit, answers, person

SECRETS = ("ID:SECRET", "ABCD2345", "9876", "SF101", "SF201", "5-2-101", "chen", "Chen", "77")
CODE = [Touch(Action.KEY, char) for char in "5-2-1"]
TAIL = [Touch(Action.KEY, char) for char in "9876"]
ENTER = Touch(Action.ENTER)
VISIT = (
    *(Touch(Action.WAY, "pickup_code"), *CODE, ENTER, *TAIL, ENTER),
    on.PersonUnknown(1, Way.PICKUP_CODE, Notice("code_or_tail_wrong", {"tail": "9876"})),
    on.IdentitySeen("ID:SECRET"),
    on.PersonKnown(2, person(BOX, BAG)),
    on.WaybillSeen(BOX.waybill),
    on.Released(3, BOX.id),
    on.WaybillSeen(OTHERS.waybill),
    on.ParcelKnown(4, OTHERS),
    on.ProxySeen("ABCD2345"),
    Touch("typed by somebody", "77"),
)


def written(*events, rules=None):
    recording = Recording()
    lines = [recording.rules_line(rules)] if rules else []
    return [*lines, *(recording.line(event, START) for event in events)]


def played(events):
    session, seen = Session(), []
    for event in events:
        session, effects = step(session, event, START, Rules())
        seen.append((session.screen, [type(effect) for effect in effects]))
    return seen


def test_a_recorded_visit_goes_the_same_way() -> None:
    again = [event for _, event in read(written(*VISIT))]
    assert played(again) == played(VISIT)


def test_nothing_typed_or_shown_is_recorded() -> None:
    text = "\n".join(written(*VISIT))
    assert not [secret for secret in SECRETS if secret in text]


def test_the_same_secret_is_the_same_word() -> None:
    lines = written(on.WaybillSeen("SF1"), on.WaybillSeen("SF2"), on.WaybillSeen("SF1"))
    assert [json.loads(line)["facts"]["waybill"] for line in lines] == ["waybill-1", "waybill-2", "waybill-1"]


def test_every_kind_of_event_can_be_recorded() -> None:
    events = (*ALWAYS, *answers(Session(), 3), on.Fault("list"), on.FaultOver("list"))
    assert {type(event) for event in events} == set(KINDS.values())
    assert [type(event) for _, event in read(written(*events))] == [type(event) for event in events]


def test_rules_are_recorded() -> None:
    rules = Rules(languages=("zh",), idle_s=20, takes_faces=False)
    assert list(read(written(rules=rules))) == [rules]


def test_replay_prints_events_screens_and_effects(tmp_path, capsys) -> None:
    (tmp_path / "visit").write_text("\n".join(written(*VISIT, rules=Rules())))
    assert replay.main([str(tmp_path / "visit")]) == 0
    out = capsys.readouterr().out
    assert (
        "2026-11-23T09:00:00.000+00:00  WaybillSeen waybill=waybill-1\n    found\n        Release ask=3"
        in out
    )
    assert "    wrong_parcel\n        Sound kind=bad" in out


RUBBISH = {
    "{": "line 1",
    "[]": "line 1: no JSON object",
    '{"at": "2026-11-23T09:00:00+00:00"}': "line 1: neither",
    '{"at": "2026-11-23T09:00:00", "event": "Tick", "facts": {}}': "line 1: `at`",
    '{"at": 7, "event": "Tick", "facts": {}}': "line 1: `at`",
    '{"at": "yesterday", "event": "Tick", "facts": {}}': "line 1",
    '{"at": "2026-11-23T09:00:00+00:00", "event": "Tock", "facts": {}}': "line 1: no event is called 'Tock'",
    '{"at": "2026-11-23T09:00:00+00:00", "event": 7, "facts": {}}': "line 1: no event is called 7",
    '{"at": "2026-11-23T09:00:00+00:00", "event": "Tick", "facts": {"x": 1}}': "line 1: `Tick` has no `x`",
    '{"at": "2026-11-23T09:00:00+00:00", "event": "Tick", "facts": 1}': "line 1: `Tick` is no JSON object",
    '{"at": "2026-11-23T09:00:00+00:00", "event": "Fault", "facts": {}}': "line 1: `Fault` is not complete",
    '{"at": "2026-11-23T09:00:00+00:00", "event": "Fault", "facts": {"part": 1}}': "line 1: `part` is wrong: 1",
    '{"rules": {"languages": "en"}}': "line 1: `languages` is wrong",
    '{"rules": {"languages": []}}': "line 1: `rules` name no language",
    '{"rules": {"idle_s": 1000000}}': "line 1: `rules` name no language, or times",
    '{"rules": {"list_valid": Infinity}}': "line 1",
    '{"at": "9999-12-31T23:59:59+00:00", "event": "Tick", "facts": {}}': "line 1: `at`",
}


@pytest.mark.parametrize("line", RUBBISH)
def test_rubbish_is_refused_with_its_line(line, tmp_path, capsys) -> None:
    (tmp_path / "visit").write_text(line)
    assert replay.main([str(tmp_path / "visit")]) == 1
    assert RUBBISH[line] in capsys.readouterr().err


def test_the_line_of_rubbish_is_counted() -> None:
    with pytest.raises(RecordError, match="line 3"):
        list(read([*written(on.Tick()), "", "rubbish"]))


def test_a_file_that_cannot_be_read_is_told(tmp_path, capsys) -> None:
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff")
    assert [replay.main([str(tmp_path / name)]) for name in ("missing", "picture")] == [1, 1]
    assert capsys.readouterr().err.count("\n") == 2


def test_text_that_no_terminal_shows_is_printed(tmp_path, capsys) -> None:
    line = '{"at": "2026-11-23T09:00:00+00:00", "event": "WaybillSeen", "facts": {"waybill": "\\ud800"}}'
    (tmp_path / "visit").write_text(line)
    assert replay.main([str(tmp_path / "visit")]) == 0
    assert "waybill=\\ud800" in capsys.readouterr().out


def test_a_visit_of_nothing_is_played(tmp_path) -> None:
    (tmp_path / "visit").write_text("")
    assert replay.main([str(tmp_path / "visit")]) == 0


def test_recording_keeps_how_much_was_typed() -> None:
    visit = Visit()
    for _, event in read(written(Touch(Action.WAY, "pickup_code"), *CODE)):
        visit.do(event)
    assert visit.session.typed == "0-0-0"
