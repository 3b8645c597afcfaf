"""The custody log in words: every kind of event that is appended anywhere has its sentence, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.core.i18n import speaking
from station.parcels import story, words
from station.parcels.lifecycle import ConsentBasis, ParcelState, Problem

STATION = Path(__file__).parents[2] / "station"
# Values for what the sentences name.
DATA = {
    "code": "1-1-1234",
    "from": "1-1-1",
    "problem": "damaged",
    "carrier": "sf",
    "reason": "not_found",
    "level": "overdue",
    "choice": "station",
    "how": "phone_call",
    "topic": "remind",
    "taken_by": "recipient",
    "shelf": "12",
    "purpose": "face",
    "day": "2026-11-21",
    "hours": 24,
    "row": "1-1",
}


def constants(node: ast.AST) -> set[str]:
    return {
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call) and (one.args or one.keywords))


def first_of(call: ast.Call) -> ast.AST:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
    return named[0] if named else call.args[0]


def kinds_in(tree: ast.Module) -> Iterator[str]:
    """Yield the kinds of the events a module makes: in the call, by a constant, or handed to a helper's parameter."""
    named = {one.targets[0].id: one.value for one in tree.body if is_constant(one)}
    helpers = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        parameters = [one.arg for one in function.args.args]
        for call in (one for one in calls_in(function) if name_of(one) == "Event"):
            kind = first_of(call)
            if not isinstance(kind, ast.Name):
                yield from constants(kind)
            elif kind.id in parameters:
                helpers[function.name] = parameters.index(kind.id)
            else:
                yield from constants(named[kind.id])
    for call in calls_in(tree):
        place = helpers.get(name_of(call), len(call.args))
        if place < len(call.args):
            yield from constants(call.args[place])


def is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def appended_kinds() -> dict[str, str]:
    return {
        kind: path.relative_to(STATION).as_posix()
        for path in sorted(STATION.rglob("*.py"))
        if "node_modules" not in path.parts
        for kind in kinds_in(ast.parse(path.read_text(encoding="utf-8")))
    }


def test_the_search_for_kinds_finds_them_however_they_are_written() -> None:
    found = appended_kinds()
    # In the call; by a condition; through a helper; as a constant.
    assert {
        "moved",
        "checked_in",
        "found_again",
        "message_sent",
        "message_failed",
        "staff_renamed",
        "demo_seeded",
    } <= set(found)


def test_every_kind_of_event_has_its_sentence() -> None:
    assert {kind: file for kind, file in appended_kinds().items() if kind not in story.SENTENCES} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", story.SENTENCES)
def test_a_sentence_is_whole(kind: str, language: str) -> None:
    with speaking(language):
        sentence = story.tell(kind, DATA)
    assert sentence
    assert "%(" not in sentence
    assert sentence[-1] in ".。"


def test_a_kind_of_a_newer_release_speaks_for_itself() -> None:
    assert story.tell("sent_to_the_moon", {}) == "sent to the moon"


def test_a_proxy_and_a_set_aside_parcel_are_told_apart() -> None:
    assert "collecting for the recipient" in story.tell("handed_over", DATA | {"taken_by": "proxy"})
    assert "set aside" in story.tell("checked_in", DATA)
    assert "set aside" not in story.tell("checked_in", DATA | {"problem": None})


def test_a_kiosk_s_hand_overs_say_so_and_whether_they_were_told_later() -> None:
    at_kiosk = DATA | {"method": "kiosk_face", "taken_by": "recipient"}
    later = {"at": "2026-03-02T09:00:00+00:00"}
    assert story.tell("handed_over", at_kiosk) == "The recipient took it at a kiosk."
    assert "collecting for the recipient" in story.tell("handed_over", at_kiosk | {"taken_by": "proxy"})
    assert "told it later" in story.tell("handed_over", at_kiosk | later)
    assert "told it later" in story.tell("handed_over", at_kiosk | later | {"taken_by": "proxy"})


def test_every_code_has_its_words() -> None:
    assert set(words.STATES) == set(ParcelState)
    assert set(words.PROBLEMS) == set(Problem)
    assert set(words.CONSENTS) == set(ConsentBasis)


def test_a_reason_from_elsewhere_stays_as_it_is() -> None:
    assert words.reason("not_found") == "Searched for and not found"
    assert words.reason("because") == "because"
    assert words.reason(None) == ""
