"""The station's waiting list as this kiosk has it: masked, synced by cursor, and worth nothing when it is old.

A copy and no more: it can be deleted at any time and is fetched again. What left through this kiosk and may still
stand here is the spool's to know.
"""

import base64
import hmac
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.answers import Waiting, WaitingPage
from kiosk.backend import RefusedError, UnreachableError
from kiosk.model import Parcel
from kiosk.pickup_codes import canonical

FILE = "waiting.db"
OWNER_ONLY = 0o600
HASH_BYTES = 16  # the API of kiosks
LATE_PAGES = 1_000  # ours: half a million parcels; a cursor that never ends is a broken server

# Raised with every change of the tables or of Parcel: a file of another format is thrown away and fetched again.
FORMAT = 2

_SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
"""
_TABLES = """
CREATE TABLE IF NOT EXISTS parcels (
    id TEXT PRIMARY KEY, waybill TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, tail BLOB,
    parcel TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parcels_by_waybill ON parcels (waybill);
CREATE INDEX IF NOT EXISTS parcels_by_owner ON parcels (owner);
CREATE TABLE IF NOT EXISTS weak (hash BLOB, parcel_id TEXT, PRIMARY KEY (hash, parcel_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS weak_by_parcel ON weak (parcel_id);
CREATE TABLE IF NOT EXISTS codes (code TEXT, parcel_id TEXT, PRIMARY KEY (code, parcel_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS codes_by_parcel ON codes (parcel_id);
CREATE TABLE IF NOT EXISTS faces (
    recipient_id TEXT, parcel_id TEXT, place INTEGER, PRIMARY KEY (recipient_id, parcel_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS faces_by_parcel ON faces (parcel_id);
CREATE TABLE IF NOT EXISTS people (recipient_id TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT NOT NULL, as_of TEXT NOT NULL, asked_at TEXT NOT NULL,
    salt BLOB NOT NULL
);
"""
_OF_PARCEL = ("weak", "codes", "faces")
_ALL = (*_OF_PARCEL, "parcels", "people", "state")


@dataclass(frozen=True, slots=True)
class Listed:
    """A parcel of the list with its owner's masked name."""

    parcel: Parcel
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How new the list is. `as_of`: by the station's clock; `asked_at`: by ours, when its last page was asked for."""

    as_of: datetime
    asked_at: datetime
    salt: bytes


log = logging.getLogger(__name__)
Fetch = Callable[[str], WaitingPage]


class WaitingList:
    """The copy on the disk. Safe from any thread."""

    def __init__(self, folder: Path) -> None:
        self._turn = threading.RLock()
        self._syncing = threading.Lock()
        self._connection = _open(folder / FILE)

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as write:
            _clear(write)

    def sync(self, fetch: Fetch, *, now: Callable[[], datetime]) -> None:
        """Take over every change since the last time; begin again when the station has another list version.

        All or nothing, so that a line that breaks in between leaves the list that was whole. Raises what `fetch`
        raises, RefusedError and UnreachableError.
        """
        with self._syncing:
            self._sync(fetch, now)

    def _sync(self, fetch: Fetch, now: Callable[[], datetime]) -> None:
        asked_at, start, pages = now(), self.cursor(), list[WaitingPage]()
        cursor = start
        while not pages or not pages[-1].is_complete:
            if len(pages) > LATE_PAGES:
                raise UnreachableError("the list never ends")
            try:
                pages.append(fetch(cursor))
            except RefusedError as error:
                if error.code != "cursor_unknown" or not cursor:
                    raise
                start, cursor, pages = "", "", []
                continue
            cursor = pages[-1].next_cursor
        self._take(pages, asked_at=asked_at, is_whole=not start)

    def confirm(self, *, as_of: datetime, asked_at: datetime) -> None:
        """Note that the station has nothing newer: the list is as new as that answer."""
        with self._writing() as write:
            write.execute(
                "UPDATE state SET as_of = ?, asked_at = ?", (as_of.isoformat(), asked_at.isoformat())
            )

    def cursor(self) -> str:
        """Return how far this list was read; "" before the first time."""
        return next((row["cursor"] for row in self._read("SELECT cursor FROM state")), "")

    def standing(self) -> Standing | None:
        """Return how new the list is; None while it never was complete."""
        for row in self._read("SELECT as_of, asked_at, salt FROM state"):
            as_of, asked_at = (datetime.fromisoformat(row[name]) for name in ("as_of", "asked_at"))
            return Standing(as_of, asked_at, row["salt"])
        return None

    def age(self, now: datetime) -> timedelta | None:
        """Return how old the list is; None without one."""
        standing = self.standing()
        return max(now - standing.as_of, timedelta(0)) if standing else None

    def by_id(self, parcel_id: str) -> Listed | None:
        """Return a parcel by its id."""
        return next(iter(self._listed("id = ?", parcel_id)), None)

    def by_waybill(self, waybill: str) -> Listed | None:
        """Return the parcel with this waybill; None too where two carriers gave the same number."""
        found = self._listed("waybill = ?", waybill)
        return found[0] if len(found) == 1 else None

    def by_code(self, code: str) -> Listed | None:
        """Return the parcel that a pickup code, or an older one of it, names."""
        found = self._listed("id IN (SELECT parcel_id FROM codes WHERE code = ?)", code)
        return found[0] if len(found) == 1 else None

    def by_recipient(self, recipient_id: str) -> list[Listed]:
        """Return what waits for the phone of a recipient, in shelf order."""
        return self._listed("owner IN (SELECT owner FROM people WHERE recipient_id = ?)", recipient_id)

    def by_face(self, recipient_id: str) -> list[Listed]:
        """Return what this recipient may take by face, in shelf order."""
        return self._listed("id IN (SELECT parcel_id FROM faces WHERE recipient_id = ?)", recipient_id)

    def by_weak(self, code: str, tail: str) -> tuple[Listed, bytes] | None:
        """Return the parcel that pickup code (canonical) and phone tail prove together, and their hash."""
        standing = self.standing()
        if standing is None:
            return None
        proof = _hash(standing.salt, f"{code}|{tail}")
        found = self._listed("id IN (SELECT parcel_id FROM weak WHERE hash = ?)", proof)
        return (found[0], proof) if len(found) == 1 else None

    def fits_tail(self, recipient_id: str, tail: str) -> bool | None:
        """Tell whether this is a recipient's phone tail; None where nothing waits for them and nobody here knows."""
        standing = self.standing()
        rows = self._read(
            "SELECT owner, tail FROM parcels WHERE owner IN (SELECT owner FROM people WHERE recipient_id = ?)",
            recipient_id,
        )
        if standing is None or not rows or rows[0]["tail"] is None:
            return None
        expected = _hash(standing.salt, f"{rows[0]['owner']}|{tail}")
        return hmac.compare_digest(expected, rows[0]["tail"])

    def candidates(self, parcel_ids: tuple[str, ...]) -> list[str]:
        """Return who may take every one of these parcels by face: owners first, each once."""
        takes: dict[str, set[str]] = {}
        for parcel_id in parcel_ids:
            question = "SELECT recipient_id FROM faces WHERE parcel_id = ? ORDER BY place"
            for row in self._read(question, parcel_id):
                takes.setdefault(row["recipient_id"], set()).add(parcel_id)
        return [recipient for recipient, may in takes.items() if may == set(parcel_ids)]

    def recipients(self) -> frozenset[str]:
        """Return everybody for whom something waits that they may take by face."""
        return frozenset(row["recipient_id"] for row in self._read("SELECT DISTINCT recipient_id FROM faces"))

    def _listed(self, condition: str, *values: object) -> list[Listed]:
        question = f"SELECT parcel, name FROM parcels WHERE {condition}"  # noqa: S608 - conditions of this file
        found = [
            Listed(Parcel(**json.loads(row["parcel"])), row["name"]) for row in self._read(question, *values)
        ]
        return sorted(found, key=_place)

    def _take(self, pages: list[WaitingPage], *, asked_at: datetime, is_whole: bool) -> None:
        last = pages[-1]
        with self._writing() as write:
            if is_whole:
                _clear(write)
            for page in pages:
                _apply(write, page)
            write.execute("DELETE FROM people WHERE owner NOT IN (SELECT owner FROM parcels)")
            write.execute(
                "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?)",
                (last.next_cursor, last.as_of.isoformat(), asked_at.isoformat(), last.salt),
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _read(self, question: str, *values: object) -> list[sqlite3.Row]:
        with self._turn:
            return self._connection.execute(question, values).fetchall()


def _open(path: Path) -> sqlite3.Connection:
    """Return a connection to the copy; one that is damaged or of another format begins anew."""
    try:
        connection = _connect(path)
        if connection.execute("PRAGMA user_version").fetchone()[0] == FORMAT:
            return connection
        connection.close()
    except sqlite3.DatabaseError:
        log.warning("the waiting list was damaged and begins anew")
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    connection = _connect(path)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.executescript(_SETTINGS + _TABLES)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def written(proof: bytes) -> str:
    """Return a hash as the API writes it."""
    return base64.b64encode(proof).decode()


def _hash(salt: bytes, text: str) -> bytes:
    return hmac.digest(salt, text.encode(), "sha256")[:HASH_BYTES]


def _place(listed: Listed) -> tuple[object, ...]:
    """Order as one walks: shelves by number where they have one, then layer, then code."""
    parcel = listed.parcel
    number = int(parcel.shelf) if parcel.shelf.isdecimal() else 10**9
    return number, parcel.shelf, parcel.layer, parcel.pickup_code


def _clear(write: sqlite3.Connection) -> None:
    for table in _ALL:
        write.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables


def _remove(write: sqlite3.Connection, parcel_id: str) -> None:
    for table in _OF_PARCEL:
        write.execute(f"DELETE FROM {table} WHERE parcel_id = ?", (parcel_id,))  # noqa: S608 - our own tables
    write.execute("DELETE FROM parcels WHERE id = ?", (parcel_id,))


def _apply(write: sqlite3.Connection, page: WaitingPage) -> None:
    for parcel_id in (*page.gone, *(one.parcel.id for one in page.changed)):
        _remove(write, parcel_id)
    for owner, recipients in page.people.items():
        write.execute("DELETE FROM people WHERE owner = ?", (owner,))
        rows = [(recipient, owner) for recipient in recipients]
        write.executemany("INSERT OR REPLACE INTO people VALUES (?, ?)", rows)
    for one in page.changed:
        _add(write, one)


def _add(write: sqlite3.Connection, one: Waiting) -> None:
    parcel = one.parcel
    row = (parcel.id, parcel.waybill, parcel.owner, one.name, one.tail, json.dumps(asdict(parcel)))
    write.execute("INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?)", row)
    write.executemany("INSERT OR IGNORE INTO weak VALUES (?, ?)", [(proof, parcel.id) for proof in one.weak])
    codes = {canonical(code) or code for code in (parcel.pickup_code, *one.aliases)}
    write.executemany("INSERT INTO codes VALUES (?, ?)", [(code, parcel.id) for code in codes])
    faces = [(recipient, parcel.id, place) for place, recipient in enumerate(one.faces)]
    write.executemany("INSERT OR IGNORE INTO faces VALUES (?, ?, ?)", faces)
