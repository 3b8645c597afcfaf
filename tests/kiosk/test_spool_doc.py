"""docs/kiosk-spool.md shows the table as it is."""

from pathlib import Path

from kiosk.spool.lifecycle import SETTLED, TABLE, State
from tests.diagrams import draw

DOCUMENT = Path(__file__).parents[2] / "docs/kiosk-spool.md"


def diagram() -> str:
    return draw(TABLE, beginnings={"write": State.WRITTEN}, ends=sorted(SETTLED))


def test_document_draws_the_table():
    assert diagram() in DOCUMENT.read_text("utf-8")


def test_document_names_files_that_exist():
    root = DOCUMENT.parents[1]
    for name in ("backend", "answers", "waiting_list", "known", "visits", "offline", "releasing", "syncing"):
        assert f"{name}.py" in DOCUMENT.read_text("utf-8")
        assert (root / "kiosk" / f"{name}.py").exists()
