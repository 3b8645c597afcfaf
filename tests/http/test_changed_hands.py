"""A parcel that becomes somebody else's while its page is open: nobody speaks for it any more who did before."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from station.core.db import connection, reading, transaction
from station.me import choice_views, extension_views, link_views
from station.parcels import handling
from station.parcels.models import Parcel
from station.residents.models import ConsentRecord
from tests.factories import Station, recipient, store
from tests.http.forms import post
from tests.http.message_links import path_of
from tests.http.residents import sign_in


@pytest.fixture
def change_hands(monkeypatch: pytest.MonkeyPatch, web_station: Station) -> Callable[[ModuleType, int], None]:
    """Return what gives a parcel to a stranger after the view has looked whose it is, before it acts."""

    def prepare(views: ModuleType, parcel_id: int) -> None:
        stranger, act_once = recipient(web_station, "13911112222", "Li Lei").id, views.act_once

        def late(*args: Any, **named: Any) -> Any:
            with transaction():
                handling.assign_recipient(web_station.clerk, parcel_id, stranger)
            return act_once(*args, **named)

        monkeypatch.setattr(views, "act_once", late)

    return prepare


@pytest.mark.parametrize(("views", "deed"), [(choice_views, "answer"), (extension_views, "longer")])
def test_who_it_was_for_says_nothing_more_of_it(
    web: Flask, web_station: Station, change_hands: Callable[..., None], views: ModuleType, deed: str
) -> None:
    parcel, browser = store(web_station), web.test_client()
    sign_in(browser)
    change_hands(views, parcel.parcel_id)
    path = f"/me/parcels/{web_station.id}/{parcel.parcel_id}/{deed}"

    assert post(browser, path, {"answer": "yes"}).status_code == 404
    assert _said(web_station, parcel.parcel_id) == (0, None)


@pytest.mark.parametrize("deed", ["answer", "longer", "tomorrow"])
def test_an_old_message_says_nothing_more_of_it(
    web: Flask, web_station: Station, change_hands: Callable[..., None], deed: str
) -> None:
    parcel = store(web_station)
    path = path_of(web_station, parcel)
    change_hands(link_views, parcel.parcel_id)
    one = "" if deed == "tomorrow" else f"/{parcel.parcel_id}"

    post(web.test_client(), f"{path}{one}/{deed}", {"answer": "yes"})

    assert _said(web_station, parcel.parcel_id) == (0, None)


def _said(station: Station, parcel_id: int) -> tuple[int, str | None]:
    """Return by how much a parcel's time was extended and what was said of it."""
    with reading():
        hours = connection().scalar(select(Parcel.extended_h).where(Parcel.id == parcel_id)) or 0
        word = select(ConsentRecord.choice).where(ConsentRecord.station_id == station.id)
        return hours, connection().scalar(word)
