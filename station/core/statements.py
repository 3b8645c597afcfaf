"""Statements of the hot paths, compiled once for each dialect and then run as driver SQL.

Compiling and looking up a Core statement costs more than SQLite needs to run it (tests/benchmarks/test_check_in.py);
a `Statement` keeps the text and the column types' own conversions and skips the rest. Values for IN lists are not
supported: hot statements have none.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql import ClauseElement

from station.core.db import connection

Convert = Callable[[Any], Any]


class _Compiled:
    """One statement in the words of one dialect."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.positional = bool(compiled.positional)
        names = compiled.positiontup if self.positional else list(compiled.binds)
        self.binds = [(name, self._bind(compiled.binds[name], dialect)) for name in names]
        self.names = frozenset(names)
        given = {name: compiled.binds[name] for name in names}
        self.constants = _defaults(statement) | {
            name: parameter.effective_value for name, parameter in given.items() if not parameter.required
        }
        columns = list(getattr(statement, "exported_columns", ())) or list(
            getattr(statement, "_returning", ())
        )
        self.results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        self.row = namedtuple("Row", [column.key for column in columns]) if columns else None

    @staticmethod
    def _bind(parameter: Any, dialect: Dialect) -> Convert | None:
        processor: Convert | None = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        return processor

    def parameters(self, values: dict[str, Any]) -> Any:
        """Return `values` as the driver wants them; one that is missing is the statement's own constant or default."""
        if not values.keys() <= self.names:
            raise TypeError(f"the statement has no place for {values.keys() - self.names}")
        pairs = ((name, self._value(name, convert, values)) for name, convert in self.binds)
        return tuple(value for _, value in pairs) if self.positional else dict(pairs)

    def _value(self, name: str, convert: Convert | None, values: dict[str, Any]) -> Any:
        value = values[name] if name in values else self.constants[name]
        return convert(value) if convert else value

    def read(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Return driver rows as named tuples with the columns' own Python values."""
        if self.row is None:
            raise TypeError("the statement returns no rows")
        make, converters = self.row, self.results
        return [make(*map(_converted, converters, row)) for row in rows]


def _converted(convert: Convert | None, value: Any) -> Any:
    return convert(value) if convert else value


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

    def _for(self, conn: Connection) -> _Compiled:
        name = conn.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statement, conn.dialect)
        return self._compiled[name]

    def run(self, **values: Any) -> int:
        """Execute; return how many rows were touched."""
        conn = connection()
        ready = self._for(conn)
        return conn.exec_driver_sql(ready.text, ready.parameters(values)).rowcount

    def run_many(self, rows: Sequence[dict[str, Any]]) -> None:
        """Execute once for each of `rows` in one call of the driver; nothing for no rows."""
        if rows:
            conn = connection()
            ready = self._for(conn)
            conn.exec_driver_sql(ready.text, [ready.parameters(row) for row in rows])

    def all(self, **values: Any) -> list[Any]:
        """Return the rows as named tuples."""
        conn = connection()
        ready = self._for(conn)
        return ready.read(conn.exec_driver_sql(ready.text, ready.parameters(values)).fetchall())

    def first(self, **values: Any) -> Any:
        """Return the first row, or None."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def text(self, dialect: Dialect) -> str:
        """Return the SQL in the words of `dialect`: for benchmarks and docs."""
        return _Compiled(self._statement, dialect).text
