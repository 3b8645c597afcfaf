"""What is said aloud for which sentence: the committed clips, joined at play time.

The clips are the station's (station/web/static/voice, made by station/web/voice.py); a sentence without a row here is
shown and not said.
"""

from kiosk.runtime.desk import Snapshot

TAG = "tag:%(code)s"  # the clips of a pickup code; the page joins them in its language's order

SPOKEN: dict[str, tuple[str, ...]] = {}


def of(snapshot: Snapshot) -> list[str]:
    """Return the clips of everything that is to be said now, in order."""
    return [clip for kind, key, facts in snapshot.sounds if kind == "say" for clip in clips(key, facts)]


def clips(key: str, facts: dict[str, str]) -> list[str]:
    """Return the clips of a sentence; a pickup code is said where its facts hold one."""
    return [clip % facts for clip in SPOKEN.get(key, ()) if clip != TAG or "code" in facts]
