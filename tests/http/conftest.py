"""Browsers of page and API tests: each request in a context of its own, as on a real server."""

from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient

from station.core.settings import Settings
from station.payments.catalogue import Way
from station.residents.service import Known
from tests import payments
from tests.factories import Station, recipient
from tests.http import residents
from tests.http.counter import scan
from tests.http.scanner import Scanner, make_scanner


class Browser(FlaskClient):
    """Opens pages outside the context a test has pushed, so that nothing of one request reaches the next."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return copy_context().run(self._open_alone, *args, **kwargs)

    def _open_alone(self, *args: Any, **kwargs: Any) -> Any:
        _cv_app.set(None)  # type: ignore[arg-type]
        answer = super().open(*args, **kwargs)
        for value in answer.headers.values():
            value.encode("latin-1")  # a server sends nothing else (PEP 3333), and fails at it
        return answer


@pytest.fixture(autouse=True)
def _real_browsers(web: Flask) -> Iterator[None]:
    web.test_client_class = Browser
    yield
    web.test_client_class = None


@pytest.fixture
def scanner(web: Flask, web_station: Station) -> Scanner:
    """A device of the station that speaks to the API."""
    return make_scanner(web, web_station)


@pytest.fixture
def counter(clerk_client: FlaskClient) -> FlaskClient:
    """The clerk's browser at check-in, the card of shelf 1, layer 1 scanned."""
    assert scan(clerk_client, "SHELF:1-1").status_code == 200
    return clerk_client


@pytest.fixture
def ming(web_station: Station) -> Known:
    """A resident of the station."""
    return recipient(web_station, residents.PHONE)


@pytest.fixture
def allowed(web: Flask, web_station: Station) -> Iterator[Settings]:
    """The settings of an installation that allows test payments; the station takes them."""
    before = web.config["SETTINGS"]
    web.config["SETTINGS"] = payments.allowing_tests(web)
    payments.set_up(web_station, Way.TEST)
    yield web.config["SETTINGS"]
    web.config["SETTINGS"] = before


@pytest.fixture
def phone(web: Flask, ming: Known, allowed: Settings) -> FlaskClient:
    """The resident's phone, signed in, where test payments are taken."""
    browser = web.test_client()
    residents.sign_in(browser)
    return browser
