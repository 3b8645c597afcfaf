"""JSON of signed return manifests, for carriers' systems. It names no courier: the carrier knows who came."""

from datetime import datetime
from enum import StrEnum

from station.web.api import Id, Schema


class SignedOn(StrEnum):
    """Where a courier signed."""

    COUNTER = "counter"
    PHONE = "phone"  # their own, under their account


class HandBackLine(Schema):
    """A parcel that was given back. `came_back`: it is at the station again, or went back again later."""

    parcel_id: Id
    waybill: str
    came_back: bool


class HandBack(Schema):
    """A signed return manifest; `signature_sha256` names the picture of the signature."""

    manifest_id: Id
    signed_at: datetime
    signed_on: SignedOn
    signature_sha256: str
    parcels: list[HandBackLine]
