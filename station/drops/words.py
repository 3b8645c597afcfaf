"""What a courier is told of a scan: what happened, and what to do with the parcel now."""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.drops.consent import HOW
from station.drops.lifecycle import WAITING, Choice, Outcome
from station.drops.queries import ScanFacts
from station.parcels import words
from station.parcels.lifecycle import Problem

SOUNDS = {Outcome.ACCEPTED: "ok", Outcome.CONSENT: "warn", Outcome.DUPLICATE: "warn", Outcome.CALL: "warn"}
"""The rest is one long low tone."""

SENTENCES = {
    Outcome.CONSENT: _l("Do not leave it yet. Call the recipient, or bring it to the door."),
    Outcome.DUPLICATE: _l("This parcel is in the books already. Leave it once."),
    Outcome.OTHER_STATION: _l("Another station waits for this parcel. Take it there."),
    Outcome.TOO_LARGE: _l("Show it to the staff, or take it along."),
    Outcome.FULL: _l("There is no place left for it. Ask the staff."),
    Outcome.CLOSED: _l("The station takes nothing in outside its opening hours. Come back when it is open."),
    Outcome.MALFORMED: _l("Scan the long barcode on the label."),
    Outcome.FINISHED: _l("Scan the station's code again to begin another drop."),
    Outcome.DOOR: _l("The recipient wants it at the door. It does not stay here."),
    Outcome.CALL: _l("Take it along. Say what the recipient answered when you have called."),
}
CHOICES = {
    Choice.STATION: _l("The recipient says yes to the station"),
    Choice.DOOR: _l("I bring it to the door"),
    Choice.CALL: _l("I call later"),
}
WAYS = {"phone_call": _l("On the phone"), "in_person": _l("In person")}


def stop(outcome: str) -> str:
    """Return what a scan stopped for, in a few words."""
    return words.drop_stop(outcome)


def title(scan: ScanFacts) -> str:
    """Return what came of a scan in a few words."""
    if scan.outcome != Outcome.ACCEPTED:
        return stop(scan.outcome)
    if scan.problem:
        return _("Taken in, with a problem")
    return _("Put it on %(row)s", row=scan.tag)


def sentence(scan: ScanFacts) -> str:
    """Return what to do with the parcel now."""
    if scan.outcome != Outcome.ACCEPTED:
        return _(SENTENCES[Outcome(scan.outcome)])
    if scan.problem:
        return _(
            "Put it on %(row)s, set aside: %(problem)s.",
            row=scan.tag,
            problem=_(words.PROBLEMS[Problem(scan.problem)]),
        )
    if scan.needs_sticker:
        return _("Write %(code)s on it, or stick the sticker.", code=scan.pickup_code)
    return _("Nothing has to be written on it.")


def sound(scan: ScanFacts) -> str:
    """Return how a scan sounds: ok, warn or bad."""
    return "warn" if scan.problem else SOUNDS.get(Outcome(scan.outcome), "bad")


def choices(scan: ScanFacts) -> list[dict[str, object]]:
    """Return what can be said of a stopped parcel, and how it can be known; none when nothing is wanted."""
    if scan.outcome not in WAITING:
        return []
    ways = [{"how": how, "label": _(WAYS[how])} for how in HOW]
    return [
        {"choice": choice, "label": _(label), "hows": [] if choice is Choice.CALL else ways}
        for choice, label in CHOICES.items()
    ]
