"""Keys: made once, never in place of lost ones, never weak."""

import os
import stat
from pathlib import Path

import pytest

from station.core.settings import SettingsError, create_keys, load_settings


def test_keys_are_made_once_and_readable_only_by_the_owner(tmp_path: Path) -> None:
    assert create_keys(tmp_path, database=None)
    before = (tmp_path / "keys.env").read_text()
    assert not create_keys(tmp_path, database=None)
    assert (tmp_path / "keys.env").read_text() == before
    assert stat.S_IMODE((tmp_path / "keys.env").stat().st_mode) == 0o600


def test_settings_read_the_keys_and_differ_each_time(tmp_path: Path) -> None:
    create_keys(tmp_path / "a", database=None)
    create_keys(tmp_path / "b", database=None)
    first = load_settings({"STATION_INSTANCE": str(tmp_path / "a")})
    second = load_settings({"STATION_INSTANCE": str(tmp_path / "b")})
    assert first.keys.data != second.keys.data
    assert "data" not in repr(first.keys)


def test_a_database_without_keys_stops_the_start(tmp_path: Path) -> None:
    database = tmp_path / "station.db"
    database.touch()
    with pytest.raises(SettingsError, match=r"keys\.env"):
        create_keys(tmp_path, database=database)


@pytest.mark.parametrize("value", ["", "short", "!!!!"])
def test_a_weak_or_missing_key_stops_the_start(tmp_path: Path, value: str) -> None:
    create_keys(tmp_path, database=None)
    if not value:
        (tmp_path / "keys.env").unlink()
    with pytest.raises(SettingsError, match="STATION_"):
        load_settings({"STATION_INSTANCE": str(tmp_path), "STATION_DATA_KEY": value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_url_gets_the_driver(tmp_path: Path, scheme: str) -> None:
    create_keys(tmp_path, database=None)
    env = {"STATION_INSTANCE": str(tmp_path), "DATABASE_URL": f"{scheme}://u@h/d"}
    settings = load_settings(env)
    assert settings.database_url == "postgresql+psycopg://u@h/d"
    assert settings.sqlite_path is None


@pytest.mark.parametrize("value", ["-1", "6", "many", "１"])
def test_a_wrong_number_of_proxies_stops_the_start(tmp_path: Path, value: str) -> None:
    create_keys(tmp_path, database=None)
    with pytest.raises(SettingsError, match="STATION_PROXIES"):
        load_settings({"STATION_INSTANCE": str(tmp_path), "STATION_PROXIES": value})


@pytest.mark.parametrize(
    "url", ["https://parcels.example/", "http://localhost:5000", "http://127.0.0.1:5000"]
)
def test_public_address_is_kept_without_its_slash(tmp_path: Path, url: str) -> None:
    create_keys(tmp_path, database=None)
    settings = load_settings({"STATION_INSTANCE": str(tmp_path), "STATION_URL": url})
    assert settings.public_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://parcels.example", "parcels.example", "https://", "https://a.example/t?x=1", "https://[::1"],
)
def test_public_address_that_is_not_safe_stops_the_start(tmp_path: Path, url: str) -> None:
    create_keys(tmp_path, database=None)
    with pytest.raises(SettingsError, match="STATION_URL"):
        load_settings({"STATION_INSTANCE": str(tmp_path), "STATION_URL": url})


def test_keys_are_on_the_disk_before_anything_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut right after the first start must not leave a database without its keys."""
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}")))
    create_keys(tmp_path, database=None)
    assert [Path(name).parent for name in synced] == [tmp_path, tmp_path.parent]


def test_keys_appear_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(os, "fsync", cut)
        with pytest.raises(KeyboardInterrupt):
            create_keys(tmp_path, database=None)
    assert create_keys(tmp_path, database=None)
    assert load_settings({"STATION_INSTANCE": str(tmp_path)})


def test_what_operators_say_of_gateways_and_alerts(tmp_path: Path) -> None:
    create_keys(tmp_path, database=None)
    plain = load_settings({"STATION_INSTANCE": str(tmp_path)})
    said = load_settings(
        {
            "STATION_INSTANCE": str(tmp_path),
            "STATION_PRIVATE_GATEWAYS": "1",
            "STATION_ALIPAY_GATEWAY": "http://127.0.0.1:8000/gateway.do",
            "STATION_TEST_PAYMENTS": "1",
            "STATION_ALERT_URLS": " json://me:secret@127.0.0.1\n mailto://x ",
        }
    )
    assert (plain.private_gateways, plain.alert_urls, plain.aliyun_endpoint) == (False, (), "")
    assert said.private_gateways
    assert (plain.alipay_gateway, plain.test_payments) == ("", False)
    assert (said.alipay_gateway, said.test_payments) == ("http://127.0.0.1:8000/gateway.do", True)
    assert said.alert_urls == ("json://me:secret@127.0.0.1", "mailto://x")
    assert "secret" not in repr(said)
