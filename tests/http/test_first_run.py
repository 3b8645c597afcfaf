import pytest
from sqlalchemy import select

from station.core.db import db, reading
from station.network import queries
from station.network.models import Station

SETUP = {
    "name": "Maple Court",
    "city": "杭州",
    "zone": "Asia/Shanghai",
    "language": "zh",
    "shelves": "2",
    "layers": "3",
    "capacity": "40",
    "person": "林芳",
    "login": "lin.fang",
    "password": "correct horse battery",
    "password_again": "correct horse battery",
}
NOVEL = "x" * 5000
NASTY = ["", " ", NOVEL, "a\x00b", "two\nlines", "happy 😀", "\u202eevil"]


def test_empty_installation_leads_to_the_first_run(web):
    client = web.test_client()

    assert client.get("/").location == "/setup"
    assert 'value="Asia/Shanghai"' in client.get("/setup").text


def test_first_run_ends_at_the_sign_in_page_and_the_manager_can_sign_in(web):
    client = web.test_client()

    answer = client.post("/setup", data=SETUP)
    signed_in = client.post("/sign-in", data={"login": "lin.fang", "password": SETUP["password"]})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert signed_in.status_code == 303
    assert client.get("/settings/station").status_code == 200


def test_second_first_run_is_refused(web):
    client = web.test_client()
    client.post("/setup", data=SETUP)

    assert client.post("/setup", data=SETUP | {"login": "other"}).status_code == 409
    assert client.get("/setup").status_code == 409
    with reading():
        assert len(queries.stations()) == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *[(field, text) for field in ("name", "city", "person") for text in NASTY],
        ("zone", "Asia/Atlantis"),
        ("zone", "../../etc/passwd"),
        ("language", "xx"),
        ("shelves", "0"),
        ("shelves", "61"),
        ("layers", "21"),
        ("capacity", "1000"),
        ("capacity", "-1"),
        ("login", "a"),
        ("login", "林芳"),
        ("login", NOVEL),
        ("password", "short"),
        ("password", NOVEL),
        ("password_again", "something else"),
    ],
)
def test_first_run_refuses_nonsense_and_makes_nothing(web, field, text):
    form = SETUP | {field: text}
    if field == "password":
        form["password_again"] = text

    answer = web.test_client().post("/setup", data=form)

    assert answer.status_code == 422
    with reading():
        assert db.session.execute(select(Station.id)).first() is None
