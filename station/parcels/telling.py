"""What became of a parcel, in one sentence for whoever holds it: when, how and by whom, and what to do. Only reads."""

from datetime import datetime

from station.accounts import queries as accounts
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.moments import moment
from station.events import queries as events
from station.network import queries as network
from station.parcels.lifecycle import ParcelState

KIOSK = "kiosk"
# (where it happened, who took it): the sentence
HANDED_OVER = {
    ("counter", "recipient"): _l("%(who)s handed it to the recipient at the counter on %(when)s."),
    ("counter", "proxy"): _l(
        "%(who)s handed it at the counter on %(when)s to somebody collecting for the recipient."
    ),
    ("api", "recipient"): _l("It went to the recipient on %(when)s through %(who)s."),
    ("api", "proxy"): _l("It went to somebody collecting for the recipient on %(when)s through %(who)s."),
    ("kiosk", "recipient"): _l("The recipient collected it at the kiosk %(who)s on %(when)s."),
    ("kiosk", "proxy"): _l("Somebody collecting for the recipient took it at the kiosk %(who)s on %(when)s."),
}


_UNDONE = _l("%(who)s undid its check-in on %(when)s. Check it in first.")
# The custody events that can bring a parcel into a state in which nobody collects it, and the sentence about each.
TURNS = {
    ParcelState.EXPECTED: {
        "announced": _l("It was announced on %(when)s and is not checked in yet. Check it in first."),
        "check_in_undone": _UNDONE,
    },
    ParcelState.RETURNING: {
        "return_started": _l(
            "%(who)s began its return to the carrier on %(when)s. Cancel the return on its page first."
        ),
    },
    ParcelState.RETURNED: {
        "returned": _l("%(who)s gave it back to the carrier on %(when)s. If it is here, check it in again."),
    },
    ParcelState.LOST: {
        "lost": _l("%(who)s marked it as lost on %(when)s. If it is here, check it in again."),
        "check_in_undone": _UNDONE,
    },
    ParcelState.WRITTEN_OFF: {
        "written_off": _l("%(who)s wrote it off on %(when)s. If it is here, check it in again."),
    },
    ParcelState.CANCELLED: {
        "check_in_undone": _UNDONE,
        "withdrawn": _l("Its carrier took it back before it came, on %(when)s. If it is here, check it in."),
    },
}


def how_it_left(station_id: int, at: datetime, *, method: str, taken_by: str, handed_by: str) -> str:
    """Return when, how and by whom a parcel was handed over."""
    # Behind it: the way in which somebody was known.
    where = KIOSK if method.startswith(f"{KIOSK}_") else method
    return _(HANDED_OVER[where, taken_by], **_when_and_who(station_id, at, handed_by))


def what_became(station_id: int, parcel_id: int, state: ParcelState) -> str:
    """Return what happened to a parcel in a state of TURNS, and what to do."""
    sentences = TURNS[state]
    turns = [one for one in events.story(station_id, parcel_id) if one.kind in sentences]
    if not turns:  # beyond the first page of a very long story
        return _("It does not wait here. Open its page.")
    return _(sentences[turns[-1].kind], **_when_and_who(station_id, turns[-1].at, turns[-1].actor))


def _when_and_who(station_id: int, at: datetime, actor_key: str) -> dict[str, str]:
    who = accounts.names(station_id, [actor_key]).get(actor_key, _("somebody"))
    return {"when": moment(at, network.station(station_id).zone), "who": who}
