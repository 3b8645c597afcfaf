"""The export holds all that is kept about a person, at every station, and nothing about anybody else."""

import json

import pytest
from sqlalchemy import select

from station.core.db import connection, reading, transaction
from station.events.models import CustodyEvent
from station.me import export_words
from station.residents import export
from tests.factories import Station, make_station
from tests.services import leaving
from tests.services.leaving import COLLECTOR, PERSONAL, Known


@pytest.fixture
def known(station: Station) -> Known:
    leaving.settle(make_station("Lotus Garden"))
    return leaving.settle(station)


def everything(known: Known) -> export.Everything:
    with reading():
        return export.everything(known.resident)


def test_everything_personal_is_in_it_for_each_station(known: Known) -> None:
    found = everything(known)
    assert sorted(one.name for one in found.stations) == ["Lotus Garden", "Maple Court"]
    for one in found.stations:
        text = json.dumps(one.kept, ensure_ascii=False)
        assert [value for value in (*PERSONAL, COLLECTOR) if value not in text] == []
        assert all(one.kept.values()), {kind for kind, rows in one.kept.items() if not rows}


def test_it_is_plain_json(known: Known) -> None:
    found = everything(known).as_json()
    assert json.loads(json.dumps(found)) == found


def test_nothing_of_anybody_else_is_in_it(known: Known) -> None:
    text = json.dumps(everything(known).as_json(), ensure_ascii=False)
    assert "张伟" not in text
    assert "13900002222" not in text
    assert "staff:" not in text


def test_that_it_was_taken_is_logged_at_each_station(station: Station, known: Known) -> None:
    with transaction():
        export.log(known.resident)
    with reading():
        query = select(CustodyEvent.station_id, CustodyEvent.actor).where(
            CustodyEvent.kind == "own_data_exported"
        )
        logged = list(connection().execute(query))
    assert len(logged) == 4
    assert {row.actor for row in logged} == {f"resident:{known.resident.account_id}"}


def test_every_kind_and_every_fact_has_its_words(known: Known) -> None:
    found = everything(known)
    kept = found.stations[0].kept
    assert set(kept) == set(export_words.KINDS)
    facts = {name for rows in (*kept.values(), [found.account]) for row in rows for name in row}
    assert facts == set(export_words.FACTS)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("choice", "door", "bring it to the door"),
        ("waybill", "SF1", "SF1"),
        ("carrier", "sf", "SF"),
        ("at", "2026-11-21T16:10:04.4+00:00", "2026-11-21 16:10 UTC"),
        ("state", "sent", "sent"),
    ],
)
def test_codes_are_said_in_words(name: str, value: str, words: str) -> None:
    assert export_words.meaning(name, value) == words
