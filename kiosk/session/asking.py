"""Which ways are open now, and asking who somebody is by one of them."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.model import ONLINE_ONLY, PERSON_FIRST_ONLY, Rules, Way
from kiosk.session.effects import Effect
from kiosk.session.moves import Moment, Step, go, number, refuse
from kiosk.session.state import Notice, Screen, Session


def takes_faces(session: Session, rules: Rules) -> bool:
    """Tell whether faces are taken here and can be looked for now."""
    return rules.takes_faces and "faces" not in session.faults


def why_not(session: Session, way: Way, rules: Rules) -> Notice | None:
    """Return why this way is not open now; None where it is."""
    if way in ONLINE_ONLY and session.is_offline:
        return Notice("way_needs_network")
    if way in PERSON_FIRST_ONLY and (session.held or session.lookups or session.in_view):
        return Notice("code_before_parcel")
    if way is Way.PICKUP_CODE and not rules.takes_pickup_codes:
        return Notice("way_off")
    if way is Way.FACE and not takes_faces(session, rules):
        return Notice("way_off")
    return None


def check(session: Session, way: Way, moment: Moment, make: Callable[[int], Effect]) -> Step:
    """Ask who this is, unless the way is not open now. `make` gives the question its number."""
    notice = why_not(session, way, moment.rules)
    if notice:
        return refuse(session, notice)
    session, asked = number(session, way)
    return replace(go(session, Screen.CHECKING), check=asked), (make(asked.ask),)
