"""A paper's table as CSV (RFC 4180) that a spreadsheet opens without running anything; core/paper.py makes the PDF."""

from station.core.paper import Paper
from station.parcels.export import BOM, line


def as_csv(paper: Paper) -> str:
    """Return the table of `paper` with its sums, one a line, for a spreadsheet."""
    return "".join(
        [
            BOM,
            line(*(column.title for column in paper.columns)),
            *(line(*row) for row in paper.rows),
            *(line(label, amount) for label, amount in paper.sums),
        ]
    )
