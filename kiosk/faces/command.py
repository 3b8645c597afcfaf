"""`python -m kiosk faces evaluate FOLDER [--csv FILE]`: the table that a station chooses its thresholds by.

`python -m kiosk faces flats FOLDER` measures how many flat pictures the head turn lets through.
"""

import csv
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from kiosk.faces import embedder, evaluate, flats, samples, settings
from kiosk.faces.embedder import Embedder
from kiosk.faces.evaluate import Row
from kiosk.faces.rates import Rate

HEAD = ("rule", "at", "enrolled", "FAR", "FRR", "FPIR", "FNIR")
NO_PACKAGES = (
    "The face packages do not work here: pip install --no-deps --require-hashes -r requirements/faces.txt"
)


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands; return the exit code."""
    parser = ArgumentParser(
        prog="python -m kiosk faces", description="Measure faces on pictures of your own."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    rates_of = commands.add_parser("evaluate", help="measure error rates on a folder of person/picture")
    rates_of.add_argument("--csv", type=Path, metavar="FILE", help="write counts and intervals there too")
    rates_of.set_defaults(measure=run_evaluate)
    flat = commands.add_parser("flats", help="measure how many flat pictures pass the head turn")
    flat.set_defaults(measure=run_flats)
    for command in (rates_of, flat):
        command.add_argument("folder", type=Path, help="in a folder `strangers` each picture is a person")
    options = parser.parse_args(list(arguments))
    if not options.folder.is_dir():
        return fail(f"{options.folder} is no folder")
    faces = embedder.load()
    return fail(NO_PACKAGES) if faces is None else int(options.measure(options, faces))


def run_evaluate(options: Namespace, faces: Embedder) -> int:
    """Measure error rates and print the table."""
    read = samples.read(options.folder, faces)
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
    if options.csv:
        write_csv(options.csv, rows)
    return 0


def run_flats(options: Namespace, faces: Embedder) -> int:
    """Hold one picture of each person at angles and print how many look like a head turn."""
    poses, pictures = flats.measure(samples.portraits(options.folder), faces)
    say(f"{pictures.tries} frontal pictures; {poses.tries} views of them passed the gates.")
    say(f"views that look like the whole turn: {poses.wrong}, {cell(poses)}")
    say(f"pictures that do in at least one view: {pictures.wrong}, {cell(pictures)}")
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
