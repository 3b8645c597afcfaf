"""Whose parcel a courier brings: the number's own form first, lifted by the carriers they come for. Pure."""

from collections.abc import Sequence

from station.carriers.detection import detect


def carrier_of(waybill: str, carriers: Sequence[str]) -> str | None:
    """Return the carrier of a parcel that a courier of `carriers` brings.

    The best candidate with each of their carriers as the prior; a courier of one carrier brings that one's parcels
    where the number says nothing. None when nobody can tell.
    """
    priors: Sequence[str | None] = carriers or (None,)
    found = [candidate for prior in priors for candidate in detect(waybill, prior=prior, limit=1)]
    if found:
        return max(found, key=lambda candidate: candidate.score).carrier
    return carriers[0] if len(carriers) == 1 else None
