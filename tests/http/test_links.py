"""The page behind the link in a message: that message's parcels only, answers without sign-in, gone when they left."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from station.core import clock
from station.core.db import db, reading, transaction
from station.events.models import CustodyEvent
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.models import Parcel
from station.residents import links
from tests.factories import Station, recipient, store
from tests.http.forms import post
from tests.http.message_links import path_of


def parcel(one: CheckedIn) -> Parcel:
    with reading():
        found = db.session.scalars(select(Parcel).where(Parcel.id == one.parcel_id)).one()
        db.session.expunge(found)
    return found


def test_link_shows_its_parcels_and_no_other(client: FlaskClient, web_station: Station) -> None:
    one, other = store(web_station), store(web_station)
    answer = client.get(path_of(web_station, one))
    assert one.pickup_code.split("-")[-1] in answer.text
    assert str(other.parcel_id) not in answer.text
    assert one.waybill not in answer.text
    assert "4068" not in answer.text
    assert "陈" not in answer.text
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Cache-Control"] == "no-store"


def test_opening_a_link_changes_nothing(client: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    path = path_of(web_station, one)
    before = parcel(one).version
    for tail in ("", "/tomorrow", f"/{one.parcel_id}/longer", f"/{one.parcel_id}/answer"):
        client.get(path + tail)
    assert parcel(one).version == before


def test_answer_is_taken_and_its_way_is_kept(client: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    path = path_of(web_station, one)
    assert "Nobody asked you" in client.get(path).text
    post(client, f"{path}/{one.parcel_id}/answer", {"answer": "yes"})
    assert parcel(one).consent_basis == "this_parcel"
    assert "Nobody asked you" not in client.get(path).text
    with reading():
        kinds = select(CustodyEvent.actor).where(CustodyEvent.kind == "consent_recorded")
        assert (db.session.scalar(kinds) or "").startswith("link:")


def test_extension_by_link_happens_once(client: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    path = path_of(web_station, one)
    for _ in range(2):
        answer = post(client, f"{path}/{one.parcel_id}/longer", key="pressed-twice", follow_redirects=True)
        assert "It waits for you until" in answer.text
    assert parcel(one).extended_h == 24
    assert "cannot be extended again" in client.get(path).text
    assert "extended already" in post(client, f"{path}/{one.parcel_id}/longer", follow_redirects=True).text


def test_come_tomorrow_keeps_what_would_go_back(client: FlaskClient, web_station: Station) -> None:
    now = clock.now()
    with clock.use(lambda: now - timedelta(hours=150)):
        one = store(web_station)
    path = path_of(web_station, one, store(web_station))
    answer = post(client, f"{path}/tomorrow", follow_redirects=True)
    assert "It waits for you until" in answer.text
    assert parcel(one).extended_h in (0, 24)


def test_link_reaches_no_other_parcel(client: FlaskClient, web_station: Station) -> None:
    one, other = store(web_station), store(web_station)
    path = path_of(web_station, one)
    for deed in ("longer", "answer"):
        assert post(client, f"{path}/{other.parcel_id}/{deed}", {"answer": "yes"}).status_code == 404
    assert parcel(other).extended_h == 0
    assert parcel(other).consent_basis == "unknown"


def test_link_dies_when_its_parcels_left(client: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    path = path_of(web_station, one)
    with transaction():
        hand_over.hand_over(web_station.clerk, one.parcel_id, Taker())
    answer = client.get(path)
    assert answer.status_code == 410
    assert "does not work any more" in answer.text


def test_parcel_given_to_somebody_else_is_not_shown(client: FlaskClient, web_station: Station) -> None:
    one = store(web_station)
    path, stranger = path_of(web_station, one), recipient(web_station, "13911112222", "Li Lei").id
    with transaction():
        handling.assign_recipient(web_station.clerk, one.parcel_id, stranger)
    assert client.get(path).status_code == 410


def test_old_or_guessed_links_show_nothing(client: FlaskClient, web_station: Station) -> None:
    path, now = path_of(web_station, store(web_station)), clock.now()
    assert client.get("/t/bcdfghjkmnpqrst").status_code == 410
    with clock.use(lambda: now + links.VALID):
        assert client.get(path).status_code == 410
