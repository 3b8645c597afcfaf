"""Intents to hand a parcel over, each in one state of lifecycle.py that is on the disk before anything follows."""

import json
import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from kiosk.model import Parcel, Way
from kiosk.spool.database import Database
from kiosk.spool.lifecycle import (
    AWAY,
    INTERRUPTIBLE,
    OPENING,
    OWED,
    SETTLED,
    UNFINISHED,
    Action,
    State,
    after,
)
from kiosk.visits import Evidence


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written down before a release is asked for. `key`: of the request, and of its replay."""

    key: str
    parcel: Parcel
    visit: str
    session_id: str | None
    until: datetime  # when the station's session is over for certain
    evidence: Evidence
    at: datetime


@dataclass(frozen=True, slots=True)
class Intent(Draft):
    """An intent as it is kept. The proof in its evidence is gone once nothing more can become of it."""

    seq: int
    state: State
    hand_over_id: str | None


class TakenError(Exception):
    """There is an intent for this parcel already of which something may still become."""


class Intents:
    """The table of intents. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, draft: Draft, now: datetime) -> None:
        """Keep a new intent, WRITTEN. Raises TakenError while another one of the parcel is not settled."""
        with self._database.writing() as write:
            if _live(write, draft.parcel.id):
                raise TakenError(draft.parcel.id)
            write.execute(
                "INSERT INTO intents (key, parcel_id, parcel, visit, session_id, until, evidence, at, state,"
                " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    draft.key,
                    draft.parcel.id,
                    json.dumps(asdict(draft.parcel)),
                    draft.visit,
                    draft.session_id,
                    draft.until.isoformat(),
                    _written(draft.evidence),
                    draft.at.isoformat(),
                    State.WRITTEN,
                    now.timestamp(),
                ),
            )

    def act(self, key: str, action: Action, now: datetime, *, hand_over_id: str | None = None) -> State:
        """Let something happen to an intent; return where it stands now. Raises IllegalError."""
        with self._database.writing() as write:
            row = write.execute("SELECT state FROM intents WHERE key = ?", (key,)).fetchone()
            state = after(State(row["state"]), action)
            write.execute(
                "UPDATE intents SET state = ?, changed_at = ?, hand_over_id = coalesce(?, hand_over_id) WHERE key = ?",
                (state, now.timestamp(), hand_over_id, key),
            )
            if hand_over_id:
                write.execute("UPDATE photos SET hand_over_id = ? WHERE intent = ?", (hand_over_id, key))
            if state in SETTLED:
                write.execute(
                    "UPDATE intents SET evidence = json_remove(evidence, '$.text', '$.code_hash') WHERE key = ?",
                    (key,),
                )
        return state

    def join(self, key: str, *, session_id: str, until: datetime) -> None:
        """Note the session under which an intent is about to be posted."""
        with self._database.writing() as write:
            write.execute(
                "UPDATE intents SET session_id = ?, until = ? WHERE key = ?",
                (session_id, until.isoformat(), key),
            )

    def interrupt(self, now: datetime) -> None:
        """At start: nobody knows what the program was doing when it ended."""
        for intent in self._where(*INTERRUPTIBLE):
            self.act(intent.key, Action.INTERRUPT, now)

    def not_opened(self, before: datetime) -> list[Intent]:
        """Return those that may open since before this moment, and did not."""
        rows = self._database.read(
            "SELECT * FROM intents WHERE changed_at < ? ORDER BY seq", before.timestamp()
        )
        return [intent for intent in map(_intent, rows) if intent.state in OPENING]

    def live(self, parcel_id: str) -> Intent | None:
        """Return the parcel's intent of which something may still become."""
        rows = self._database.read("SELECT * FROM intents WHERE parcel_id = ? ORDER BY seq DESC", parcel_id)
        return next((intent for intent in map(_intent, rows) if intent.state not in SETTLED), None)

    def newest(self, parcel_id: str) -> Intent | None:
        """Return the parcel's newest intent."""
        question = "SELECT * FROM intents WHERE parcel_id = ? ORDER BY seq DESC LIMIT 1"
        return next((_intent(row) for row in self._database.read(question, parcel_id)), None)

    def unfinished(self) -> list[Intent]:
        """Return those that staff must settle, oldest first."""
        return self._where(*UNFINISHED)

    def to_replay(self) -> list[Intent]:
        """Return those that the station must still be told, in the order they happened."""
        return self._where(*OWED)

    def doubtful(self) -> list[Intent]:
        """Return those that were sent and never answered."""
        return self._where(State.DOUBTFUL)

    def owed(self) -> int:
        """Return how many the station must still be told."""
        return len(self.to_replay())

    def away(self, *, other_than: str = "") -> frozenset[str]:
        """Return the parcels that left or may have, as far as this kiosk knows and its list may not yet.

        `other_than`: the key of an intent that is not looked at.
        """
        return self._parcels(AWAY, other_than)

    def busy(self) -> frozenset[str]:
        """Return the parcels of which the station may not know yet what this kiosk did with them."""
        return self._parcels(frozenset(State) - SETTLED, "")

    def _parcels(self, states: frozenset[State], other_than: str) -> frozenset[str]:
        rows = self._database.read("SELECT parcel_id, state FROM intents WHERE key <> ?", other_than)
        return frozenset(row["parcel_id"] for row in rows if State(row["state"]) in states)

    def prune(self, listed_at: datetime) -> None:
        """Forget settled intents that the waiting list, asked for at `listed_at`, knows of.

        Photos of what settled without a hand-over (a conflict) go with them: the station has no place for them.
        """
        settled = ", ".join(f"'{state}'" for state in sorted(SETTLED))
        with self._database.writing() as write:
            write.execute(
                "DELETE FROM photos WHERE hand_over_id IS NULL"  # noqa: S608 - our own words
                f" AND intent IN (SELECT key FROM intents WHERE state IN ({settled}))"
            )
            write.execute(
                f"DELETE FROM intents WHERE state IN ({settled}) AND changed_at < ?"  # noqa: S608 - our own words
                " AND key NOT IN (SELECT intent FROM photos)",
                (listed_at.timestamp(),),
            )

    def _where(self, *states: State) -> list[Intent]:
        rows = self._database.read("SELECT * FROM intents ORDER BY seq")
        return [intent for intent in map(_intent, rows) if intent.state in states]


def _live(connection: sqlite3.Connection, parcel_id: str) -> bool:
    rows = connection.execute("SELECT state FROM intents WHERE parcel_id = ?", (parcel_id,))
    return any(State(row["state"]) not in SETTLED for row in rows)


def _written(evidence: Evidence) -> str:
    said: dict[str, Any] = asdict(evidence) | {"began_at": evidence.began_at.isoformat()}
    return json.dumps(said)


def _read(written: str) -> Evidence:
    said = json.loads(written)
    return Evidence(**said | {"way": Way(said["way"]), "began_at": datetime.fromisoformat(said["began_at"])})


def _intent(row: sqlite3.Row) -> Intent:
    return Intent(
        key=row["key"],
        parcel=Parcel(**json.loads(row["parcel"])),
        visit=row["visit"],
        session_id=row["session_id"],
        until=datetime.fromisoformat(row["until"]),
        evidence=_read(row["evidence"]),
        at=datetime.fromisoformat(row["at"]),
        seq=row["seq"],
        state=State(row["state"]),
        hand_over_id=row["hand_over_id"],
    )
