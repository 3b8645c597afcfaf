"""A paper's table as CSV (RFC 4180) that a spreadsheet opens without running anything; core/paper.py makes the PDF."""

import csv
import io
import re

from station.core.paper import Paper
from station.parcels.export import BOM, plain

# What somebody owes begins like a formula and is none: behind an apostrophe a spreadsheet would leave it out of sums.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def as_csv(paper: Paper) -> str:
    """Return the table of `paper` with its sums, one a line, for a spreadsheet; amounts below nothing stay numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([plain(column.title) for column in paper.columns])
    for row in (*paper.rows, *paper.sums):
        writer.writerow([cell if _NUMBER.fullmatch(cell) else plain(cell) for cell in row])
    return BOM + out.getvalue()
