"""The addresses of the kiosk's page. It shows the desk's snapshots and passes touches on; it knows no rules."""

import re
from functools import partial
from pathlib import Path
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    render_template,
    request,
    send_from_directory,
    stream_with_context,
)

from kiosk import words
from kiosk.runtime.desk import Desk, Snapshot
from kiosk.session.events import Action
from kiosk.web import guard, spoken, streams, view

# The station's static folder of the same checkout: fonts, icons, tokens and voice, read as files (DESIGN.md 2).
SHARED = Path(__file__).resolve().parents[2] / "station" / "web" / "static"
SHARED_FILES = re.compile(r"app\.css|icon\.svg|vendor/(icons\.svg|axe\.min\.js|fonts/[\w.-]+)|voice/[\w.-]+")
ACTIONS = frozenset(Action)
MAX_VALUE = 64
SCENES = frozenset({"phone", "parcel", "other", "face", "nothing", "play"})


def create_app(desk: Desk) -> Flask:
    """Return the page of this desk."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(view=view, words=words)
    app.extensions["desk"] = desk
    guard.install(app)
    app.add_url_rule("/", "page", page)
    app.add_url_rule("/events", "events", events)
    app.add_url_rule("/preview.mjpeg", "preview", preview)
    app.add_url_rule("/touch", "touch", touch, methods=["POST"])
    app.add_url_rule("/demo", "demo", demo, methods=["POST"])
    app.add_url_rule("/shared/<path:name>", "shared", shared)
    app.add_url_rule("/worker.js", "worker", worker)
    return app


def page() -> str:
    """Show the whole page with the screen as it is now."""
    snapshot = _desk().snapshot()
    return render_template(
        "page.html",
        **facts(snapshot),
        shown=draw(snapshot),
        start=current_app.config["START"],
        sounds_at_once="sound" in request.args,
        languages=words.LANGUAGES,
    )


def events() -> Response:
    """Send the screens, for as long as the page listens."""
    last = request.headers.get("Last-Event-ID", "")
    seen = int(last) if last.isdecimal() else None
    flow = streams.events(_desk(), seen, draw, start=current_app.config["START"])
    return Response(stream_with_context(flow), mimetype="text/event-stream")


def preview() -> Response:
    """Send the camera's picture, for as long as somebody looks."""
    kind = f"multipart/x-mixed-replace; boundary={streams.BOUNDARY}"
    return Response(streams.pictures(_desk()), content_type=kind)


def touch() -> tuple[str, int]:
    """Pass a touch on to the session."""
    said = _body({"action", "value"})
    if said["action"] not in ACTIONS or len(said["value"]) > MAX_VALUE:
        abort(400)
    _desk().touch(said["action"], said["value"])
    return "", 204


def demo() -> tuple[str, int]:
    """Put something before the drawn camera."""
    scene = _body({"scene"})["scene"]
    if scene not in SCENES:
        abort(400)
    if not _desk().snapshot().is_demo:
        abort(404)  # a real camera shows what is there
    _desk().show_demo(scene)
    return "", 204


def shared(name: str) -> Response:
    """Send one of the station's static files that the kiosk uses."""
    if not SHARED_FILES.fullmatch(name):
        abort(404)
    return send_from_directory(SHARED, name)


def worker() -> Response:
    """Send the worker that answers for us while we are away; its address decides what it may answer for."""
    return send_from_directory(Path(__file__).parent / "static", "worker.js")


def draw(snapshot: Snapshot) -> dict[str, object]:
    """Return what the page needs to show this snapshot: the screen's markup, its look, and what to sound and say."""
    look = snapshot.session.look
    return {
        "screen": snapshot.session.screen,
        "html": render_template(f"screens/{snapshot.session.screen}.html", **facts(snapshot)),
        "language": view.HTML_LANGUAGES.get(look.language, look.language),
        "voice": look.language,
        "is_large": look.is_large,
        "has_contrast": look.has_contrast,
        "closes_in_s": view.closes_in(snapshot),
        "now_ms": round(snapshot.now.timestamp() * 1000),
        "signals": [name for kind, name, _ in snapshot.sounds if kind == "sound"],
        "say": spoken.of(snapshot) if look.has_voice else [],
    }


def facts(snapshot: Snapshot) -> dict[str, Any]:
    """Return what every template knows."""
    language = snapshot.session.look.language
    return {
        "snapshot": snapshot,
        "session": snapshot.session,
        "look": snapshot.session.look,
        "language": language,
        "say": partial(_say, language),
        "counted": partial(_counted, language),
    }


def _say(language: str, key: str, **values: object) -> str:
    return words.say(key, language, **values)


def _counted(language: str, key: str, count: int, **values: object) -> str:
    return words.counted(key, language, count, **values)


def _body(names: set[str]) -> dict[str, str]:
    said = request.get_json()
    if (
        not isinstance(said, dict)
        or set(said) != names
        or not all(isinstance(one, str) for one in said.values())
    ):
        abort(400)
    return said


def _desk() -> Desk:
    desk: Desk = current_app.extensions["desk"]
    return desk
