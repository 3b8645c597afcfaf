"""`flask --app app station simulate`: days of traffic at a station, up to now."""

import click

from station.core import ids
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.network import queries as network
from station.simulator.histogram import histogram
from station.simulator.run import Order, simulate

MOST_DAYS = 366
MOST_PARCELS = 20_000  # a day; the busiest stations known have a tenth


@click.command("simulate")
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=3, show_default=True, help="Days up to now."
)
@click.option(
    "--parcels-per-day",
    type=click.IntRange(1, MOST_PARCELS),
    default=400,
    show_default=True,
    help="Parcels that arrive on each day.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed draws the same days.")
@click.option("--station", "station_id", type=int, help="The station's id, where there are several.")
def simulate_command(days: int, parcels_per_day: int, seed: int, station_id: int | None) -> None:
    """Let days of realistic traffic happen at a station, up to now.

    Made-up people and parcels are written into the database as if they had been real: not for a station at work.
    """
    ids.hold_node()
    chosen = _station(station_id)
    try:
        summary = simulate(chosen, Order(days, parcels_per_day, seed))
    except StationError as error:
        raise click.ClickException(error.message) from error
    with reading():
        found = histogram(chosen, since=summary.since, until=summary.until)
    for line in found.lines():
        click.echo(line)
    click.echo(summary.line)


def _station(wanted: int | None) -> int:
    with reading():
        known = [found.id for found in network.stations()]
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted not in known:
        listed = ", ".join(map(str, known)) or "-"
        raise click.ClickException(_("Name one of the stations by --station: %(stations)s", stations=listed))
    return wanted
