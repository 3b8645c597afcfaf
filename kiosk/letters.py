"""What is to reach the station beside hand-overs, kept until it has: alerts, photos, receipts of deleted faces."""

from collections.abc import Callable, Iterable
from datetime import datetime

from kiosk.session.effects import Alert
from kiosk.ways import Books

USED_MOST = 500  # the station takes no more at once


class Letters:
    """Puts into the spool; syncing.py sends. Safe from any thread. `on_new` wakes whoever sends."""

    def __init__(self, books: Books, *, on_new: Callable[[], None]) -> None:
        self._books = books
        self._on_new = on_new

    def alert(self, effect: Alert) -> None:
        """Tell the counter."""
        said = {"kind": effect.kind, "parcel_id": effect.parcel_id, "part": effect.part}
        self._add("alerts", {name: value for name, value in said.items() if value is not None})

    def photo(self, parcel_id: str, jpeg: bytes, at: datetime) -> None:
        """Send the picture of this parcel's newest hand-over, where the station takes any."""
        intent = self._books.spool.intents.newest(parcel_id)
        if intent is None or not self._books.known.rules.takes_photos:
            return
        self._books.spool.photos.add(intent.key, at, jpeg)
        self._on_new()

    def face_gone(self, recipient_id: str, reason: str) -> None:
        """Send the receipt of a deleted template: `withdrawn`, `expired`, `unused`, `replaced` or `key_lost`."""
        self._add("faces/gone", {"recipient_id": recipient_id, "reason": reason})

    def faces_used(self, recipient_ids: Iterable[str]) -> None:
        """Say whose faces were used, since a template that nobody uses for a year is deleted."""
        ordered = sorted(recipient_ids)
        for at in range(0, len(ordered), USED_MOST):
            self._add("faces/used", {"recipient_ids": ordered[at : at + USED_MOST]})

    def _add(self, kind: str, body: dict[str, object]) -> None:
        self._books.spool.outbox.add(kind, body | {"at": self._books.clock.now().isoformat()})
        self._on_new()
