"""`python -m tests.tracking_table`: writes docs/tracking.md from the table of vocabularies; a test compares them."""

from pathlib import Path

from station.tracking.untold import WITHOUT_COUNTERPART
from station.tracking.vocabulary import MEANINGS, READINGS, Vocabulary

PAGE = Path(__file__).parents[1] / "docs/tracking.md"
NAMES = {Vocabulary.KUAIDI100: "kuaidi100", Vocabulary.AFTERSHIP: "AfterShip"}
HEAD = """# Tracking codes

What carriers are told of their parcels, by `GET /api/v1/events` and by webhooks ([JSON API](api.md)), and what is lost
when it is told in the words of others. Drawn from `station/tracking/vocabulary.py`; a test compares them. Numbers like
2.4 are rows of the field notes from which the table was made; UPU and EPCIS will be further columns.

A code is a carrier's or an aggregator's own word: kuaidi100's advanced state, AfterShip's tag, with the number of its
sub-status where one fits. The tag is what stands before `_`.
"""


def draw() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_statuses(), "", *_kinds(), "", *_losses()]) + "\n"


def _statuses() -> list[str]:
    names = " | ".join(NAMES[vocabulary] for vocabulary in Vocabulary)
    lines = [
        "## What is said",
        "",
        f"| status | {names} | not said | source |",
        "|---|" + "---|" * (2 + len(NAMES)),
    ]
    for one in MEANINGS.values():
        codes = " | ".join(f"`{one.codes[name]}`" if name in one.codes else "–" for name in Vocabulary)
        lines.append(f"| `{one.status}` | {codes} | {one.lost or 'nothing'} | {one.source} |")
    return lines


def _kinds() -> list[str]:
    lines = [
        "## By which events",
        "",
        "The first row that fits counts.",
        "",
        "| event | when | status |",
        "|---|---|---|",
    ]
    for one in READINGS:
        when = f"`{one.when[0]}` is `{one.when[1]}`" if one.when else ""
        lines.append(f"| `{one.kind}` | {when} | `{one.status}` |")
    return lines


def _losses() -> list[str]:
    lines = [
        "## Events without a counterpart",
        "",
        "Carriers are told none of these.",
        "",
        "| why | events |",
        "|---|---|",
    ]
    for why, kinds in WITHOUT_COUNTERPART.items():
        lines.append(f"| {why} | {', '.join(f'`{kind}`' for kind in sorted(kinds))} |")
    return lines


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
