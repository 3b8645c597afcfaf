"""The database as every room sees it: the declarative base, column types, keys by station, and transactions.

Nothing here knows a table. How SQLite is kept from locking is in sqlite.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from station.core import crypto

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(metadata=Base.metadata, engine_options={}, session_options={"autoflush": False})


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` on PostgreSQL, whole microseconds since 1970 on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the dialect."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse times without a zone, then store them."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return aware UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + int(value) * MICROSECOND
        moment: datetime = value
        return moment.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """A personal text, encrypted at rest with the installation's data key."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt."""
        return None if value is None else crypto.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decrypt."""
        return None if value is None else crypto.decrypt(bytes(value))


class Tenant:
    """Mix-in of a tenant table: the station comes first in its key and in every reference (docs/architecture.md).

    Rows live in the primary key's tree on SQLite: one write for a row instead of two.
    """

    __table_args__: Any = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it as a constant

    @declared_attr
    def station_id(cls) -> MappedColumn[int]:  # noqa: N805 - declared_attr hands over the class
        """Name the station a row belongs to; it never changes."""
        station = ForeignKey("stations.id")
        return mapped_column(BigInteger, station, primary_key=True, autoincrement=False, sort_order=-2)


class TenantRow(Tenant):
    """Mix-in of a tenant table whose rows have an id of their own."""

    @declared_attr
    def id(cls) -> MappedColumn[int]:  # noqa: N805 - declared_attr hands over the class
        """Name the row, by `ids.next_id`."""
        return mapped_column(BigInteger, primary_key=True, autoincrement=False, sort_order=-1)


def tenant_args(*constraints: Any) -> Any:
    """Return `__table_args__` of a tenant table with further constraints and indexes."""
    return (*constraints, {"sqlite_with_rowid": False})


def tenant_fk(column: str, table: str) -> ForeignKeyConstraint:
    """Return the foreign key from `column` to `table` inside one station."""
    return ForeignKeyConstraint(["station_id", column], [f"{table}.station_id", f"{table}.id"])


IdColumn = Mapped[int]


_open: ContextVar[Connection | None] = ContextVar("open_transaction", default=None)


def connection() -> Connection:
    """Return the connection of the transaction that is open."""
    # Kept beside the session, because a check-in asks 18 times and the session's own answer costs 4 us each time.
    return _open.get() or db.session.connection()


@contextmanager
def transaction() -> Iterator[None]:
    """Open the one writing transaction of a request, job or command; commit at the end, roll back on any exception."""
    token = _open.set(_begin(writing=True))
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _open.reset(token)
        db.session.info.pop("writing", None)


@contextmanager
def reading() -> Iterator[None]:
    """Open a transaction that sees one moment and writes nothing; a write inside it fails on both databases."""
    token = _open.set(_begin(writing=False))
    try:
        yield
    finally:
        _open.reset(token)
        db.session.rollback()


def _begin(*, writing: bool) -> Connection:
    if db.session.info.get("writing"):
        raise RuntimeError("a transaction is open already: the edge opens it once")
    db.session.rollback()
    options: dict[str, Any] = {"writing": writing}
    if db.engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = not writing
    opened = db.session.connection(execution_options=options)
    if writing:  # not before it is open: a busy database must not block what comes next
        db.session.info["writing"] = True
    return opened
