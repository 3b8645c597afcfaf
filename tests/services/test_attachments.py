"""Pictures of parcels: what is kept, what is refused, whose they are."""

import hashlib

import pytest
from sqlalchemy import select, type_coerce, update
from sqlalchemy.types import NULLTYPE

from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.parcels import attachments
from station.parcels.models import Attachment
from tests.factories import Station, make_station, store

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 64
WEBP = b"RIFF\x40\x00\x00\x00WEBPVP8 " + b"\x00" * 64


def add(station: Station, content: bytes, *, kind: str = "damage") -> tuple[int, int]:
    """Keep a picture of a new parcel; return the parcel's id and the picture's."""
    parcel = store(station)
    with transaction():
        return parcel.parcel_id, attachments.add(station.clerk, parcel.parcel_id, kind, content)


@pytest.mark.parametrize(
    ("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
def test_a_picture_comes_back_as_it_was_given(station: Station, content: bytes, media_type: str) -> None:
    parcel_id, attachment_id = add(station, content)
    with reading():
        assert attachments.get(station.id, attachment_id) == attachments.Picture(media_type, content)
        assert attachments.of_parcel(station.id, parcel_id) == [(attachment_id, "damage")]


@pytest.mark.parametrize("content", [PNG, JPEG, WEBP], ids=["png", "jpeg", "webp"])
def test_who_reads_the_database_sees_no_picture(station: Station, content: bytes) -> None:
    _parcel_id, attachment_id = add(station, content, kind="signature")
    with reading():
        query = select(type_coerce(Attachment.content, NULLTYPE), Attachment.sha256)
        raw, digest = db.session.execute(query.where(Attachment.id == attachment_id)).one()
    assert content[:12] not in bytes(raw)
    assert not any(bytes(raw).startswith(magic, place) for magic, place in attachments.MAGIC.values())
    assert bytes(digest) == hashlib.sha256(content).digest()


def test_the_log_keeps_the_hash_and_not_the_picture(station: Station) -> None:
    parcel_id, attachment_id = add(station, PNG)
    with reading():
        query = select(CustodyEvent.data).where(
            CustodyEvent.parcel_id == parcel_id, CustodyEvent.kind == "attachment_added"
        )
        data = str(db.session.scalars(query).one())
    assert hashlib.sha256(PNG).hexdigest() in data
    assert str(attachment_id) in data


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg onload='x'>", b"\x89PNG", PNG + b"\x00" * attachments.LARGEST]
)
def test_what_is_no_small_photo_is_refused(station: Station, content: bytes) -> None:
    with pytest.raises(StationError) as refusal:
        add(station, content)
    assert refusal.value.code == "bad_input"


def test_a_kind_nobody_knows_is_refused(station: Station) -> None:
    with pytest.raises(StationError) as refusal:
        add(station, PNG, kind="selfie")
    assert refusal.value.code == "bad_input"


def test_an_erased_picture_is_gone_but_its_hash_stays(station: Station) -> None:
    parcel_id, attachment_id = add(station, PNG)
    with transaction():
        db.session.execute(update(Attachment).where(Attachment.id == attachment_id).values(content=None))
    with reading():
        assert attachments.of_parcel(station.id, parcel_id) == []
        with pytest.raises(StationError) as refusal:
            attachments.get(station.id, attachment_id)
    assert refusal.value.code == "not_found"


def test_another_stations_picture_does_not_exist(station: Station) -> None:
    elsewhere = make_station("Elsewhere")
    parcel_id, attachment_id = add(elsewhere, PNG)
    with reading():
        assert attachments.of_parcel(station.id, parcel_id) == []
        with pytest.raises(StationError):
            attachments.get(station.id, attachment_id)
    with transaction(), pytest.raises(StationError) as refusal:
        attachments.add(station.clerk, parcel_id, "damage", PNG)
    assert refusal.value.code == "not_found"
