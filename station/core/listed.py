"""A list of values as one parameter of a statement, so that a statement is the same text however long the list is."""

import json
from typing import Any

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Dialect, String, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def array_of(kind: TypeEngine[Any]) -> ARRAY[Any]:
    """Return the type of a list of a column's values; its texts have any length: a cast to VARCHAR(4) cuts silently."""
    return ARRAY(Text() if isinstance(kind, String) else kind)


def in_binary(sql: str, names: list[str]) -> str:
    """Return SQL for psycopg in which the named lists are sent in binary: a tenth of the time their texts take."""
    for name in names:
        sql = sql.replace(f"%({name})s", f"%({name})b")
    return sql


class Listed(TypeDecorator[list[Any]]):
    """A list of whole numbers or of texts as a parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = ARRAY
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the parameter's type of the dialect."""
        return self.impl_instance if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        """Write the list as the driver takes it."""
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[Any]):
    """A column and the list that its value is to be in."""

    inherit_cache = True


@compiles(_Among, "postgresql")
def _any(element: Any, compiler: Any, **known: Any) -> str:
    column, listed = (compiler.process(one, **known) for one in element.clauses)
    return f"{column} = ANY ({listed})"


@compiles(_Among, "sqlite")
def _each(element: Any, compiler: Any, **known: Any) -> str:
    column, listed = (compiler.process(one, **known) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 - both are SQL already


def among(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[Any]:
    """Return the condition that a column's value, a whole number or a text, is in the list that is given as `name`."""
    parameter: BindParameter[list[Any]] = bindparam(name, type_=Listed(array_of(column.type).item_type))
    return _Among(column, parameter)
