"""What the kiosk learned last and needs again after a restart without network: set-up, clock drift, newest moment."""

import json
from typing import Any

from kiosk.spool.database import Database


class Memory:
    """Named JSON values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Any:
        """Return what was kept under this name, None when nothing was."""
        rows = self._database.read("SELECT value FROM memory WHERE name = ?", name)
        return json.loads(rows[0]["value"]) if rows else None

    def put(self, name: str, value: Any) -> None:
        """Keep a value in the place of the one before."""
        with self._database.writing() as write:
            write.execute(
                "INSERT INTO memory VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, json.dumps(value)),
            )
