"""Pages of announcements: a file's way from upload to expected parcels, and what goes wrong on it."""

import io
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.core.db import db, reading
from station.core.settings import Settings
from station.manifests import jobs, spool
from station.manifests.models import Manifest
from station.parcels.models import Parcel
from tests.factories import Station, make_station, waybill
from tests.http import counter
from tests.http.counter import KEYS

HEAD = "运单号,手机号,收件人,快递公司"


def send(client: FlaskClient, content: bytes, name: str = "zto.csv", key: str | None = None) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), "key": key or f"upload-{next(KEYS):08d}"}
    return client.post("/announcements/upload", data=data, content_type="multipart/form-data")


def begin(client: FlaskClient, address: str, key: str = "", **columns: str) -> TestResponse:
    said = {"waybill": "0", "phone": "1", "name": "2", "row_carrier": "3", "first_row": "2"}
    said |= {"expected_on": today(client), "carrier": "", "key": key or f"start-{next(KEYS):08d}"}
    return client.post(f"{address}/start", data=said | columns)


def today(client: FlaskClient) -> str:
    return datetime.now(UTC).date().isoformat()


def settings_of(web: Flask) -> Settings:
    found: Settings = web.config["SETTINGS"]
    return found


def work(web: Flask) -> None:
    jobs.import_files(settings_of(web))


def count(model: type) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def table(*rows: str) -> bytes:
    return "\r\n".join([HEAD, *rows]).encode("gb18030")


def awaited(client: FlaskClient, address: str) -> int:
    found = re.findall(r"Of these still to come</dt><dd>(\d+)<", client.get(address).text)
    return int(found[0])


def test_a_file_becomes_parcels_that_check_in_by_themselves(web: Flask, clerk_client: FlaskClient) -> None:
    numbers = [waybill() for _ in range(10)]
    sent = send(clerk_client, table(*[f"{one},13812344068,陈晓明,中通" for one in numbers], "x,1,?,?"))
    assert sent.status_code == 303, sent.text
    columns = clerk_client.get(sent.location)
    assert "138****4068" in columns.text
    assert "13812344068" not in columns.text
    assert "陈晓明" not in columns.text
    assert "GB18030" in columns.text
    assert begin(clerk_client, sent.location).status_code == 303
    assert "hx-trigger" in clerk_client.get(sent.location).text
    work(web)
    done = clerk_client.get(sent.location).text
    assert "This is not a waybill number." in done
    assert "hx-trigger" not in clerk_client.get(f"{sent.location}/progress").text
    assert count(Parcel) == 10
    batch = counter.scan(clerk_client, "SHELF:1-1")
    assert batch.status_code == 200, batch.text
    assert awaited(clerk_client, sent.location) == 10
    stored = counter.scan(clerk_client, numbers[0]).json
    assert stored["kind"] == "stored"
    assert "4068" in stored["html"]
    assert awaited(clerk_client, sent.location) == 9


def test_the_refused_rows_are_sent_safe_from_formulas(web: Flask, clerk_client: FlaskClient) -> None:
    sent = send(clerk_client, table(waybill() + ",13812344068,,中通", "=1+1,,,", "SF1234567890123,,,+cmd"))
    begin(clerk_client, sent.location)
    work(web)
    report = clerk_client.get(f"{sent.location}/faults.csv")
    assert report.mimetype == "text/csv"
    lines = report.text.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4"]
    assert "'=1+1" in lines[1]
    assert "'+cmd" in lines[2]


def test_the_same_file_twice_doubles_nothing(web: Flask, clerk_client: FlaskClient) -> None:
    content = table(f"{waybill()},13812344068,陈晓明,中通")
    first = send(clerk_client, content)
    begin(clerk_client, first.location)
    work(web)
    second = send(clerk_client, content, "again.csv")
    assert "This very file was imported" in clerk_client.get(second.location).text
    refused = begin(clerk_client, second.location)
    assert refused.location == first.location
    other = begin(clerk_client, second.location, name="")
    assert other.location == second.location
    work(web)
    assert count(Parcel) == 1
    assert "known" not in clerk_client.get(second.location).text or count(Manifest) == 2


def test_an_upload_sent_twice_is_one(clerk_client: FlaskClient, web: Flask) -> None:
    content = table(f"{waybill()},,,")
    first, second = (send(clerk_client, content, key="one-and-the-same") for _ in range(2))
    assert first.location == second.location
    assert count(Manifest) == 1
    assert len(list((settings_of(web).instance / spool.FOLDER).glob("*.rows"))) >= 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "There is nothing in this file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.xls", "old Excel"),
        (b"PK\x03\x04 no workbook", "a.xlsx", "damaged"),
        (bytes(range(256)) * 40, "a.csv", "not a table"),
        (b'waybill\n"SF12345' + b"x\n" * 200_000, "a.csv", "quotation mark"),
        (b"waybill\n" + b"1" * 100_000, "a.csv", "line is too long"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(
    clerk_client: FlaskClient, content: bytes, name: str, words: str
) -> None:
    answer = send(clerk_client, content, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert count(Manifest) == 0


def test_a_workbook_is_read_with_its_numbers_repaired(web: Flask, clerk_client: FlaskClient) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells("A1:D1")
    sheet["A1"] = "今日到件"
    for row in (
        ["运单号", "手机号", "收件人", "快递公司"],
        [776012345678901.0, 13812344068, "陈晓明", "申通"],
        [],
    ):
        sheet.append(row)
    sheet.append([7760123456789012345, "", "", ""])
    sheet.append(["7.76E+14", "", "", ""])
    content = io.BytesIO()
    book.save(content)
    sent = send(clerk_client, content.getvalue(), "zto.xlsx")
    assert sent.status_code == 303, sent.text
    begin(clerk_client, sent.location, first_row="3")
    work(web)
    with reading():
        assert db.session.scalars(select(Parcel.waybill)).all() == ["776012345678901"]
    report = clerk_client.get(f"{sent.location}/faults.csv").text
    assert report.count("The spreadsheet shortened this number") == 2


def test_a_start_without_a_waybill_is_refused(clerk_client: FlaskClient) -> None:
    sent = send(clerk_client, table(f"{waybill()},,,"))
    begin(clerk_client, sent.location, waybill="")
    assert "Choose the column with the waybill" in clerk_client.get(sent.location).text


def test_a_file_may_be_given_up(clerk_client: FlaskClient, web: Flask) -> None:
    sent = send(clerk_client, table(f"{waybill()},,,"))
    answer = clerk_client.post(f"{sent.location}/cancel", data={"key": f"cancel-{next(KEYS):08d}"})
    assert answer.status_code == 303
    assert begin(clerk_client, sent.location).status_code == 303
    work(web)
    assert count(Parcel) == 0


def test_another_station_sees_nothing(clerk_client: FlaskClient, web: Flask, web_station: Station) -> None:
    sent = send(clerk_client, table(f"{waybill()},,,"))
    other = make_station("Elm").sign_in(web.test_client(), "manager")
    for address in (sent.location, f"{sent.location}/progress", f"{sent.location}/faults.csv"):
        assert other.get(address).status_code == 404
    assert begin(other, sent.location).status_code == 404


def test_the_columns_can_be_looked_at_again(clerk_client: FlaskClient) -> None:
    sent = send(clerk_client, table(f"{waybill()},13812344068,陈晓明,中通"))
    looked = clerk_client.get(f"{sent.location}?waybill=1&first_row=2&expected_on=2026-11-21&carrier=")
    assert looked.status_code == 200
    assert looked.text.count("<tr>") >= 2


def test_the_counter_shows_whom_a_masked_number_hints_at(web: Flask, clerk_client: FlaskClient) -> None:
    number = waybill()
    sent = send(clerk_client, table(f"{number},138****8000,陈晓明,中通"))
    begin(clerk_client, sent.location)
    work(web)
    counter.scan(clerk_client, "SHELF:1-1")
    asked = counter.scan(clerk_client, number).json
    assert asked["kind"] == "question"
    assert "138****8000 陈**" in asked["html"]
