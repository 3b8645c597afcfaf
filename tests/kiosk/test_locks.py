"""What the kiosk imports is what its locks install: nothing comes in with the station's packages by chance."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
SYSTEM = {"picamera2"}  # comes with Raspberry Pi OS, and only there
UNLISTED = {"dlib": ["dlib-bin"]}  # its record does not name the module


def locked(*names: str) -> set[str]:
    texts = [(ROOT / "requirements" / f"{name}.txt").read_text() for name in names]
    return {found.lower() for text in texts for found in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


def imported() -> set[str]:
    """Return the first names of everything imported under kiosk/, lazily or not, by statement or by name."""
    found = set()
    for path in (ROOT / "kiosk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name.partition(".")[0] for name in found} - {"kiosk"} - set(sys.stdlib_module_names)


def test_every_package_the_kiosk_imports_is_in_its_locks() -> None:
    distributions = packages_distributions() | UNLISTED
    known = locked("kiosk", "faces", "pi")
    missing = {
        name
        for name in imported() - SYSTEM
        if not {one.lower().replace("_", "-") for one in distributions.get(name, ["?"])} & known
    }
    assert missing == set()
