"""The docs say what the code does."""

import re
from pathlib import Path

import pytest

from station.core.errors import CATALOGUE
from station.parcels.lifecycle import mermaid

ROOT = Path(__file__).parents[2]
ROOMS = sorted(
    path.name for path in (ROOT / "station").iterdir() if path.is_dir() and (path / "__init__.py").exists()
)


def test_every_error_code_is_documented_and_nothing_else() -> None:
    documented = re.findall(
        r"^\| `([a-z_]+)` \| (\d+) \| (.+) \|$", (ROOT / "docs/errors.md").read_text(), re.M
    )
    assert documented == [(code, str(status), meaning) for code, (status, meaning) in CATALOGUE.items()]


def test_error_codes_stand_in_order() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)


def test_the_life_cycle_is_drawn_from_the_table() -> None:
    assert mermaid() in (ROOT / "docs/life-cycles.md").read_text()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_stands_in_the_architecture(room: str) -> None:
    assert f"| `{room}` |" in (ROOT / "docs/architecture.md").read_text()


def test_links_between_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} → {target}"
