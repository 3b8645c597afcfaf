"""`python -m kiosk replay FILE`: play a recorded visit again and print what the session made of it."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from kiosk.model import Rules
from kiosk.session.machine import step
from kiosk.session.record import RecordError, read
from kiosk.session.state import Session


def main(arguments: list[str]) -> int:
    """Print each event, the screen after it and what was to be done; return 0, or 1 with the reason."""
    parser = argparse.ArgumentParser("python -m kiosk replay", description="Play a recorded visit again.")
    parser.add_argument("file", type=Path, metavar="FILE", help="what `python -m kiosk run --record` wrote")
    file: Path = parser.parse_args(arguments).file
    try:
        for line in play(file.read_text("utf-8").splitlines()):
            sys.stdout.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    except OSError as error:
        return _fail(f"{file} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return _fail(f"{file} is not text in UTF-8")
    except RecordError as error:
        return _fail(f"{file}, {error}")
    return 0


def play(lines: list[str]) -> Iterator[str]:
    """Yield what to print for a recording. Raises RecordError at the line that is none."""
    session, rules = Session(), Rules()
    for said in read(lines):
        if isinstance(said, Rules):
            rules = said
            continue
        at, event = said
        session, effects = step(session, event, at, rules)
        yield f"{at.isoformat(timespec='milliseconds')}  {_shown(event)}"
        yield f"    {session.screen}"
        yield from (f"        {_shown(effect)}" for effect in effects)


def _shown(thing: object) -> str:
    """Return an event or effect on one line: of a person or parcel only the id."""
    parts = [(part.name, getattr(thing, part.name)) for part in fields(thing)] if is_dataclass(thing) else []
    said = [f"{name}={_brief(value)}" for name, value in parts if value not in (None, "", {})]
    return " ".join([type(thing).__name__, *said])


def _brief(value: object) -> str:
    for name in ("id", "key"):  # a parcel's; a person's or a notice's
        if is_dataclass(value) and hasattr(value, name):
            return str(getattr(value, name))
    if isinstance(value, tuple):
        return ",".join(_brief(part) for part in value)
    return str(value)


def _fail(reason: str) -> int:
    sys.stderr.write(reason + "\n")
    return 1
