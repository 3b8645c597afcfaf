"""What every answer says to the browser about safety and keeping."""

import re

import pytest
from flask.testing import FlaskClient

PAGES = ("/sign-in", "/healthz", "/nowhere", "/account")


@pytest.mark.parametrize("path", PAGES)
def test_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]


def test_pages_are_not_kept(manager_client: FlaskClient) -> None:
    assert manager_client.get("/account").headers["Cache-Control"] == "no-store"


def test_static_file_with_its_hash_is_kept_for_ever(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    address = re.search(r'href="(/static/app\.css\?v=[0-9a-f]{10})"', page)

    assert address
    with client.get(address[1]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_static_file_without_its_hash_is_asked_for_again(client: FlaskClient) -> None:
    with client.get("/static/app.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_static_file_with_another_hash_is_not_kept(client: FlaskClient) -> None:
    with client.get("/static/app.css?v=0000000000") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(manager_client: FlaskClient) -> None:
    cookie = manager_client.get("/account")
    stored = manager_client.get_cookie("session")

    assert cookie.status_code == 200
    assert stored is not None
    assert stored.http_only
    assert stored.same_site == "Lax"
