"""The table of a visit says where every screen leads, and the docs show it."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from kiosk.session.events import Action
from kiosk.session.machine import cause_of
from kiosk.session.state import Screen
from kiosk.session.table import ANYWHERE, BELOW, SCREENS
from kiosk.words import TABLE
from tests.kiosk.session_doc import draw
from tests.kiosk.session_walks import walk
from tests.kiosk.visits import ALWAYS, START, Visit, answers, fitting, standing_on

ROOT = Path(__file__).parents[2]
SESSION = sorted((ROOT / "kiosk/session").glob("*.py"))
SPEAKING = {"Notice", "Say"}


@pytest.fixture(scope="module")
def ways():
    """Every (screen, what is below it, cause, next screen) that random visits went."""
    found = Counter()
    for before, event, after in walk():
        cause = cause_of(event)
        if cause is not None and after.screen is not before.screen:
            found[before.screen, before.before, cause, after.screen] += 1
    return found


def declared(screen, below, cause):
    """Return where the table says that this leads to."""
    if cause in SCREENS[screen]:
        return {below if target == BELOW else target for target in SCREENS[screen][cause].to}
    if below is None:
        return set(ANYWHERE[cause].to) if cause in ANYWHERE else set()
    lifted = (
        {below}
        if screen is Screen.STILL_THERE and (isinstance(cause, Action) or cause in SCREENS[below])
        else set()
    )
    return lifted | {BELOW} | declared(below, None, cause) - {screen}


def test_every_way_that_is_gone_stands_in_the_table(ways) -> None:
    assert not [way for way in ways if way[3] not in declared(*way[:3])]


def test_every_way_of_the_table_is_gone(ways) -> None:
    gone = {(screen, cause, target) for screen, _, cause, target in ways}
    gone |= {(screen, cause, BELOW) for screen, below, cause, target in ways if target is below}
    rows = [(screen, cause, row) for screen in SCREENS for cause, row in SCREENS[screen].items()]
    wanted = {(screen, cause, to) for screen, cause, row in rows for to in row.to if to is not screen}
    assert not wanted - gone


def test_every_way_that_is_open_anywhere_is_gone(ways) -> None:
    gone = {(cause, target) for _, _, cause, target in ways}
    assert not {(cause, to) for cause, row in ANYWHERE.items() for to in row.to} - gone


def test_every_screen_has_rows() -> None:
    assert set(SCREENS) == set(Screen)


def test_every_button_does_something_somewhere() -> None:
    causes = {cause for rows in (*SCREENS.values(), ANYWHERE) for cause in rows}
    assert causes >= set(Action)


@pytest.mark.parametrize("screen", Screen)
def test_every_event_is_handled_on_every_screen(screen) -> None:
    session = standing_on(screen)
    late = answers(session, 1)
    for event in (*ALWAYS, *fitting(session), *late):
        visit = Visit(session)
        visit.now = START
        visit.do(event)
        assert isinstance(visit.screen, Screen)


def test_the_docs_show_the_table() -> None:
    assert draw() in (ROOT / "docs/kiosk-session.md").read_text()


def test_every_sentence_that_is_named_exists() -> None:
    named = {key for path in SESSION for key in _keys(ast.parse(path.read_text()))}
    assert len(named) > 20
    assert not named - TABLE.keys()


def _keys(tree):
    """Yield the constant keys of notices and of what is said; tables of prompts hold nothing else."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKING:
            yield from (part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"PROMPTS", "SIDES"}:
            yield from (value.value for value in node.value.values)
