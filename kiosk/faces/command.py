"""`python -m kiosk faces evaluate FOLDER [--csv FILE]`: the table that a station chooses its thresholds by."""

import csv
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path

from kiosk.faces import embedder, evaluate, samples, settings
from kiosk.faces.evaluate import Row
from kiosk.faces.rates import Rate

HEAD = ("rule", "at", "enrolled", "FAR", "FRR", "FPIR", "FNIR")
NO_PACKAGES = (
    "The face packages do not work here: pip install --no-deps --require-hashes -r requirements/faces.txt"
)


def main(arguments: Sequence[str]) -> int:
    """Run `faces evaluate`; return the exit code."""
    parser = ArgumentParser(prog="python -m kiosk faces", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("evaluate", help="measure error rates on a folder of person/picture")
    one.add_argument(
        "folder", type=Path, help="person/picture; in a folder `strangers` each picture is a person"
    )
    one.add_argument(
        "--csv", type=Path, metavar="FILE", help="write the table there too, with counts and intervals"
    )
    options = parser.parse_args(list(arguments))
    return run(options.folder, options.csv)


def run(folder: Path, csv_file: Path | None) -> int:
    """Measure a folder and print the table."""
    if not folder.is_dir():
        return fail(f"{folder} is no folder")
    faces = embedder.load()
    if faces is None:
        return fail(NO_PACKAGES)
    read = samples.read(folder, faces)
    rows = evaluate.measure(read.people)
    known = sum(len(vectors) >= evaluate.LEAST for vectors in read.people)
    say(
        f"{len(read.people)} people, {known} with at least {evaluate.LEAST} pictures, the others as strangers;"
    )
    say(f"{read.pictures} pictures, {read.without_face} without a face that was found.")
    if not rows:
        return fail(f"Measuring needs {settings.ENROLLED_MIN} people with {evaluate.LEAST} pictures each.")
    for line in table(rows):
        say(line)
    say(CAVEAT)
    if csv_file:
        write_csv(csv_file, rows)
    return 0


CAVEAT = """
FAR: accepted as one other person. FRR: refused as oneself. FPIR: a stranger identified among all enrolled.
FNIR: an enrolled person not identified. In brackets the 95 % interval (Wilson, by people; rule of three at zero):
the same people stand behind many comparisons, so it is the number of people that limits what is known, not the
number of comparisons. It cannot see whether your people differ more, or less, from each other than these."""


def table(rows: Iterable[Row]) -> list[str]:
    """Lay the rows out in columns."""
    cells = [HEAD, *((row.rule, f"{row.at:.2f}", str(row.enrolled), *map(cell, rates(row))) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def rates(row: Row) -> tuple[Rate, Rate, Rate, Rate]:
    """Return the four rates of a row in the order of HEAD."""
    return row.far, row.frr, row.fpir, row.fnir


def cell(rate: Rate) -> str:
    """Write a rate with its interval."""
    low, high = rate.interval
    return f"{rate.share:.2g} ({low:.2g}-{high:.2g})"


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write every rate with its counts and interval, one rate a line."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(("rule", "at", "enrolled", "rate", "wrong", "tries", "people", "share", "low", "high"))
        for row in rows:
            for name, rate in zip(HEAD[3:], rates(row), strict=True):
                counts = (rate.wrong, rate.tries, rate.people, rate.share, *rate.interval)
                lines.writerow((row.rule, row.at, row.enrolled, name, *counts))


def say(line: str) -> None:
    """Write a line for whoever ran the command."""
    sys.stdout.write(f"{line}\n")


def fail(why: str) -> int:
    """Say why it did not work; return the exit code for that."""
    sys.stderr.write(f"{why}\n")
    return 1
