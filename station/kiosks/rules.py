"""What a station lets its kiosks do. One that never chose has careful defaults: what needs a notice first is off."""

from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, insert, select, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.kiosks.watch_models import KioskRulesRow


@dataclass(frozen=True, slots=True)
class KioskRules:
    """A station's switches for all its kiosks.

    Faces and photos stay off until the manager wants them, since people must be told of both first (the face rules of
    2025-06-01, see residents/agreement_texts.py), and a face asks the phone tail until the head turn is shown to keep
    pictures out (DESIGN.md section 6).
    """

    takes_pickup_codes: bool = True
    takes_faces: bool = False
    face_always_asks_tail: bool = True
    takes_photos: bool = False


_RULES = Statement(
    select(
        KioskRulesRow.takes_pickup_codes,
        KioskRulesRow.takes_faces,
        KioskRulesRow.face_always_asks_tail,
        KioskRulesRow.takes_photos,
    ).where(KioskRulesRow.station_id == bindparam("station_id"))
)


def for_station(station_id: int) -> KioskRules:
    """Return the rules of a station."""
    row = _RULES.first(station_id=station_id)
    return KioskRules(*row) if row else KioskRules()


def change(actor: Actor, rules: KioskRules) -> bool:
    """Set the rules of the actor's station; return whether anything is different now, which is logged."""
    take_turn(actor.station_id)
    before = for_station(actor.station_id)
    if before == rules:
        return False
    values = asdict(rules) | {"changed_at": clock.now()}
    mine = KioskRulesRow.station_id == actor.station_id
    if not connection().execute(update(KioskRulesRow).where(mine).values(**values)).rowcount:
        connection().execute(insert(KioskRulesRow).values(station_id=actor.station_id, **values))
    old, new = asdict(before), asdict(rules)
    differing = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    append(actor, Event("kiosk_rules_changed", data={"changes": differing}))
    return True
