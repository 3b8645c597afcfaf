"""What holds for every file of the repository: import rules, sizes, nothing of one machine in it."""

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {
    ".git",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tools",
    ".venv",
    "__pycache__",
    "instance",
    "node_modules",
    "vendor",
}
BINARY = {".png", ".wav", ".woff2", ".ico", ".jpg", ".pdf"}

FILE_LINES = 400
FUNCTION_LINES = 60
# A migration is a list of tables as long as they are, read once and never changed.
UNMEASURED = ROOT / "migrations" / "versions"

EDGES = {"views", "api", "jobs"}
DECLARATIONS = {"forms", "schemas"}
PURE = {
    "lifecycle",
    "codes",
    "numbering",
    "calendar",
    "clock_rules",
    "detection",
    "chain",
    "catalogue",
    "chart",
}
PRIVATE = EDGES | DECLARATIONS | {"models"}

# Where the parts are put together, so they may import any of them.
ROOTS = re.compile(
    r"station\.(models|serve|commands(\..+)?|jobs(\..+)?|web\.factory|web\.blueprints)$",
)


@dataclass(frozen=True)
class Import:
    """One imported module, as `station.parcels.models` or `flask.views`, and where it is imported."""

    importer: str
    imported: str
    line: int

    @property
    def room(self) -> str:
        return part(self.importer, 1)

    @property
    def module(self) -> str:
        return part(self.importer, 2)

    @property
    def imported_room(self) -> str:
        return part(self.imported, 1)

    @property
    def imported_module(self) -> str:
        return part(self.imported, 2)

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def part(module: str, index: int) -> str:
    parts = module.split(".")
    return parts[index] if len(parts) > index else ""


def our_files(*suffixes: str) -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - NOT_OURS)
        paths = (Path(folder, file) for file in sorted(files))
        yield from (path for path in paths if not suffixes or path.suffix in suffixes)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[Import]:
    """`from station.parcels import models` counts as station.parcels.models, a name of a module as itself."""
    importer = name_of(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert node.level == 0, f"{importer}:{node.lineno} imports relatively; name the whole module"
            for alias in node.names:
                yield Import(importer, f"{base}.{alias.name}", node.lineno)


def station_imports() -> list[Import]:
    return [found for path in our_files(".py") if is_station(path) for found in imports_of(path)]


def is_station(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] == "station"


def rank(module: str) -> int:
    """How high a module stands in its room: edges, declarations, use cases, tables, rules from the top."""
    # A room with much to show has several files of a kind: check_in_views, watch_api, watch_models.
    if module in EDGES or module.endswith(("_views", "_api")):
        return 4
    if module in DECLARATIONS or module.endswith(("_forms", "_schemas")):
        return 3
    if module == "models" or module.endswith("_models"):
        return 1
    return 0 if module in PURE else 2


def breaks_room_border(found: Import) -> bool:
    """True when a room reaches into another one past its use cases, queries, events and pure rules."""
    if ROOTS.match(found.importer) or not found.imported.startswith("station."):
        return False
    is_private = found.imported_module in PRIVATE or rank(found.imported_module) >= rank("forms")
    if found.imported_room in {found.room, "core", "web"} or not is_private:
        return False
    # A list that shows parcels with their shelves is one statement over both tables; queries only read.
    return not (found.module.endswith("queries") and found.imported_module == "models")


def points_up(found: Import) -> bool:
    """True when a module imports one that stands above it in its own room."""
    same_room = found.imported.startswith("station.") and found.imported_room == found.room
    if not same_room or found.room in {"core", "web", "jobs", "simulator"} or ROOTS.match(found.importer):
        return False
    return rank(found.imported_module) > rank(found.module)


def sees_http(found: Import) -> bool:
    """True when something below the edges imports Flask, its extensions or the web shell."""
    if ROOTS.match(found.importer) or found.room == "web" or rank(found.module) >= 3:
        return False
    if found.imported.startswith("station.web"):
        return True
    # The one thing below the edges that knows a Flask extension is the session of the database.
    allowed = found.importer == "station.core.db" and found.imported.startswith("flask_sqlalchemy")
    top = part(found.imported, 0)
    return (top == "flask" or top.startswith("flask_") or top == "werkzeug") and not allowed


def soils_pure_module(found: Import) -> bool:
    """True when a module of rules imports more than the core, the standard library and other rules."""
    if found.module not in PURE or found.room in {"core", "web"}:
        return False
    if found.imported.startswith("station."):
        return found.imported_room != "core" and found.imported_module not in PURE
    return part(found.imported, 0) not in sys.stdlib_module_names


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(breaks_room_border, id="a_room_uses_another_only_by_its_services_queries_and_events"),
        pytest.param(points_up, id="imports_point_down_inside_a_room"),
        pytest.param(sees_http, id="only_edges_know_of_http"),
        pytest.param(soils_pure_module, id="rules_import_nothing_that_acts"),
    ],
)
def test_imports_follow_the_rule(rule):
    offenders = [str(found) for found in station_imports() if rule(found)]

    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize(
    ("rule", "importer", "imported"),
    [
        (breaks_room_border, "station.parcels.service", "station.shelves.models.Shelf"),
        (breaks_room_border, "station.parcels.views", "station.shelves.forms"),
        (breaks_room_border, "station.shelves.views", "station.parcels.check_in_views"),
        (points_up, "station.parcels.models", "station.parcels.service"),
        (points_up, "station.parcels.check_in", "station.parcels.forms.CheckInForm"),
        (sees_http, "station.parcels.hand_over", "flask.request"),
        (sees_http, "station.parcels.service", "station.web.pages"),
        (soils_pure_module, "station.parcels.codes", "sqlalchemy.select"),
        (soils_pure_module, "station.parcels.lifecycle", "station.parcels.models.Parcel"),
    ],
)
def test_import_rule_finds_an_offender(rule, importer, imported):
    assert rule(Import(importer, imported, 1))


@pytest.mark.parametrize(
    ("rule", "importer", "imported"),
    [
        (breaks_room_border, "station.parcels.queries", "station.shelves.models.Shelf"),
        (breaks_room_border, "station.parcels.service", "station.shelves.service"),
        (breaks_room_border, "station.web.factory", "station.parcels.views"),
        (points_up, "station.parcels.views", "station.parcels.service"),
        (sees_http, "station.parcels.api", "flask.request"),
        (sees_http, "station.parcels.check_in_views", "flask.request"),
        (soils_pure_module, "station.parcels.codes", "station.core.errors.StationError"),
    ],
)
def test_import_rule_lets_the_ordinary_pass(rule, importer, imported):
    assert not rule(Import(importer, imported, 1))


def measured_files(*suffixes: str) -> Iterator[Path]:
    return (path for path in our_files(*suffixes) if path.parent != UNMEASURED)


def test_no_source_file_is_longer_than_the_limit():
    sources = measured_files(".py", ".js", ".html")
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}

    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_the_limit():
    long = {}
    for path in measured_files(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{name(path)}:{node.name}"] = lines

    assert long == {}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# Put together here, so that this file does not contain what it looks for.
FOLDERS_OF_A_MACHINE = re.compile("(^|[^A-Za-z])/(ro" + "ot|wo" + "rk|opt/py" + "pi|home/[a-z]+)/")
REGISTRY_HOSTS = re.compile(
    r"py" + r"pi\.org|python" + r"hosted\.org|npm" + r"js\.org|deb\." + r"debian\.org|unpkg\." + "com"
)


@pytest.mark.parametrize("needle", [FOLDERS_OF_A_MACHINE, REGISTRY_HOSTS], ids=["folders", "registries"])
def test_no_file_names_a_machine_s_folder_or_a_registry(needle):
    texts = {
        name(path): path.read_text(encoding="utf-8") for path in our_files() if path.suffix not in BINARY
    }

    found = {path: match[0] for path, text in texts.items() if (match := needle.search(text))}

    assert found == {}


NPM_LOCK = ROOT / "station/web/package-lock.json"


def python_locks() -> list[Path]:
    return sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize(
    "lock", [*python_locks(), ROOT / "station/web/package-lock.json"], ids=lambda p: p.name
)
def test_lock_holds_no_address(lock):
    text = lock.read_text(encoding="utf-8")

    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("lock", python_locks(), ids=lambda path: path.name)
def test_lock_pins_and_hashes_every_package(lock):
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
    packages = [entry for entry in entries if not entry.startswith("#")]

    assert packages
    assert [e for e in packages if not re.match(r"[\w.\[\]-]+==\S+ ", e) or "--hash=sha256:" not in e] == []


def test_development_lock_contains_the_server_s_at_the_same_versions():
    base, dev = (
        set(re.findall(r"^([\w.\[\]-]+==\S+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE))
        for lock in ("base.txt", "dev.txt")
    )

    assert base - dev == set()
