"""The command line: `flask --app app station …`. Each command is an edge: it opens transactions and speaks to people.

A refusal is one sentence and exit code 1; so is a custody log that is not whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import ParamSpec

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from station.backups import service as backups
from station.backups.queries import BACKUP, MADE
from station.carriers.commands import detect_command
from station.core import schema
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.schema import Fit, Schema
from station.core.settings import Settings, SettingsError
from station.disputes import log as dispute_log
from station.events import anchors
from station.events.anchors import Anchor
from station.events.verify import Report, explain, verify
from station.jobs import runs
from station.ledger import proof
from station.network import queries as network
from station.network.service import fill_reference_tables
from station.simulator.commands import simulate_command

P = ParamSpec("P")
group = AppGroup("station", help="Look after a station's data.")
group.add_command(simulate_command)
group.add_command(detect_command)


def install(app: Flask) -> None:
    """Give `app` its commands."""
    app.cli.add_command(group)


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Show a refusal as one sentence instead of a trace."""

    @wraps(command)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except StationError as error:
            raise click.ClickException(error.message) from error
        except SettingsError as error:
            raise click.ClickException(str(error)) from error

    return spoken


def settings() -> Settings:
    """Return the settings of the application the command runs in."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def bring_up_to_date() -> Schema:
    """Make the tables and what stands in the reference tables those of the program; return how the tables stood.

    May run twice, and in several processes at once: one works, the others wait and find it done.
    Raises SettingsError when the database is newer than the program, or cannot be changed.
    """
    try:
        with schema.alone():
            before = schema.upgrade()
            with transaction():
                fill_reference_tables()
    except OperationalError as error:  # it does not answer, is busy, or may not be written
        raise SettingsError(f"the database cannot be upgraded: {error.orig}") from error
    return before


@group.command("upgrade")
@in_words
def upgrade_command() -> None:
    """Bring the database to this version of the program: after installing it, before starting it."""
    before = bring_up_to_date()
    done = _upgraded(before)
    click.echo(_("%(done)s; the reference tables are filled.", done=done))


def _upgraded(before: Schema) -> str:
    if before.fit is Fit.CURRENT:
        return _("The database is up to date at %(revision)s", revision=before.program)
    if before.database is None:
        return _("The empty database was set up at %(revision)s", revision=before.program)
    return _(
        "The database was upgraded from %(before)s to %(after)s",
        before=before.database,
        after=before.program,
    )


@group.command("verify")
@click.option(
    "--anchor", type=click.Path(path_type=Path), help="A file of anchors kept outside this machine."
)
@click.option("--station", "station_id", type=int, help="One station; all without it.")
@click.option(
    "--dispute",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A log attached to a dispute, as it was downloaded.",
)
@in_words
def verify_command(anchor: Path | None, station_id: int | None, dispute: Path | None) -> None:
    """Prove that each custody log and ledger is whole, or name the first break; that a dispute's log stands in it."""
    _need_database()
    named = _named(anchor)
    names = _names()
    if station_id and anchor and station_id not in named:
        raise click.ClickException(_("The anchor file names no anchor of this station."))
    wanted = [station_id] if station_id else sorted(names.keys() | named)
    _check({one: names.get(one, "?") for one in wanted}, anchor)
    if dispute:
        _check_dispute(dispute.read_bytes())


def _check_dispute(document: bytes) -> None:
    """Say whether a dispute's log is what was attached; exit 1 when it is not."""
    with reading():
        found = dispute_log.check(document)
    if found.fault:
        click.echo(_("dispute %(id)s: %(fault)s", id=found.dispute_id, fault=found.fault))
        raise SystemExit(1)
    click.echo(
        _(
            "dispute %(id)s: attached as it is, %(count)s events stand in the log",
            id=found.dispute_id,
            count=found.events,
        )
    )


def _names() -> dict[int, str]:
    with reading():
        return {station.id: station.name for station in network.stations()}


def _check(stations: Mapping[int, str], anchor: Path | None) -> None:
    """Say of every station whether its log is whole; exit 1 when one is not."""
    found = [_is_whole(station_id, name, anchor) for station_id, name in stations.items()]
    if not all(found):
        raise SystemExit(1)


def _named(anchor: Path | None) -> set[int]:
    if anchor is None:
        return set()
    named = {one.station_id for one in anchors.read_file(anchor)}
    if not named:
        raise click.ClickException(_("The anchor file holds no anchor."))
    return named


def _is_whole(station_id: int, name: str, anchor: Path | None) -> bool:
    with reading():
        report = verify(station_id, _outside(station_id, anchor))
        fault = proof.first_fault(station_id)
    click.echo(f"{name} ({station_id}): {_sentence(report)}")
    if fault:
        click.echo(f"{name} ({station_id}): {_('the ledger is broken: %(what)s', what=proof.explain(fault))}")
    return report.is_whole and fault is None


def _outside(station_id: int, anchor: Path | None) -> Iterator[Anchor]:
    """Read the anchors of the file given, and those this machine exported."""
    exported = anchors.file_of(settings().instance, station_id)
    files: Iterable[Path] = [
        file for file in (anchor, exported) if file and (file is anchor or file.exists())
    ]
    return chain.from_iterable(anchors.read_file(file) for file in files)


def _sentence(report: Report) -> str:
    if report.broken:
        return _("broken: %(what)s", what=explain(report.broken))
    newest = report.newest_anchor
    when = f"{newest.seq} {newest.signed_at:%Y-%m-%dT%H:%M:%SZ}" if newest else _("none yet")
    return _(
        "whole: %(count)s events, head %(head)s, newest anchor %(anchor)s",
        count=report.events,
        head=report.head.hex(),
        anchor=when,
    )


@group.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_words
def backup_command(file: Path) -> None:
    """Write a backup of everything but the keys to FILE while the station works."""
    _need_database()
    manifest = backups.make(settings(), file)
    with transaction():
        runs.note(BACKUP, MADE + file.name)
    rows = sum(manifest.contents.counts.values())
    click.echo(_("Backup written to %(file)s: %(rows)s rows.", file=file, rows=rows))
    click.echo(_("It holds no keys. Keep keys.env at another place: without it nobody can read the names."))


@group.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the station that is here; it is kept aside.")
@in_words
def restore_command(file: Path, force: bool) -> None:
    """Put the backup in FILE back, then check every custody log."""
    if not force:
        backups.refuse_if_present(settings())
    restored = backups.restore(settings(), file)
    bring_up_to_date()
    click.echo(_("Restored the backup of %(moment)s.", moment=restored.manifest.made_at))
    if restored.kept:
        click.echo(_("The old state is kept in %(file)s.", file=restored.kept))
    _check(_names(), None)


def _need_database() -> None:
    path = settings().sqlite_path
    if path and not path.exists():
        raise click.ClickException(_("There is no station here yet. `make run` sets one up."))
