"""What a station decided about its money: the currency it works in and what long storage costs."""

from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, insert, select, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, DEFAULT_CURRENCY, MOST_MINOR
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.ledger.models import LedgerRulesRow

MOST_FREE_DAYS = 365  # ours: nothing waits longer


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """A station's choices. A fee of 0 for a day means that storage costs nothing; `float_minor`: change that stays."""

    currency: str = DEFAULT_CURRENCY
    storage_fee_minor: int = 0
    storage_free_days: int = 7
    float_minor: int = 0


_RULES = Statement(
    select(
        LedgerRulesRow.currency,
        LedgerRulesRow.storage_fee_minor,
        LedgerRulesRow.storage_free_days,
        LedgerRulesRow.float_minor,
    ).where(LedgerRulesRow.station_id == bindparam("station_id"))
)


def for_station(station_id: int) -> LedgerRules:
    """Return the rules of a station, careful defaults where it never chose."""
    row = _RULES.first(station_id=station_id)
    return LedgerRules(*row) if row else LedgerRules()


def change(actor: Actor, rules: LedgerRules) -> bool:
    """Set the rules of the actor's station; return whether anything is different now, which is logged.

    Raises StationError `bad_input` for a currency that is not known or a fee or time out of bounds.
    """
    _check(rules)
    take_turn(actor.station_id)
    before = for_station(actor.station_id)
    if before == rules:
        return False
    values = asdict(rules) | {"changed_at": clock.now()}
    mine = LedgerRulesRow.station_id == actor.station_id
    if not connection().execute(update(LedgerRulesRow).where(mine).values(**values)).rowcount:
        connection().execute(insert(LedgerRulesRow).values(station_id=actor.station_id, **values))
    old, new = asdict(before), asdict(rules)
    differing = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    append(actor, Event("ledger_rules_changed", data={"changes": differing}))
    return True


def _check(rules: LedgerRules) -> None:
    if rules.currency not in CURRENCIES:
        raise StationError("bad_input", _("Choose a currency of the list."))
    if not 0 <= rules.storage_fee_minor <= MOST_MINOR or not 0 <= rules.storage_free_days <= MOST_FREE_DAYS:
        raise StationError("bad_input", _("This fee or number of days is too large."))
    if not 0 <= rules.float_minor <= MOST_MINOR:
        raise StationError("bad_input", _("This amount is too large."))
