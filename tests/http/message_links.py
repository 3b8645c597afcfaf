"""Links in messages, as tests follow them."""

from station.core import clock
from station.core.db import transaction
from station.events import outbox
from station.parcels.intake import CheckedIn
from station.residents import links
from tests.factories import Station

HOME = "https://parcels.example"


def path_of(station: Station, *parcels: CheckedIn) -> str:
    """Return where the link of a message about these parcels of one person leads."""
    owner = parcels[0].recipient
    assert owner is not None
    owed = [(owner.id, parcel.parcel_id) for parcel in parcels]
    links.configure(HOME)
    try:
        with transaction():
            messages = outbox.enqueue_batch(station.id, topic="remind", owed=owed, due_at=clock.now())
            found = links.url(station.id, owner.id, message_id=messages[owner.id])
    finally:
        links.configure("")
    return (found or "").removeprefix(HOME)
