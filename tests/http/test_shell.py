"""The shell: the way home, preferences, refusals as page, fragment and JSON, health, safe targets."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from station.backups.queries import BACKUP, MADE
from station.core import clock
from station.core.db import db, transaction
from station.jobs import runs
from station.jobs.models import JobRun
from station.web.targets import safe_target


def test_home_leads_to_the_first_run_on_an_empty_database(web: Flask) -> None:
    assert web.test_client().get("/").headers["Location"] == "/setup"


def test_home_leads_nobody_to_the_sign_in_page(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/sign-in"


def test_home_leads_staff_to_a_page_they_may_see(clerk_client: FlaskClient) -> None:
    assert clerk_client.get("/", follow_redirects=True).status_code == 200


def test_preferences_are_remembered_before_sign_in(client: FlaskClient) -> None:
    client.post("/preferences", data={"language": "zh", "theme": "dark", "contrast": "more"})

    page = client.get("/sign-in").text

    assert '<html lang="zh-CN" data-theme="dark" data-contrast="more">' in page


def test_preferences_follow_the_person_to_another_browser(web: Flask, web_station, manager_client) -> None:
    manager_client.post("/preferences", data={"theme": "dark"})

    other = web_station.sign_in(web.test_client(), "manager")

    assert 'data-theme="dark"' in other.get("/account").text


@pytest.mark.parametrize("value", ["", "xx", "<script>", "en\r\nSet-Cookie: a=b"])
def test_unknown_preference_is_ignored(client: FlaskClient, value: str) -> None:
    answer = client.post("/preferences", data={"language": value})

    assert answer.status_code == 303
    assert client.get_cookie("language") is None


def test_language_follows_the_browser_where_nothing_was_chosen(client: FlaskClient) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "fr, zh-TW;q=0.8, en;q=0.5"}).text

    assert '<html lang="zh-CN"' in page


@pytest.mark.parametrize("target", ["/account", "/parcels?state=stored&tail=4068", "/a%20b"])
def test_safe_target_lets_our_own_paths_pass(target: str) -> None:
    assert safe_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        None,
        "account",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nLocation: /",
        "/" + "a" * 600,
    ],
)
def test_safe_target_refuses_whatever_could_leave_us(target: str | None) -> None:
    assert safe_target(target) is None


def test_refusal_is_a_page_that_says_what_to_do(manager_client: FlaskClient) -> None:
    answer = manager_client.get("/nowhere")

    assert answer.status_code == 404
    assert "Check the address" in answer.text
    assert "Traceback" not in answer.text


def test_refusal_is_problem_json_where_json_is_wanted(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json(force=True) == {
        "type": "urn:stationmaster:error:not_found",
        "title": "This does not exist, or not at your station.",
        "status": 404,
        "code": "not_found",
        "detail": "Check the address, or go to the start.",
        "facts": {},
    }


def test_refusal_under_api_is_always_problem_json(client: FlaskClient) -> None:
    answer = client.get("/api/nowhere", headers={"Accept": "text/html"})

    assert answer.content_type == "application/problem+json"


def test_refusal_is_a_fragment_for_htmx(manager_client: FlaskClient) -> None:
    answer = manager_client.get("/nowhere", headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_htmx_is_sent_to_the_sign_in_page_and_back(client: FlaskClient) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/staff?a=1"}

    answer = client.get("/staff", headers=here)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/staff?a%3D1"


def test_wrong_method_is_refused_with_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/healthz")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_oversized_request_is_refused(client: FlaskClient) -> None:
    answer = client.post("/preferences", data={"language": "a" * (9 * 1024 * 1024)})

    assert answer.status_code == 413


def test_failure_shows_no_trace(web: Flask, client: FlaskClient, monkeypatch, caplog) -> None:
    def explode() -> None:
        raise RuntimeError("13812344068")

    explode.gate = None  # type: ignore[attr-defined]
    monkeypatch.setitem(web.view_functions, "web.healthz", explode)

    answer = client.get("/healthz")

    assert answer.status_code == 500
    assert "13812344068" not in answer.text
    assert "Nothing was saved" in answer.text


def test_refusals_are_logged_without_personal_data(client: FlaskClient, caplog) -> None:
    with caplog.at_level("INFO"):
        client.get("/staff?name=陈晓明&phone=13812344068")

    assert "sign_in_needed" in caplog.text
    assert "13812344068" not in caplog.text


def test_health_says_that_the_scheduler_never_ran(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "database": "ok",
        "scheduler": {"state": "never", "last_run_at": None},
    }


@pytest.mark.parametrize(
    ("minutes", "state"), [(1, "running"), (30, "silent"), (-0.5, "running"), (-2, "silent")]
)
def test_health_knows_a_running_scheduler_from_a_silent_one(client, minutes: int, state: str) -> None:
    beat = clock.now() - timedelta(minutes=minutes)
    with transaction():
        db.session.add(JobRun(job="heartbeat", slot=beat, started_at=beat))

    assert client.get("/healthz").json["scheduler"] == {"state": state, "last_run_at": beat.isoformat()}


def test_health_is_unwell_without_its_database(client: FlaskClient, monkeypatch) -> None:
    def broken() -> None:
        raise OperationalError("select", {}, Exception("disk I/O error"))

    monkeypatch.setattr("station.web.health.jobs.last_heartbeat", broken)

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json["database"] == "failing"


def test_a_manager_is_reminded_of_a_backup_that_is_due_and_a_clerk_is_not(
    manager_client, clerk_client
) -> None:
    assert "Backup is due" in manager_client.get("/settings/storage").text
    assert "Backup is due" not in clerk_client.get("/account").text
    with transaction():
        runs.note(BACKUP, f"{MADE}station.zip")
    assert "Backup is due" not in manager_client.get("/settings/storage").text
    later = clock.now() + timedelta(hours=49)
    with clock.use(lambda: later):
        assert "Backup is due" in manager_client.get("/settings/storage").text
