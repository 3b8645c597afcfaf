"""A day as files: figures line by line for a spreadsheet, and the signed statement for whoever checks it."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from station.core import crypto
from station.days.queries import DayFacts, Figures

HEAD = ("section", "item", "figure", "count")


def as_csv(figures: Figures) -> str:
    """Return the figures as CSV (RFC 4180); every cell is a code or a number."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows(_lines(figures))
    return out.getvalue()


def _lines(figures: Figures) -> Iterator[tuple[str, str, str, int]]:
    for carrier, counts in figures["carriers"].items():
        yield from (("parcels", carrier, figure, count) for figure, count in counts.items())
    yield from (("parcels", "total", figure, count) for figure, count in figures["total"].items())
    for section in ("problems", "levels", "refused", "messages"):
        yield from ((section, item, "count", count) for item, count in figures[section].items())


def as_json(day: DayFacts, facts: dict[str, Any]) -> dict[str, Any]:
    """Return a day as JSON: `statement` is the text whose UTF-8 bytes `signature` (Ed25519, hex) covers.

    Both are null while the day is open.
    """
    is_signed = day.signature is not None
    return {
        "day": facts,
        "statement": day.statement,
        "signature": day.signature.hex() if day.signature else None,
        "public_key": crypto.public_key().hex() if is_signed else None,
        "corrections": day.note.splitlines() if day.note else [],
    }
