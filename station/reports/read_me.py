"""The README of what a station takes along, in every language of the product: how to read it, and what is in it."""

from collections.abc import Iterator, Mapping, Sequence

from station.core.i18n import LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.reports.catalogue import FILES, LEFT_OUT_COLUMNS, LEFT_OUT_TABLES, PICTURES, TABLES

Columns = Mapping[str, Sequence[str]]


def text(columns: Columns) -> str:
    """Return the README; `columns`: those of each table's file, in their order."""
    parts = []
    for language in LANGUAGES:
        with speaking(language):
            parts.append("\n".join(_lines(columns)))
    return "\n\n---\n\n".join(parts) + "\n"


def _lines(columns: Columns) -> Iterator[str]:
    yield f"# {_('Everything this station keeps')}"
    yield ""
    yield _(
        "These files hold personal data of residents, couriers and staff. Keep them as carefully as the station itself."
    )
    yield ""
    yield from (f"- {rule}" for rule in _rules())
    yield ""
    yield f"## {_('Files')}"
    yield ""
    for name, names in columns.items():
        yield f"- **{name}.csv** — {_(FILES[name])}: {', '.join(names)}"
    yield from (
        f"- **pictures/{name}/** — {_(TABLES[name])}: `{column}`" for name, column in PICTURES.items()
    )
    yield ""
    yield f"## {_('Left out')}"
    yield ""
    for name, reason in (LEFT_OUT_TABLES | LEFT_OUT_COLUMNS).items():
        yield f"- **{name}** — {_(reason)}"


def _rules() -> tuple[str, ...]:
    return (
        _("Each table is one CSV file (RFC 4180, UTF-8, comma); its first line names the columns."),
        _(
            "An id is unique in its table and station; a column that ends in _id names the row of another table."
        ),
        _(
            "Times are UTC (ISO 8601); days are the station’s own; amounts are in the smallest unit of the currency."
        ),
        _(
            "An empty cell holds no value. A text that is empty, begins with an apostrophe or would be run by a "
            "spreadsheet has one apostrophe in front: take it away to read the text."
        ),
        _(
            "Hashes and signatures are hexadecimal. Those of phone numbers and names are keyed: they only join rows."
        ),
        _("A picture is a file of its own; its cell holds the path."),
        _("manifest.json counts the rows of each file and holds its SHA-256."),
    )
