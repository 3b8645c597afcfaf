"""The station as the kiosk reaches it: one method for each endpoint, time-outs, and two kinds of failure.

Responsible for HTTP only: answers.py says how an answer is read, releasing.py and ways.py what to do without one.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import requests
import urllib3

from kiosk import answers
from kiosk.answers import Enrolled, Joined, Reported, Setup, WaitingPage
from kiosk.spool.intents import Intent
from kiosk.timely import Timely
from kiosk.visits import Ask

PREFIX = "/api/v1/kiosks"
DECISION_S = 2.0  # DESIGN.md 6: the station accepts or refuses within 2 s
SYNC_S = 20.0  # ours: a page of 500 parcels or a photo over a poor line
LARGEST_ANSWER = 4 * 1024 * 1024  # bytes; 500 parcels with ten aliases each are under 1 MB
CHUNK = 64 * 1024
SERVER_FAULT = 500

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class UnreachableError(Exception):
    """No answer that can be believed: no line, too late, a broken server, or somebody else who answers."""


class RefusedError(Exception):
    """The station answered no. `code` is one of its error codes, `message` its sentence, `facts` what it adds."""

    def __init__(self, code: str, message: str, *, facts: dict[str, Any], status: int) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.facts = facts
        self.status = status


class Http(Protocol):
    """What Backend sends with: Timely, or a test's."""

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send one request."""


class Backend:
    """Speaks to one station with one token. Safe from any thread. `on_line` is told when the line comes and goes."""

    def __init__(self, url: str, token: str, *, http: Http | None = None) -> None:
        self._base = url.rstrip("/") + PREFIX
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = http or Timely()
        self._turn = threading.Lock()
        self.is_offline = False
        self.on_line: Callable[[bool], None] = lambda is_offline: None

    def setup(self, *, timeout_s: float = SYNC_S) -> Setup:
        """Return what the station decided for this kiosk, and the keys that sign identity codes."""
        return self._get("/setup", answers.setup, timeout_s=timeout_s)

    def waiting(self, after: str, *, limit: int = 500, timeout_s: float = SYNC_S) -> WaitingPage:
        """Return what changed in the waiting list behind a cursor. Raises RefusedError `cursor_unknown`."""
        query = {"after": after, "limit": str(limit)}
        return self._get("/waiting", answers.waiting, query=query, timeout_s=timeout_s)

    def agreement(self, language: str) -> tuple[int, str]:
        """Return version and text of the agreement to face pickup."""
        return self._get("/agreement", answers.agreement, query={"language": language})

    def enrol(self, code: str, version: str, *, timeout_s: float = SYNC_S) -> Enrolled:
        """Use an enrolment code. Raises RefusedError `enrol_code_wrong`, `too_many_attempts`."""
        body = {"code": code, "version": version}
        return self._call("POST", "/enrol", answers.enrolled, timeout_s=timeout_s, json=body)

    def begin_session(self, ask: Ask, key: str) -> Joined:
        """Ask who this is and what waits for them."""
        body = {
            "way": ask.way,
            "text": ask.text,
            "code": ask.code,
            "tail": ask.tail,
            "digits": ask.digits,
            "recipient_id": ask.recipient_id,
            "at": ask.at.isoformat(),
        }
        return self._post("/sessions", body, key, answers.joined, timeout_s=DECISION_S)

    def release(self, intent: Intent) -> str:
        """Ask to hand a parcel over; return the hand-over's id. The same intent is answered the same."""
        body = {
            "session_id": intent.session_id,
            "parcel_id": intent.parcel.id,
            "waybill": intent.parcel.waybill,
            "at": intent.at.isoformat(),
        }
        return self._post("/releases", body, intent.key, answers.accepted, timeout_s=DECISION_S)

    def replay(self, intent: Intent) -> answers.Replayed:
        """Tell of a hand-over that was made offline."""
        proof = intent.evidence
        body = {
            "key": intent.key,
            "session": _without_none(
                {
                    "way": proof.way,
                    "text": proof.text,
                    "code_hash": proof.code_hash,
                    "recipient_id": proof.recipient_id,
                    "began_at": proof.began_at.isoformat(),
                }
            ),
            "parcel_id": intent.parcel.id,
            "waybill": intent.parcel.waybill,
            "at": intent.at.isoformat(),
        }
        return self._post("/replays", body, f"replay:{intent.key}", answers.replayed)

    def report(self, body: dict[str, Any], key: str) -> Reported:
        """Say how this kiosk is, and hear what is new."""
        return self._post("/reports", body, key, answers.reported)

    def tell(self, kind: str, body: dict[str, Any], key: str) -> None:
        """Send what the outbox kept; `kind` is the endpoint's name."""
        self._post(f"/{kind}", body, key, answers.nothing)

    def agree_face(self, body: dict[str, Any], key: str) -> answers.FaceAgreed:
        """Record the agreement to face pickup and the enrolment at this kiosk."""
        return self._post("/faces", body, key, answers.face_agreed)

    def _get(
        self,
        path: str,
        read: Callable[[Any], Answer],
        *,
        query: dict[str, str] | None = None,
        timeout_s: float = SYNC_S,
    ) -> Answer:
        return self._call("GET", path, read, timeout_s=timeout_s, params=query)

    def _post(
        self,
        path: str,
        body: dict[str, Any],
        key: str,
        read: Callable[[Any], Answer],
        *,
        timeout_s: float = SYNC_S,
    ) -> Answer:
        headers = {"Idempotency-Key": key}
        return self._call("POST", path, read, timeout_s=timeout_s, json=_without_none(body), headers=headers)

    def _call(
        self, method: str, path: str, read: Callable[[Any], Answer], *, timeout_s: float, **options: Any
    ) -> Answer:
        try:
            answer = self._ask(method, path, read, timeout_s=timeout_s, **options)
        except UnreachableError:
            self._tell_line(is_offline=True)
            raise
        except RefusedError:
            self._tell_line(is_offline=False)
            raise
        self._tell_line(is_offline=False)
        return answer

    def _ask(
        self, method: str, path: str, read: Callable[[Any], Answer], *, timeout_s: float, **options: Any
    ) -> Answer:
        deadline = time.monotonic() + timeout_s
        options["headers"] = self._headers | (options.get("headers") or {})
        try:
            with self._http.request(
                method, self._base + path, timeout=timeout_s, allow_redirects=False, stream=True, **options
            ) as response:
                status, content = response.status_code, _content(response, deadline)
                said = answers.as_json(content)
        except (requests.RequestException, urllib3.exceptions.HTTPError, answers.StrangeError) as error:
            # The sentence of a request's error holds the address; its kind is enough and holds nothing.
            raise UnreachableError(type(error).__name__) from None
        if status >= SERVER_FAULT:
            raise UnreachableError(f"status {status}")
        try:
            if status == requests.codes.ok:
                return read(said)
            raise RefusedError(
                str(said["code"]), str(said["detail"]), facts=said.get("facts", {}), status=status
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("an answer of %s is not understood: %s", path, type(error).__name__)
            raise UnreachableError("not the station's answer") from None

    def _tell_line(self, *, is_offline: bool) -> None:
        with self._turn:
            has_changed, self.is_offline = self.is_offline != is_offline, is_offline
        if has_changed:
            self.on_line(is_offline)


def _content(response: requests.Response, deadline: float) -> bytes:
    """Read a body within its time and size: a line that drips would hold up a person at the door."""
    content = bytearray()
    # read1 returns what has come, while iter_content waits for a whole chunk and so for ever.
    while chunk := response.raw.read1(CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER or time.monotonic() > deadline:
            raise requests.Timeout
    return bytes(content)


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
