"""Hand-backs of tests: parcels that go back on a manifest, and the courier who signs for them on a phone."""

from station.core.db import reading, transaction
from station.disputes import service as disputes
from station.disputes.service import Wish
from station.parcels import handling
from station.parcels.intake import CheckedIn
from station.returns import manifests, phone, phone_queries, queries
from tests.factories import Station, store

PNG = b"\x89PNG\r\n\x1a\n signed"


def going(station: Station, **values: object) -> CheckedIn:
    """Return a parcel picked for its carrier by hand."""
    parcel = store(station, **values)
    with transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="carrier_asks")
    return parcel


def opened(station: Station, *parcels: CheckedIn, carrier: str = "sf") -> int:
    """Open a manifest and scan parcels onto it."""
    with transaction():
        manifest_id = manifests.open_manifest(station.clerk, carrier)
        for parcel in parcels:
            manifests.add(station.clerk, manifest_id, parcel.waybill)
    return manifest_id


def seen(station: Station, manifest_id: int) -> str:
    """Return the fingerprint of what is on a manifest now."""
    with reading():
        return phone_queries.fingerprint(queries.items(station.id, manifest_id))


def sign_on_phone(station: Station, courier, manifest_id: int) -> int:
    """Let a courier sign on their phone for what is on the manifest now."""
    shown = seen(station, manifest_id)
    with transaction():
        return phone.sign(courier, manifest_id, seen=shown, signature=PNG)


def signed(station: Station, count: int = 2, **values: object) -> tuple[int, list[CheckedIn]]:
    """Return a manifest signed at the counter, and its parcels."""
    parcels = [going(station, **values) for _ in range(count)]
    manifest_id = opened(station, *parcels)
    with transaction():
        manifests.sign(station.clerk, manifest_id, courier_name="Zhao Lei", signature=PNG)
    return manifest_id, parcels


def disputed(
    actor, manifest_id: int, *parcels: CheckedIn, claim: str = "not_received", words: str = ""
) -> int:
    """Open a dispute."""
    with transaction():
        return disputes.open_case(actor, Wish(manifest_id, claim, words, [one.parcel_id for one in parcels]))
