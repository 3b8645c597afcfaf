"""What a screen is drawn from, computed from a snapshot: pure functions and values, no HTTP.

The page never scrolls (UI.md 4 c), so a list that does not fit is shown smaller first, then from the next parcel on.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from kiosk import words
from kiosk.model import Parcel
from kiosk.runtime.desk import Snapshot
from kiosk.session.idle import PATIENT
from kiosk.session.state import Screen, Session

# Ours: what fits at 1280x800 and 800x1280, measured by tests/browser/test_kiosk_screens.py; (normal, larger text).
ROOMY = (3, 3)
SNUG = (5, 5)
DENSE = (10, 8)

HTML_LANGUAGES = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True, slots=True)
class Card:
    """A parcel on the screen. `state` is `done`, `busy`, `missed`, `held`, `next` or `waiting`."""

    parcel: Parcel
    state: str

    @property
    def tag_state(self) -> str:
        """Return how the pickup tag looks."""
        return {"done": "done", "held": "off", "missed": "off"}.get(self.state, "")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A person's parcels as they are shown: `density` names the size of the cards, `more` how many follow unseen."""

    cards: tuple[Card, ...]
    density: str
    more: int
    taken: int
    total: int

    @property
    def is_empty(self) -> bool:
        """Tell whether everything that can be taken was taken."""
        return self.taken == self.total


def shelf(session: Session) -> Shelf:
    """Return the parcels of the person who is here, in shelf order."""
    cards = _cards(session)
    sizes = [limits[session.look.is_large] for limits in (ROOMY, SNUG, DENSE)]
    density = next(
        (name for name, most in zip(("roomy", "snug"), sizes, strict=False) if len(cards) <= most), "dense"
    )
    first = next((index for index, card in enumerate(cards) if card.state == "next"), 0)
    start = max(0, min(first, len(cards) - sizes[2]))
    shown = cards[start : start + sizes[2]]
    taken = sum(card.state == "done" for card in cards)
    return Shelf(shown, density, len(cards) - start - len(shown), taken, len(cards))


def _cards(session: Session) -> tuple[Card, ...]:
    parcels = session.person.parcels if session.person else ()
    states = [_state(session, parcel) for parcel in parcels]
    if "waiting" in states:
        states[states.index("waiting")] = "next"
    return tuple(Card(parcel, state) for parcel, state in zip(parcels, states, strict=True))


def _state(session: Session, parcel: Parcel) -> str:
    if parcel.id in session.taken:
        return "done"
    if any(asked.about == parcel.id for asked in session.releasing):
        return "busy"
    if parcel.id in session.not_found:
        return "missed"
    return "held" if parcel.is_held else "waiting"


def left_over(session: Session) -> tuple[Parcel, ...]:
    """Return what stays here when the visit ends now."""
    parcels = session.person.parcels if session.person else ()
    return tuple(parcel for parcel in parcels if parcel.id not in session.taken)


def until(parcels: tuple[Parcel, ...], language: str) -> str | None:
    """Return the first day on which one of these goes back, in words; None when none is known."""
    days = [date.fromisoformat(parcel.until) for parcel in parcels if parcel.until]
    return words.day(min(days), language) if days else None


def taken(session: Session) -> tuple[Parcel, ...]:
    """Return what was handed over in this visit."""
    parcels = session.person.parcels if session.person else ()
    return tuple(parcel for parcel in parcels if parcel.id in session.taken)


def kind_of(parcel: Parcel, language: str) -> str:
    """Return carrier and size in words, as far as they are known."""
    keys = (f"carrier_{parcel.carrier}", f"size_{parcel.size}")
    return ("，" if language == "zh" else ", ").join(
        words.say(key, language) for key in keys if key in words.TABLE
    )


def cold(parcel: Parcel, language: str) -> str:
    """Return in words which cold place a parcel is in; "" where its shelf is not cold."""
    key = f"cold_{parcel.storage}"
    return words.say(key, language) if key in words.TABLE else ""


def other_language(snapshot: Snapshot) -> str:
    """Return the language that the footer's first button changes to."""
    languages = snapshot.rules.languages
    here = (
        languages.index(snapshot.session.look.language) if snapshot.session.look.language in languages else -1
    )
    return languages[(here + 1) % len(languages)]


def clock(snapshot: Snapshot) -> str:
    """Return the station's time of day, 24 h."""
    return local(snapshot.now, snapshot.station.zone).strftime("%H:%M")


def local(moment: datetime, zone: str) -> datetime:
    """Return a moment in the station's own zone."""
    return moment.astimezone(ZoneInfo(zone))


def closes_in(snapshot: Snapshot) -> int | None:
    """Return in how many whole seconds this screen ends by itself, None when it does not."""
    until = snapshot.session.until
    return None if until is None else max(0, round((until - snapshot.now).total_seconds()))


def is_patient(session: Session) -> bool:
    """Tell whether this screen waits for people and warns them before it ends."""
    return session.screen in PATIENT


def idle_seconds(snapshot: Snapshot) -> int:
    """Return after how many seconds without a touch a visit ends."""
    return snapshot.rules.idle_s + snapshot.rules.warning_s


def demo_scenes(screen: Screen) -> tuple[str, ...]:
    """Return what the drawn camera can be shown on this screen (kiosk/runtime/desk.py names the scenes)."""
    if screen == Screen.HOME:
        return ("phone", "parcel", "other", "face", "play")
    if screen == Screen.FOUND:
        return ("parcel", "other")
    if screen in {Screen.FACE, Screen.ENROL_FACE}:
        return ("face",)
    if screen in {Screen.WHO, Screen.ENROL_GUARDIAN}:
        return ("phone", "face") if screen == Screen.WHO else ("phone",)
    return ()


def faulty(session: Session) -> tuple[str, ...]:
    """Return which parts to name on the fault screen, by the words that exist for them."""
    known = sorted(part for part in session.faults if f"fault_{part}" in words.TABLE)
    return tuple(known) or ("other",)
