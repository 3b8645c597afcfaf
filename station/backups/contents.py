"""What is in a database, as far as a backup has to prove it: schema revision, rows of each table, custody heads."""

from dataclasses import dataclass

from sqlalchemy import Connection, column, func, inspect, select, table
from sqlalchemy.types import BigInteger, LargeBinary


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a station's custody log; `hash` in hex."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A database in figures. `heads`: by station id as text, as JSON wants it."""

    revision: str
    counts: dict[str, int]
    heads: dict[str, Head]


REVISION = table("alembic_version", column("version_num"))
HEADS = table(
    "custody_heads",
    column("station_id", BigInteger),
    column("seq", BigInteger),
    column("hash", LargeBinary),
)


def read(conn: Connection) -> Contents | None:
    """Return the contents of the database behind `conn`; None when no station's tables are in it."""
    names = inspect(conn).get_table_names()
    if not {REVISION.name, HEADS.name} <= set(names):
        return None
    counts = {name: conn.scalar(select(func.count()).select_from(table(name))) or 0 for name in sorted(names)}
    heads = {str(row.station_id): Head(row.seq, row.hash.hex()) for row in conn.execute(select(HEADS))}
    return Contents(str(conn.scalar(select(REVISION.c.version_num))), counts, heads)
