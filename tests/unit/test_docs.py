"""The docs say what the code does."""

import re
from pathlib import Path

import pytest

from station.claims import rules as claim_rules
from station.core.errors import CATALOGUE
from station.disputes import lifecycle as disputes
from station.drops import lifecycle as drops
from station.group_buys import bag_store
from station.group_buys import lifecycle as group_buys
from station.parcels import lifecycle as parcels
from station.payments import lifecycle as payments
from station.residents import proxies
from station.returns import lifecycle as manifests
from station.stocktakes import lifecycle as stocktakes
from tests.diagrams import draw

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


LIFE_CYCLES = {
    "parcel": draw(
        parcels.TRANSITIONS,
        beginnings=parcels.BEGINNINGS,
        ends=[state for state in parcels.ParcelState if state in parcels.FINAL],
    ),
    "proxy": draw(proxies.TRANSITIONS, beginnings={"give": "active"}, ends=["used", "revoked", "expired"]),
    "campaign": draw(
        group_buys.CAMPAIGN, beginnings=group_buys.CAMPAIGN_BEGINNINGS, ends=group_buys.CAMPAIGN_ENDS
    ),
    "group order": draw(group_buys.ORDER, beginnings=group_buys.ORDER_BEGINNINGS, ends=group_buys.ORDER_ENDS),
    "bag": draw(bag_store.BAG, beginnings=bag_store.BAG_BEGINNINGS, ends=bag_store.BAG_ENDS),
    "claim": draw(claim_rules.CLAIM, beginnings=claim_rules.CLAIM_BEGINNINGS, ends=claim_rules.CLAIM_ENDS),
    "drop": draw(drops.TRANSITIONS, beginnings={"open": "open"}, ends=["confirmed"]),
    "manifest": draw(manifests.TRANSITIONS, beginnings={"open": "open"}, ends=["signed", "cancelled"]),
    "dispute": draw(
        disputes.TRANSITIONS,
        beginnings={"open": "open"},
        ends=["for_station", "for_carrier", "withdrawn"],
    ),
    "payment": draw(payments.PAYMENTS, beginnings={"ask": "asked"}, ends=["paid"]),
    "scanned code": draw(payments.SCANS, beginnings={"send": "sent"}, ends=[]),
    "refund": draw(payments.REFUNDS, beginnings={"ask": "asked"}, ends=["done", "failed"]),
    "difference": draw(payments.LINES, beginnings={"find": "open"}, ends=["booked", "explained"]),
    "stocktake": draw(stocktakes.TRANSITIONS, beginnings={"open": "open"}, ends=["closed", "abandoned"]),
}


@pytest.mark.parametrize("drawn", LIFE_CYCLES.values(), ids=LIFE_CYCLES)
def test_life_cycles_are_drawn_from_their_tables(drawn: str) -> None:
    assert drawn in (ROOT / "docs/life-cycles.md").read_text()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_stands_in_the_architecture(room: str) -> None:
    assert f"| `{room}` |" in (ROOT / "docs/architecture.md").read_text()


def test_links_between_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} → {target}"
