"""The JSON API by which carriers' own systems announce parcels before they arrive."""

from datetime import date

from flask import Blueprint

from station.carriers import keys
from station.carriers.keys import Scope
from station.core import phones
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.days.queries import local_today
from station.manifests import schemas, service, words
from station.manifests.cells import Why
from station.manifests.rows import AHEAD, PAST, Rules, Said
from station.manifests.schemas import UnreadableRow
from station.manifests.service import Tally
from station.parcels.announce import Expected
from station.parcels.counter import read_waybill
from station.parcels.lifecycle import ConsentBasis
from station.web.api import Operation, Refusal, bad_input, writes
from station.web.openapi import PREFIX

bp = Blueprint("manifests_api", __name__, url_prefix=PREFIX)


@bp.post("/manifests")
@writes(
    Operation(
        "announce",
        "Announce up to 1,000 parcels before they arrive; each is taken or refused for itself",
        schemas.Announce,
        schemas.Announcements,
        permission=Permission.CARRIER_API,
    )
)
def announce(actor: Actor, body: schemas.Announce) -> schemas.Announcements:
    """Expect what is in order, in one transaction; tell of each row what became of it."""
    carrier = keys.require(actor, Scope.MANIFESTS).carrier
    today = local_today(actor.station_id)
    rules = Rules(carrier, _near(body.expected_on or today, today), today)
    read = [_read(row, rules) for row in body.rows]
    good = [(number, one) for number, one in enumerate(read, 1) if isinstance(one, Said)]
    manifest_id = service.open_request(actor, carrier=carrier, expected_on=rules.expected_on, count=len(read))
    outcomes = dict(
        zip(
            (number for number, _said in good),
            service.announce_rows(actor, manifest_id, good),
            strict=True,
        )
    )
    results = [
        _result(row, one if isinstance(one, StationError) else outcomes[number])
        for number, (row, one) in enumerate(zip(body.rows, read, strict=True), 1)
    ]
    tally = _tally(results)
    service.close_request(actor, manifest_id, tally)
    return schemas.Announcements(
        manifest_id=str(manifest_id),
        announced=tally.announced,
        known=tally.known,
        refused=tally.refused,
        rows=results,
    )


def _read(row: schemas.AnnouncedRow | UnreadableRow, rules: Rules) -> Said | StationError:
    try:
        return _said(row, rules)
    except StationError as error:
        return error


def _said(row: schemas.AnnouncedRow | UnreadableRow, rules: Rules) -> Said:
    if isinstance(row, UnreadableRow):
        raise bad_input(row.error)
    waybill = read_waybill(row.waybill)
    phone = phones.parse(row.phone) if row.phone else None
    return Said(
        waybill=waybill,
        carrier=rules.carrier or "",
        expected_on=_near(row.expected_on or rules.expected_on, rules.today),
        phone=phone,
        masked_phone=row.phone if phone is None else None,
        name=row.name,
        size_class=row.size_class,
        consent=ConsentBasis(row.consent),
        consent_how=row.consent_how,
    )


def _near(day: date, today: date) -> date:
    if not today - PAST <= day <= today + AHEAD:
        raise StationError("bad_input", _(words.FAULTS[Why.DAY_FAR]))
    return day


def _result(row: schemas.AnnouncedRow | UnreadableRow, outcome: Expected | StationError) -> schemas.RowResult:
    waybill = row.raw if isinstance(row, UnreadableRow) else row.waybill
    if isinstance(outcome, StationError):
        return schemas.RowResult(waybill=waybill, outcome="refused", refused=Refusal.of(outcome))
    return schemas.RowResult(
        waybill=waybill,
        outcome="announced" if outcome.is_new else "known",
        parcel_id=str(outcome.parcel_id),
    )


def _tally(results: list[schemas.RowResult]) -> Tally:
    outcomes = [one.outcome for one in results]
    return Tally(outcomes.count("announced"), outcomes.count("known"), outcomes.count("refused"))
