"""`flask --app app station detect NUMBER...`: whose waybills these may be, best first."""

import json
from typing import Any

import click

from station.carriers.catalogue import COMPANIES, REASONS
from station.carriers.detection import Candidate, canonical_waybill, detect, is_s10

# Any postal item is one by its check digit, whoever brings it: said first, before the guess at who does.
POSTAL = Candidate("s10", 1.0, "s10_china")


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


def candidates(number: str, prior: str | None = None) -> tuple[Candidate, ...]:
    """Return the carriers that a number as it was typed may belong to; none for a text that is no number."""
    waybill = canonical_waybill(number)
    if waybill is None:
        return ()
    found = detect(waybill, prior=prior)
    is_named = any(one.carrier == POSTAL.carrier for one in found)
    return (POSTAL, *found) if is_s10(waybill) and not is_named else found


def _said(one: Candidate) -> dict[str, Any]:
    return {"carrier": one.carrier, "score": one.score, "reason": str(REASONS[one.reason])}


def _line(said: dict[str, Any]) -> str:
    return f"{said['carrier']} {said['score']:.2f} ({said['reason']})"
