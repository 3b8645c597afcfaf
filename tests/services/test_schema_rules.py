"""The key rules of DESIGN.md section 3, on the tables as they are declared: what lets a network be split by station."""

import pytest
from sqlalchemy import BigInteger, ForeignKeyConstraint, UniqueConstraint

from station.models import DIRECTORY, REFERENCE, TENANT, metadata

TABLES = metadata.tables
tenant_tables = pytest.mark.parametrize(
    "table", [TABLES[name] for name in sorted(TENANT)], ids=sorted(TENANT)
)
# What tenant tables may reference beside their own kind.
REFERABLE = {"agreement_texts", "carriers", "cities", "identity_keys", "stations"}


def names(columns):
    return [column.name for column in columns]


def foreign_keys(table):
    return [constraint for constraint in table.constraints if isinstance(constraint, ForeignKeyConstraint)]


def unique_keys(table):
    constraints = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    return [*constraints, *(index for index in table.indexes if index.unique)]


def test_every_table_is_tenant_reference_or_directory():
    kinds = [TENANT, REFERENCE, DIRECTORY]
    assert set(TABLES) == frozenset().union(*kinds)
    assert sum(map(len, kinds)) == len(TABLES)
    assert REFERENCE == REFERABLE


@tenant_tables
def test_primary_key_starts_with_the_station(table):
    assert names(table.primary_key)[0] == "station_id"
    if "id" in table.columns:
        assert names(table.primary_key) == ["station_id", "id"]


@tenant_tables
def test_every_unique_key_starts_with_the_station(table):
    assert all(names(key.columns)[0] == "station_id" for key in unique_keys(table))


@tenant_tables
def test_every_index_starts_with_the_station(table):
    """A query of one station reads one part of the index, and never another station's."""
    assert all(names(index.columns)[0] == "station_id" for index in table.indexes)


@tenant_tables
def test_foreign_keys_stay_in_the_station_or_lead_to_reference_tables(table):
    for key in foreign_keys(table):
        if key.referred_table.name in TENANT:
            pairs = {element.parent.name: element.column.name for element in key.elements}
            assert pairs["station_id"] == "station_id"
        else:
            assert key.referred_table.name in REFERABLE
        assert key.onupdate is None
        assert key.ondelete is None


@pytest.mark.parametrize("name", sorted(REFERENCE | DIRECTORY))
def test_reference_and_directory_tables_reference_no_tenant_table(name):
    assert not {key.referred_table.name for key in foreign_keys(TABLES[name])} & TENANT


@pytest.mark.parametrize("name", sorted(TABLES))
def test_ids_are_63_bits_and_made_by_the_application(name):
    for column in TABLES[name].columns:
        if column.name == "id" or column.name.endswith("_id"):
            assert isinstance(column.type, BigInteger), column
        if column.primary_key:
            assert column.autoincrement is False or not isinstance(column.type, BigInteger), column


@pytest.mark.parametrize("name", sorted(TABLES))
def test_constraints_have_names(name):
    """A later migration can only change what it can name."""
    assert all(rule.name for rule in TABLES[name].constraints)
    assert all(index.name for index in TABLES[name].indexes)


def test_times_carry_their_zone():
    naive = [
        str(column)
        for table in TABLES.values()
        for column in table.columns
        if column.name.endswith("_at") and type(column.type).__name__ != "UtcDateTime"
    ]
    assert naive == []
