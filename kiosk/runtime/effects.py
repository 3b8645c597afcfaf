"""Doing what a step of the session asks for. Slow work goes to a few threads and is answered by events.

A question carries a number and its answer carries the same, so the session itself drops what comes too late.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.hardware.parts import Hardware, PartError
from kiosk.model import Way
from kiosk.refusals import OTHER
from kiosk.runtime.board import Board, Heard
from kiosk.runtime.evidence import Evidence
from kiosk.runtime.failures import describe
from kiosk.runtime.needs import Faces, Follower, Letters, Releases, Tell, Ways
from kiosk.runtime.tickets import ticket
from kiosk.runtime.workers import Workers
from kiosk.session import effects as ask
from kiosk.session.events import Event, NotReleased, ParcelUnknown, PersonUnknown, Released
from kiosk.session.state import Session
from kiosk.ways import WAYS, Check

WORKERS = (
    3  # ours: a release, a check and a look-up may run at once; nearly all of it is waiting for the network
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Helpers:
    """Who does the work."""

    ways: Ways
    releases: Releases
    letters: Letters
    faces: Faces
    evidence: Evidence
    hardware: Hardware
    agreements: Follower
    workers: Workers


class Doer:
    """Does effects. `do` is called by the session's thread only."""

    def __init__(self, helpers: Helpers, board: Board, tell: Tell) -> None:
        self._helpers = helpers
        self._board = board
        self._tell = tell
        self._workers = helpers.workers
        self._does: dict[type[Any], Callable[[Any, Session], None]] = {
            **dict.fromkeys(WAYS, self._check),
            ask.LookUp: self._look_up,
            ask.FindFace: self._find_face,
            ask.CompareFace: self._compare_face,
            ask.StopFace: self._stop_face,
            ask.EnrolFace: self._enrol_face,
            ask.ForgetFace: self._forget_face,
            ask.Release: self._release,
            ask.OpenDoor: self._open_door,
            ask.TakePhoto: self._take_photo,
            ask.PrintTicket: self._print_ticket,
            ask.Sound: self._sound,
            ask.Say: self._say,
            ask.Alert: self._alert,
            ask.EndSession: self._end,
        }

    def do(self, effects: tuple[ask.Effect, ...], before: Session, after: Session) -> None:
        """Begin every effect, in order, then show the session after them."""
        for effect in effects:
            try:
                self._does[type(effect)](effect, before)
            except Exception as error:  # noqa: BLE001 - the other effects must be done all the same
                log.error("%s failed: %s", type(effect).__name__, describe(error))
        self._board.publish(after, tuple(heard for effect in effects for heard in _heard(effect)))
        self._helpers.agreements.follow(after)

    def _check(self, effect: Check, before: Session) -> None:
        failed = PersonUnknown(effect.ask, WAYS[type(effect)], OTHER)
        self._workers.answer(lambda: self._helpers.ways.check(effect), failed, self._tell)

    def _look_up(self, effect: ask.LookUp, before: Session) -> None:
        failed = ParcelUnknown(effect.ask, effect.waybill)
        self._workers.answer(lambda: self._helpers.ways.look_up(effect), failed, self._tell)

    def _release(self, effect: ask.Release, before: Session) -> None:
        failed = NotReleased(effect.ask, effect.parcel.id, OTHER)
        self._workers.answer(lambda: self._released(effect), failed, self._tell)

    def _released(self, effect: ask.Release) -> Event:
        event = self._helpers.releases.release(effect)
        person = effect.person
        if isinstance(event, Released) and person.way is Way.FACE and person.recipient_id:
            self._helpers.faces.used(person.recipient_id)
        return event

    def _open_door(self, effect: ask.OpenDoor, before: Session) -> None:
        self._helpers.hardware.door.open()
        # Here, so that an end of the program cannot come between.
        self._helpers.releases.opened(effect.parcel_id)

    def _take_photo(self, effect: ask.TakePhoto, before: Session) -> None:
        seen = self._helpers.evidence.seize()
        if seen is None:
            log.warning("no photo: the camera shows nothing")
            return

        evidence = self._helpers.evidence
        has_agreed = before.person is not None and before.person.shows_face
        develop = evidence.develop_with_face if has_agreed else evidence.develop

        def keep() -> None:
            self._helpers.letters.photo(effect.parcel_id, develop(seen), seen.at)

        self._workers.later(keep)

    def _print_ticket(self, effect: ask.PrintTicket, before: Session) -> None:
        shown = self._board.newest()
        parcels = before.person.parcels if before.person else ()
        taken = [parcel for parcel in parcels if parcel.id in effect.parcel_ids]
        lines = ticket(shown.station, taken, now=shown.now)

        def put_out() -> None:
            try:
                self._helpers.hardware.printer.print_ticket(lines)
            except PartError as error:
                log.warning("no ticket: %s", error)

        self._workers.later(put_out)

    def _sound(self, effect: ask.Sound, before: Session) -> None:
        self._helpers.hardware.lamp.show(effect.kind)
        self._helpers.hardware.beeper.sound(effect.kind)

    def _say(self, effect: ask.Say, before: Session) -> None:
        """Do nothing here: the page speaks, see `_heard`."""

    def _alert(self, effect: ask.Alert, before: Session) -> None:
        self._workers.later(lambda: self._helpers.letters.alert(effect))

    def _find_face(self, effect: ask.FindFace, before: Session) -> None:
        self._helpers.faces.find(effect)

    def _compare_face(self, effect: ask.CompareFace, before: Session) -> None:
        self._helpers.faces.compare(effect)

    def _enrol_face(self, effect: ask.EnrolFace, before: Session) -> None:
        self._helpers.faces.enrol(effect)

    def _stop_face(self, effect: ask.StopFace, before: Session) -> None:
        self._helpers.faces.stop()

    def _end(self, effect: ask.EndSession, before: Session) -> None:
        self._helpers.faces.stop()
        self._helpers.ways.forget()

    def _forget_face(self, effect: ask.ForgetFace, before: Session) -> None:
        self._workers.later(lambda: self._helpers.faces.forget(effect.person))


def _heard(effect: ask.Effect) -> tuple[Heard, ...]:
    """Return what the page sounds or says for an effect."""
    if isinstance(effect, ask.Sound):
        return (("sound", effect.kind, {}),)
    if isinstance(effect, ask.Say):
        return (("say", effect.key, effect.facts),)
    return ()
