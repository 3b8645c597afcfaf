"""Settings of one installation: where its data lives, which database it speaks to, and its secret keys."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

KEY_NAMES = ("STATION_SESSION_KEY", "STATION_DATA_KEY", "STATION_HASH_KEY", "STATION_SIGNING_KEY")
MOST_PROXIES = 5  # a longer chain is a mistake that would let clients choose their own address
LOCAL = ("localhost", "127.0.0.1", "::1")
KEY_BYTES = 32  # AES-256, HMAC-SHA256 and Ed25519 seeds all take 32 bytes


class SettingsError(Exception):
    """The installation cannot start; the message says what to do."""


@dataclass(frozen=True)
class Keys:
    """The secrets of an installation, 32 bytes each, kept outside the database and its backups."""

    session: bytes = field(repr=False)
    data: bytes = field(repr=False)
    hash: bytes = field(repr=False)
    signing: bytes = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """All that differs between two installations."""

    instance: Path
    database_url: str
    keys: Keys
    secure_cookies: bool = False
    public_url: str = (
        ""  # where residents reach this installation, without a slash at the end; empty: no links
    )
    proxies: int = 0  # trusted reverse proxies in front, each adding to X-Forwarded-For
    private_gateways: bool = False  # whether stations may send through servers inside the house
    aliyun_endpoint: str = ""  # another address of Aliyun's service than the one its SDK knows
    alipay_gateway: str = ""  # another gateway than Alipay's own
    test_payments: bool = False  # whether stations may take payments that move no money: for demos
    alert_urls: tuple[str, ...] = field(default=(), repr=False)  # of operators; they hold passwords

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        prefix = "sqlite:///"
        return Path(self.database_url.removeprefix(prefix)) if self.database_url.startswith(prefix) else None


def default_instance(env: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds an installation's data and keys: STATION_INSTANCE, or `instance`."""
    return Path(env.get("STATION_INSTANCE", "instance")).resolve()


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment and `instance/keys.env`.

    Raises SettingsError when a key is missing or malformed: keys have no built-in value.
    """
    instance = default_instance(env)
    url = env.get("DATABASE_URL", f"sqlite:///{instance / 'station.db'}")
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            url = "postgresql+psycopg://" + url.removeprefix(scheme)
    stored = _read_keys(instance / "keys.env")
    keys = Keys(*(_key(name, env.get(name) or stored.get(name)) for name in KEY_NAMES))
    return Settings(
        instance,
        url,
        keys,
        secure_cookies=env.get("STATION_HTTPS") == "1",
        public_url=_public_url(env),
        proxies=_proxies(env),
        private_gateways=env.get("STATION_PRIVATE_GATEWAYS") == "1",
        aliyun_endpoint=env.get("STATION_ALIYUN_ENDPOINT", ""),
        alipay_gateway=env.get("STATION_ALIPAY_GATEWAY", ""),
        test_payments=env.get("STATION_TEST_PAYMENTS") == "1",
        alert_urls=tuple(env.get("STATION_ALERT_URLS", "").split()),
    )


def _proxies(env: Mapping[str, str]) -> int:
    value = env.get("STATION_PROXIES", "0")
    if not value.isascii() or not value.isdigit() or int(value) > MOST_PROXIES:
        raise SettingsError(
            f"STATION_PROXIES is a number from 0 to {MOST_PROXIES}: how many proxies stand in front."
        )
    return int(value)


def _public_url(env: Mapping[str, str]) -> str:
    """Return STATION_URL: https, or http on this machine only, since whoever reads a link opens its page."""
    url = env.get("STATION_URL", "").strip().rstrip("/")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    is_plain = host and not (parts.path or parts.query or parts.fragment or parts.username)
    if (
        not is_plain
        or parts.scheme not in ("http", "https")
        or (parts.scheme == "http" and host not in LOCAL)
    ):
        raise SettingsError(
            "STATION_URL is an address like https://station.example, with nothing behind the name."
        )
    return url


def create_keys(instance: Path, *, database: Path | None) -> bool:
    """Write fresh random keys to `instance/keys.env` (mode 0600) once; tell whether it was done.

    Raises SettingsError when a database exists without keys: new keys could read none of its data.
    """
    path = instance / "keys.env"
    if path.exists():
        return False
    if database and database.exists():
        raise SettingsError(
            f"{database.name} exists but {path.name} is missing. Put the station's own {path.name} back beside it."
        )
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{name}={urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()}" for name in KEY_NAMES]
    _write_durably(path, "\n".join(lines) + "\n")
    return True


def _write_durably(path: Path, text: str) -> None:
    """Write a new file (0600) that is whole once it has its name, after a power cut too."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_keys(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _key(name: str, value: str | None) -> bytes:
    if not value:
        raise SettingsError(f"{name} is not set. `make run` creates instance/keys.env; on a server set it.")
    try:
        raw = urlsafe_b64decode(value)
    except ValueError as error:
        raise SettingsError(f"{name} is not base64.") from error
    if len(raw) != KEY_BYTES:
        raise SettingsError(f"{name} must be {KEY_BYTES} bytes in base64.")
    return raw
