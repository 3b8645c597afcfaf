"""Changes of the carriers room: the table of carriers is filled from the catalogue."""

from sqlalchemy import insert, select, update

from station.carriers.catalogue import CARRIERS
from station.carriers.models import Carrier
from station.core.db import connection


def fill_table() -> None:
    """Bring the table of carriers up to the catalogue: missing ones are added, names renewed. Idempotent."""
    stored = {row.code: row for row in connection().execute(select(Carrier.__table__))}
    missing = []
    for facts in CARRIERS.values():
        names = {"name_en": facts.name_en, "name_zh": facts.name_zh}
        row = stored.get(facts.code)
        if row is None:
            missing.append({"code": facts.code, **names})
        elif (row.name_en, row.name_zh) != (facts.name_en, facts.name_zh):
            connection().execute(update(Carrier).where(Carrier.code == facts.code).values(**names))
    if missing:
        connection().execute(insert(Carrier), missing)
