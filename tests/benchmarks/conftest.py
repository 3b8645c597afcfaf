"""What benchmarks share: a roomy station on SQLite, and the table printed at the end. Nothing here asserts a time."""

import os
import platform
import sqlite3
from pathlib import Path

import pytest
from flask import Flask

from station.core import clock
from tests.benchmarks.measure import RESULTS, Scene
from tests.factories import Station

HEAD = ("what", "ours", "limit", "ratio", "aim")


@pytest.fixture
def scene(web: Flask, web_station: Station) -> Scene:
    """A roomy station on a real SQLite file."""
    return Scene(web_station)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [HEAD, *RESULTS]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{clock.now():%Y-%m-%d} · {machine()}")
    for row in rows:
        terminalreporter.write_line(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        )


def machine() -> str:
    """Return what the numbers were measured on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return (
        f"{model or platform.processor()} · {os.cpu_count()} cores · {platform.system()} · "
        f"Python {platform.python_version()} · SQLite {sqlite3.sqlite_version}"
    )
