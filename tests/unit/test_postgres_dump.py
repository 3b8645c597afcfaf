"""What the backup of a PostgreSQL database tells its tools."""

import pytest

from station.backups import postgres_dump
from station.core.errors import StationError


def test_passwords_stay_out_of_the_list_of_processes():
    address = postgres_dump._address("postgresql+psycopg://me:secret@db.example/station")

    assert address == "postgresql://me@db.example/station"


def test_missing_tool_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(StationError, match="pg_dump is not installed"):
        postgres_dump._tool("pg_dump")
