"""What several service tests stand on: the settings, a station with something in it, and a backup of it."""

from types import SimpleNamespace

import pytest

from station.backups import service
from station.core.db import transaction
from station.events import anchors
from tests import certificates, factories


@pytest.fixture
def settings(app):
    return app.config["SETTINGS"]


@pytest.fixture
def lively(station):
    """The station with parcels of two people and a signed head."""
    for number in range(5):
        factories.store(station, to=factories.recipient(station, f"1381234500{number}", "陈晓明"))
    with transaction():
        anchors.sign_head(station.id)
    return station


@pytest.fixture
def backup(lively, settings, tmp_path):
    file = tmp_path / "station.zip"
    service.make(settings, file)
    return file


@pytest.fixture(scope="session")
def mail_certificate(tmp_path_factory):
    """A server's side of TLS with a certificate for 127.0.0.1 and localhost, and the file that makes it trusted."""
    server, authority = certificates.make(tmp_path_factory.mktemp("tls"))
    return SimpleNamespace(server=server, authority=authority)
