"""What flows for as long as a page is open: the screens as server-sent events, the camera's picture as MJPEG."""

import json
from collections.abc import Callable, Iterator

from kiosk.runtime.desk import Desk, Snapshot

# UI.md 4 (c): a page that hears nothing for 5 s sends people to the counter; two beats may be lost before that.
BEAT_S = 1.5
AGAIN_MS = (
    1000  # how long a page waits before it asks again; the browser's own 3 s would leave one try in 5 s
)
BOUNDARY = "picture"

Draw = Callable[[Snapshot], dict[str, object]]


def events(desk: Desk, seen: int | None, draw: Draw, *, start: str) -> Iterator[str]:
    """Yield the screen now, unless the page has `seen` it, then every newer one; a beat where nothing changes.

    `start` names this run of the program: another one than the page was loaded from lets it load itself again.
    """
    yield f"retry: {AGAIN_MS}\n" + message("start", {"start": start})
    snapshot = desk.snapshot()
    if snapshot.number != seen:
        yield screen(snapshot, draw)
    number = snapshot.number
    while True:
        newer = desk.changes(number, timeout_s=BEAT_S)
        if newer is None:
            yield message("beat", {})
            continue
        number = newer.number
        yield screen(newer, draw)


def screen(snapshot: Snapshot, draw: Draw) -> str:
    """Return the event that shows this snapshot; its id is what a page says it has seen when it comes back."""
    return f"id: {snapshot.number}\n" + message("screen", draw(snapshot))


def message(event: str, data: dict[str, object]) -> str:
    """Return one event of a stream (HTML Living Standard, 9.2.6); JSON has no line breaks of its own."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def pictures(desk: Desk) -> Iterator[bytes]:
    """Yield the camera's pictures as the parts of a multipart/x-mixed-replace body."""
    for jpeg in desk.preview():
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        yield head.encode() + jpeg + b"\r\n"
