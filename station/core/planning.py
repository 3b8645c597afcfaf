"""What SQLite's query planner is told about our tables, so that it looks rows up by their own index.

Without statistics it takes "all rows of a station" for ten rows, because `station_id` is the first column of every
key, and reads the whole station for a lookup by any other column. So fixed statistics are written once with each
migration, as SQLite proposes (sqlite.org/queryplanner-ng.html, section 4.2), for the case that matters: one station
with many rows. PostgreSQL counts for itself.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

ROWS = 100_000  # of a table: a year of a busy station; only the ratios matter
FEW = 10  # rows behind a column that is not coarse: parcels of a person, events of a parcel
PARTIAL = 20  # of how many rows each condition of a partial index leaves one: the stored among all, the late of those
COARSE = {"state", "kind", "topic", "problem", "level", "layer_id"}  # columns with few values
VALUES = 5  # how many


@dataclass(frozen=True, slots=True)
class _Index:
    table: str
    name: str
    is_unique: bool
    conditions: int  # of a partial index, joined by "and"; none: it holds every row
    columns: tuple[str, ...]

    @property
    def is_station_s(self) -> bool:
        return self.columns[:1] == ("station_id",)


def tell_planner(conn: Connection) -> None:
    """Write the statistics of every index that begins with the station; connections opened later use them."""
    conn.exec_driver_sql("ANALYZE sqlite_schema")  # makes the table of statistics and counts nothing
    rows = [
        (one.table, one.name, statistics(one.columns, is_unique=one.is_unique, conditions=one.conditions))
        for one in _indexes(conn)
        if one.is_station_s
    ]
    conn.exec_driver_sql("DELETE FROM sqlite_stat1")
    if rows:
        conn.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)


def statistics(columns: tuple[str, ...], *, is_unique: bool, conditions: int) -> str:
    """Return an index's line: its rows, then how many share the first column, the first two, and so on.

    Source: SQLite, "The sqlite_stat1 table" (sqlite.org/fileformat2.html, section 2.6.3).
    """
    rows = max(ROWS // PARTIAL**conditions, 1)
    numbers = [rows, rows]
    for column in columns[1:]:
        numbers.append(max(numbers[-1] // VALUES, 1) if column in COARSE else min(numbers[-1], FEW))
    if is_unique:
        numbers[-1] = 1
    return " ".join(map(str, numbers))


def _indexes(conn: Connection) -> list[_Index]:
    tables = conn.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).scalars()
    found = []
    for table in tables.all():
        for row in conn.exec_driver_sql(f"PRAGMA index_list({table})").mappings().all():
            columns = conn.exec_driver_sql(f"PRAGMA index_info({row['name']})").mappings().all()
            # The key of a table without rowid is named as the table is.
            name = table if row["origin"] == "pk" else row["name"]
            names = tuple(str(column["name"]) for column in columns)
            conditions = _conditions(conn, name) if row["partial"] else 0
            found.append(_Index(table, name, bool(row["unique"]), conditions, names))
    return found


def _conditions(conn: Connection, index: str) -> int:
    """Count what a partial index asks of a row, as its own SQL says it."""
    query = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?"
    statement = str(conn.exec_driver_sql(query, (index,)).scalar_one()).lower()
    return 1 + statement.partition(" where ")[2].count(" and ")
