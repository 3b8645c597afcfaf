"""`flask --app app station detect NUMBER...`: whose waybills these may be, best first."""

import json
from typing import Any

import click

from station.carriers.catalogue import COMPANIES, REASONS
from station.carriers.detection import Candidate
from station.carriers.lookup import candidates


@click.command("detect")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--prior", type=click.Choice(list(COMPANIES)), help="The batch's carrier.")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
def detect_command(numbers: tuple[str, ...], prior: str | None, as_json: bool) -> None:
    """Say for each NUMBER which carriers it may belong to."""
    for number in numbers:
        found = [_said(one) for one in candidates(number, prior)]
        if as_json:
            click.echo(json.dumps({"number": number, "candidates": found}, ensure_ascii=False))
        else:
            click.echo(f"{number}: {'; '.join(map(_line, found)) or 'no carrier known here'}")


def _said(one: Candidate) -> dict[str, Any]:
    return {"carrier": one.carrier, "score": one.score, "reason": str(REASONS[one.reason])}


def _line(said: dict[str, Any]) -> str:
    return f"{said['carrier']} {said['score']:.2f} ({said['reason']})"
