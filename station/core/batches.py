"""A statement that writes one row, put in PostgreSQL's words for many rows at once: what differs becomes arrays.

`INSERT … VALUES (x, y)` becomes `INSERT … SELECT … FROM unnest(xs, ys)`, an UPDATE takes its rows from there as well.
Unlike COPY that can also update and settle conflicts, and it costs hardly more (docs/benchmarks.md). What all rows
share stays a plain value: so the statement names its station as one for a single row does, and Citus knows by that
where to send it (DESIGN.md 3).
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Dialect, String, bindparam, column, func, select
from sqlalchemy.sql import visitors

from station.core.listed import array_of, in_binary


class Batch:
    """A Core INSERT or UPDATE of one row, compiled for any number of rows that differ in the values of `names`."""

    def __init__(self, statement: Any, names: Iterable[str], dialect: Dialect) -> None:
        binds: dict[str, Any] = statement.compile(dialect=dialect).binds
        arrays = {name: array_of(binds[name].type) for name in names}
        compiled = _of_many(statement, binds, arrays).compile(dialect=dialect)
        self.text = in_binary(str(compiled), list(arrays))
        self._constants = {
            name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
        }
        self._shared = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in binds.items()
            if bind.required and name not in arrays
        }
        self._texts = [name for name, array in arrays.items() if isinstance(array.item_type, String)]
        self._others = {
            name: array.item_type.dialect_impl(dialect).bind_processor(dialect)
            for name, array in arrays.items()
            if name not in self._texts
        }

    def parameters(self, rows: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]) -> dict[str, Any]:
        """Return rows, which all have the names, and the values they share, as the driver wants them."""
        ready = dict(self._constants)
        for name, convert in self._shared.items():
            ready[name] = convert(shared[name]) if convert else shared[name]
        for name in self._texts:
            # The driver takes no list of texts of several types, and a state is a text of its own type.
            ready[name] = [value if value is None else str(value) for value in map(itemgetter(name), rows)]
        for name, convert in self._others.items():
            found = map(itemgetter(name), rows)
            ready[name] = list(map(convert, found) if convert else found)
        return ready


def _of_many(statement: Any, binds: Mapping[str, Any], arrays: Mapping[str, ARRAY[Any]]) -> Any:
    """Return the statement with the rows of `arrays`, side by side, in the place of those values."""
    given = func.unnest(*[bindparam(name, type_=array) for name, array in arrays.items()])
    table = given.table_valued(*[column(name, array.item_type) for name, array in arrays.items()])
    rows = table.render_derived(name="given").c
    if statement.is_insert:
        taken = select(*[rows[name] if name in arrays else bind for name, bind in binds.items()])
        return statement.from_select(list(binds), taken, include_defaults=False)

    def taken_from_rows(element: Any, **_known: Any) -> Any:
        is_value = isinstance(element, BindParameter) and element.key in arrays
        return rows[element.key] if is_value else None

    return visitors.replacement_traverse(statement, {}, taken_from_rows)
