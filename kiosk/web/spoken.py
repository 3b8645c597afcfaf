"""What is said aloud for which sentence: the committed clips, joined at play time.

The clips are the station's (station/web/static/voice, made by station/web/voice.py). They are few, so that a long
sentence is said by its heart; all of it is on the screen. Where a next parcel waits, its place is said too.
"""

from kiosk.runtime.desk import Snapshot
from kiosk.session.state import Screen
from kiosk.web import view

# For every sentence without a row: people are told that something is written there.
LOOK = ("look_at_screen",)
SPOKEN: dict[str, tuple[str, ...]] = {
    "consent_lead": LOOK,
    "done_lead": ("thank_you",),
    "enrol_done_title": ("thank_you",),
    "face_not_found": ("not_found", "show_code"),
    "face_tail_lead": ("phone_tail",),
    "face_title": ("look_at_camera",),
    "face_turn_left": ("turn_left",),
    "face_turn_right": ("turn_right",),
    "found_lead": ("welcome", "scan_each"),
    "guardian_lead": ("show_code",),
    "not_yours": ("not_yours",),
    "nothing_title": ("welcome", "not_found"),
    "parcel_not_here": ("not_found",),
    "refused_not_your_parcel": ("not_yours",),
    "refused_pickup_code_or_tail_wrong": ("wrong_code",),
    "staff_title": ("staff_called",),
    "staff_told": ("staff_called",),
    "still_title": ("still_there",),
    "tail_title": ("phone_tail",),
    "taken": ("handed_over",),
    "who_lead": ("show_code",),
    "who_lead_face": ("show_code",),
    "wrong_call_staff": ("not_yours", "look_at_screen"),
}
WITH_NEXT = frozenset({"found_lead", "taken"})


def of(snapshot: Snapshot) -> list[str]:
    """Return the clips of everything that is to be said now, in order; `tag:12-3-3210` is a pickup code."""
    keys = [key for kind, key, _ in snapshot.sounds if kind == "say"]
    clips = [clip for key in keys for clip in SPOKEN.get(key, LOOK)]
    return clips + (next_parcel(snapshot) if WITH_NEXT.intersection(keys) else [])


def next_parcel(snapshot: Snapshot) -> list[str]:
    """Return what says the place of the parcel to fetch next."""
    if snapshot.session.screen is not Screen.FOUND:
        return []
    cards = view.shelf(snapshot.session).cards
    return [f"tag:{card.parcel.pickup_code}" for card in cards if card.state == "next"]
