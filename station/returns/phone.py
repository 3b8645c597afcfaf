"""What couriers do with a return manifest on their own phone: refuse a line of it, and sign for the rest.

Counter and phone race for the same signature; the station's turn lets one through (manifests.py), and the other is
told by whom and when.
"""

from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.parcels import words
from station.returns import manifests, phone_queries, queries


def refuse(courier: Actor, manifest_id: int, parcel_id: int, *, reason: str) -> None:
    """Take a parcel off an open manifest that its courier does not take; it stays here, picked for its carrier.

    Raises StationError `bad_input` for a reason that is none of words.OFF_REASONS, `not_found` (no manifest of theirs,
    or the parcel is not on it), `manifest_ended`.
    """
    take_turn(courier.station_id)
    phone_queries.of_courier(courier, manifest_id)
    if reason not in words.OFF_REASONS:
        raise StationError("bad_input", _("Choose why you do not take it."))
    manifests.take_off(courier, manifest_id, parcel_id, reason=reason)


def sign(courier: Actor, manifest_id: int, *, seen: str, signature: bytes) -> int:
    """Let the courier sign under the name of their account for what they saw; return how many parcels.

    `seen`: the fingerprint of the list that was on their screen.
    Raises StationError `bad_input` without a signature, `not_found`, `manifest_ended`, `manifest_changed`, and as
    manifests.sign does.
    """
    take_turn(courier.station_id)
    phone_queries.of_courier(courier, manifest_id)
    if not signature:
        raise StationError("bad_input", _("Sign with your finger in the field first."))
    require_seen(courier, manifest_id, seen)
    return manifests.sign(courier, manifest_id, courier_name=courier.name, signature=signature)


def require_seen(actor: Actor, manifest_id: int, seen: str) -> None:
    """Refuse to let somebody sign for another list than the one they saw: a scan may have come between.

    Raises StationError `manifest_changed`; a manifest that has ended is left to manifests.sign.
    """
    take_turn(actor.station_id)
    items = queries.items(actor.station_id, manifest_id)
    if queries.manifest(actor.station_id, manifest_id).is_open and seen != phone_queries.fingerprint(items):
        raise StationError(
            "manifest_changed", _("The list has changed since you looked. Read it again, then sign.")
        )
