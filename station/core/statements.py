"""Statements of the hot paths, compiled once for each dialect and then run as driver SQL.

Compiling and looking up a Core statement costs more than SQLite needs to run it (tests/benchmarks/test_check_in.py);
a `Statement` keeps the text and the column types' own conversions and skips the rest. A list of values is one
parameter (core.listed): an IN list would be another statement for each length.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

from station.core.batches import Batch
from station.core.db import connection
from station.core.listed import Listed, in_binary

Convert = Callable[[Any], Any]


class _Compiled:
    """One statement in the words of one dialect."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        listed = [name for name, bind in compiled.binds.items() if isinstance(bind.type, Listed)]
        self.text = in_binary(str(compiled), listed)
        self.positional = bool(compiled.positional)
        names = compiled.positiontup if self.positional else list(compiled.binds)
        self.order = tuple(names)
        self.names = frozenset(names)
        # The driver's values in its order; two names at least, since a getter of one returns no tuple.
        self.pick = itemgetter(*names) if len(names) > 1 else lambda values: [values[name] for name in names]
        converters = [self._bind(compiled.binds[name], dialect) for name in names]
        self.convert = [(place, convert) for place, convert in enumerate(converters) if convert]
        self.constants = _defaults(statement) | {
            name: compiled.binds[name].effective_value for name in names if not compiled.binds[name].required
        }
        columns = list(getattr(statement, "exported_columns", ())) or list(
            getattr(statement, "_returning", ())
        )
        self.results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        self.converts = any(self.results)
        self.row: Any = namedtuple("Row", [column.key for column in columns]) if columns else None

    @staticmethod
    def _bind(parameter: Any, dialect: Dialect) -> Convert | None:
        processor: Convert | None = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        return processor

    def complete(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return `values` with the statement's own constants and defaults for those that are missing."""
        if len(values) < len(self.names):
            values = self.constants | values
        if values.keys() != self.names:
            raise TypeError(f"missing or without a place: {values.keys() ^ self.names}")
        return values

    def parameters(self, values: dict[str, Any]) -> Any:
        """Return `values`, completed, as the driver wants them."""
        ready = list(self.pick(self.complete(values)))
        for place, convert in self.convert:
            ready[place] = convert(ready[place])
        return ready if self.positional else dict(zip(self.order, ready, strict=True))

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Return driver rows as named tuples with the columns' own Python values."""
        if self.row is None:
            raise TypeError("the statement returns no rows")
        if not self.converts:
            return [self.row._make(row) for row in rows]
        return [self.row._make(map(_converted, self.results, row)) for row in rows]


def _converted(convert: Convert | None, value: Any) -> Any:
    return convert(value) if convert else value


def _execute(conn: Connection, text: str, parameters: Any, *, many: bool = False) -> Any:
    """Run driver SQL in the open transaction and return the driver's cursor.

    SQLAlchemy's own way costs 18 us for each statement (tests/benchmarks, 2026-11-21), SQLite 2. Listeners on
    cursors and SQLAlchemy's exceptions stay as they are.
    """
    cursor = conn.connection.cursor()
    for listener in conn.dispatch.before_cursor_execute:
        listener(conn, cursor, text, parameters, None, many)
    try:
        if many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
    except conn.dialect.loaded_dbapi.Error as error:
        driver: Any = conn.dialect.loaded_dbapi
        raise DBAPIError.instance(
            text, parameters, error, driver.Error, hide_parameters=True, dialect=conn.dialect
        ) from error
    return cursor


def _defaults(statement: Any) -> dict[str, Any]:
    """Return what an INSERT writes into columns without a value: their default, else NULL where that is allowed."""
    if not getattr(statement, "is_insert", False):
        return {}
    columns = [column for column in statement.table.columns if column.nullable or column.default is not None]
    return {column.key: column.default.arg if column.default is not None else None for column in columns}


class Statement:
    """A Core statement, ready to run many times inside the transaction that is open."""

    def __init__(self, statement: Executable) -> None:
        self._statement: Any = statement
        self._compiled: dict[str, _Compiled] = {}
        self._batches: dict[frozenset[str], Batch] = {}

    def _for(self, conn: Connection) -> _Compiled:
        name = conn.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statement, conn.dialect)
        return self._compiled[name]

    def run(self, **values: Any) -> int:
        """Execute; return how many rows were touched."""
        conn = connection()
        ready = self._for(conn)
        cursor = _execute(conn, ready.text, ready.parameters(values))
        touched = int(cursor.rowcount)
        cursor.close()
        return touched

    def run_many(self, rows: Sequence[dict[str, Any]], **shared: Any) -> None:
        """Write rows, all with the same names, in one call of the driver; nothing for no rows.

        `shared`: the values that all of them have, the station's id before all.
        """
        if not rows:
            return
        conn = connection()
        ready = self._for(conn)
        if any(row.keys() != rows[0].keys() for row in rows):
            raise TypeError("the rows of a batch have the same names")
        first = ready.complete(shared | rows[0])
        if len(rows) > 1 and conn.dialect.name == "postgresql":
            self._run_together(conn, rows, first)
            return
        _execute(conn, ready.text, [ready.parameters(first | row) for row in rows], many=True).close()

    def _run_together(self, conn: Connection, rows: Sequence[dict[str, Any]], first: dict[str, Any]) -> None:
        """Write rows by one statement of PostgreSQL; `first`: the first row with shared values and defaults."""
        names = frozenset(rows[0])
        if names not in self._batches:
            self._batches[names] = Batch(self._statement, rows[0], conn.dialect)
        batch = self._batches[names]
        _execute(conn, batch.text, batch.parameters(rows, first)).close()

    def all(self, **values: Any) -> list[Any]:
        """Return the rows as named tuples."""
        conn = connection()
        ready = self._for(conn)
        cursor = _execute(conn, ready.text, ready.parameters(values))
        rows = cursor.fetchall()
        cursor.close()
        return ready.read(rows)

    def first(self, **values: Any) -> Any:
        """Return the first row, or None."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def text(self, dialect: Dialect) -> str:
        """Return the SQL in the words of `dialect`: for benchmarks and docs."""
        return _Compiled(self._statement, dialect).text
