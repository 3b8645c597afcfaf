"""Restoring, and seeing that a refused backup changed nothing."""

import json
import zipfile

import pytest
from sqlalchemy import func, select

from station import models
from station.backups import service
from station.core.db import connection, reading
from station.core.errors import StationError
from tests import factories


def counts():
    with reading():
        return {
            table.name: connection().scalar(select(func.count()).select_from(table))
            for table in models.metadata.sorted_tables
        }


def refusal(settings, file):
    before = counts()
    with pytest.raises(StationError) as caught:
        service.restore(settings, file)
    assert counts() == before
    return caught.value


def rewrite(file, target, **changes):
    """Copy a backup with other manifest fields, or another database."""
    database = changes.pop("database", None)
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as copy:
        manifest = json.loads(source.read("manifest.json")) | changes
        copy.writestr("manifest.json", json.dumps(manifest))
        copy.writestr("database", database or source.read("database"))
    return target


def sqlite_backup(web_station, web, tmp_path):
    factories.store(web_station)
    file = tmp_path / "station.zip"
    service.make(web.config["SETTINGS"], file)
    return file
