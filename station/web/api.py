"""What every JSON endpoint shares: sign-in by token, bounded bodies, the idempotency key, answers and refusals.

An endpoint declares an Operation, from which the request is checked and the OpenAPI document is made (openapi.py).
The rooms' api.py files hold the endpoints; pages do not come here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, jsonify, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from werkzeug.exceptions import UnsupportedMediaType

from station.accounts import devices
from station.accounts.devices import NOTE_SEEN_EVERY
from station.carriers import keys
from station.core import clock, idempotency, throttle
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.idempotency import Answer
from station.core.ids import LARGEST_ID
from station.core.permissions import Permission, Role
from station.web.errors import API_PREFIX, problem
from station.web.gate import current_actor, gate_of, needs, public

PARCEL_ID = "<int:parcel_id>"  # at most ids.LARGEST_ID: factory.IdConverter
BODY_LIMIT = 1024 * 1024  # bytes; 500 parcels with every field at its longest ordinary length are 300 KB
FAULTS_TOLD = 10  # of a body with many faults; the sender mends one kind at a time
WRONG_TOKENS = 20  # ours: a scanner with an old token is told so a few times, then only to wait
WRONG_TOKENS_WINDOW = timedelta(minutes=15)
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
OWN_FAULT = "unfit"


class Schema(BaseModel):
    """The base of bodies, queries and answers: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(Schema):
    """Takes no field."""


class Refusal(Schema):
    """Why one thing of several was refused; `code` is one of docs/errors.md."""

    status: int
    code: str
    detail: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, error: StationError) -> "Refusal":
        """Return a domain refusal as data."""
        return cls(status=error.status, code=error.code, detail=error.message, facts=error.facts)


def _fits(text: str) -> str:
    if int(text) > LARGEST_ID:
        raise unfit(_l("This is larger than any id."))
    return text


# Numbers of 63 bits are strings in JSON, because JavaScript's numbers have 53 (RFC 8259, section 6).
Id = Annotated[
    str, Field(pattern=r"^[1-9][0-9]{0,18}$", examples=["249860710041026560"]), AfterValidator(_fits)
]

Takes = TypeVar("Takes", bound=BaseModel)
Gives = TypeVar("Gives", bound=BaseModel)
Path = ParamSpec("Path")


class Sent(StrEnum):
    """How a request brings what it takes."""

    QUERY = "query"  # in the address
    BODY = "body"
    KEYED_BODY = "keyed_body"  # with an idempotency key: it writes


@dataclass(frozen=True, slots=True)
class Operation(Generic[Takes, Gives]):
    """What an endpoint promises.

    `name`: the operationId, and the scope of its idempotency keys; at most 40 characters. `takes`: the query of a
    reading request, the body of any other. `refusals`: codes beside those that every endpoint may answer.
    `permission`: what the caller's role must hold.
    """

    name: str
    summary: str
    takes: type[Takes]
    gives: type[Gives]
    refusals: tuple[str, ...] = ()
    permission: Permission = Permission.API


def install(app: Flask) -> None:
    """Let devices sign in to the API of `app`. Comes before the gate, which asks who is there."""
    app.before_request(_sign_in)
    app.after_request(_name_scheme)


def reads(
    operation: Operation[Takes, Gives],
) -> Callable[[Callable[Concatenate[Actor, Takes, Path], Gives]], Callable[Path, Response]]:
    """Make an endpoint of a function from (actor, query, path) to the answer; it runs in a reading transaction."""

    def mark(view: Callable[Concatenate[Actor, Takes, Path], Gives]) -> Callable[Path, Response]:
        @needs(operation.permission)
        @wraps(view)
        def run(*args: Path.args, **path: Path.kwargs) -> Response:
            actor, query = current_actor(), _query(operation.takes)
            with reading():
                answer = view(actor, query, *args, **path)
            return jsonify(answer.model_dump(mode="json"))

        return _declare(run, operation, Sent.QUERY)

    return mark


def asks(
    operation: Operation[Takes, Gives],
) -> Callable[[Callable[Concatenate[Actor, Takes, Path], Gives]], Callable[Path, Response]]:
    """Make an endpoint like `reads` does, for a question that may hold a name or a phone: it comes in the body.

    Addresses are kept by proxies. A question writes nothing, so it carries no idempotency key.
    """

    def mark(view: Callable[Concatenate[Actor, Takes, Path], Gives]) -> Callable[Path, Response]:
        @needs(operation.permission)
        @wraps(view)
        def run(*args: Path.args, **path: Path.kwargs) -> Response:
            actor, raw = current_actor(), _body()
            asked = _validated(lambda: operation.takes.model_validate_json(raw))
            with reading():
                answer = view(actor, asked, *args, **path)
            return jsonify(answer.model_dump(mode="json"))

        return _declare(run, operation, Sent.BODY)

    return mark


def writes(
    operation: Operation[Takes, Gives],
    *,
    keep: Callable[Concatenate[Actor, StationError, Takes, Path], None] | None = None,
) -> Callable[[Callable[Concatenate[Actor, Takes, Path], Gives]], Callable[Path, Response]]:
    """Make an endpoint of a function from (actor, body, path) to the answer; it acts once for each key.

    `keep` stores what was scanned when the request is refused.
    """

    def mark(view: Callable[Concatenate[Actor, Takes, Path], Gives]) -> Callable[Path, Response]:
        @needs(operation.permission)
        @wraps(view)
        def run(*args: Path.args, **path: Path.kwargs) -> Response:
            actor, raw = current_actor(), _body()
            content = _validated(lambda: operation.takes.model_validate_json(raw))
            whole = {"path": path, "body": json.loads(raw)}
            asked = idempotency.Request(actor, operation.name, request.headers.get(KEY_HEADER, ""), whole)
            answer = idempotency.once(
                asked,
                lambda: view(actor, content, *args, **path).model_dump(mode="json"),
                on_refusal=(lambda error: keep(actor, error, content, *args, **path)) if keep else None,
            )
            return _respond(answer)

        return _declare(run, operation, Sent.KEYED_BODY)

    return mark


def opens(
    operation: Operation[Takes, Gives],
) -> Callable[[Callable[[Takes], Gives]], Callable[[], Response]]:
    """Make an endpoint for who has no token yet: what it takes proves itself. The function opens its transactions.

    It carries no idempotency key: each try must count, and an answer that is kept would tell a token again.
    """

    def mark(view: Callable[[Takes], Gives]) -> Callable[[], Response]:
        @public
        @wraps(view)
        def run() -> Response:
            raw = _body()
            content = _validated(lambda: operation.takes.model_validate_json(raw))
            return jsonify(view(content).model_dump(mode="json"))

        return _declare(run, operation, Sent.BODY)

    return mark


def renews(
    operation: Operation[Takes, Gives],
) -> Callable[[Callable[[Actor, Takes], Gives]], Callable[[], Response]]:
    """Make an endpoint of a function from (actor, body) to the answer, for a state that is told again and again.

    The newest counts and the same again is harmless, so it needs no idempotency key and no answer is kept.
    """

    def mark(view: Callable[[Actor, Takes], Gives]) -> Callable[[], Response]:
        @needs(operation.permission)
        @wraps(view)
        def run() -> Response:
            actor, raw = current_actor(), _body()
            content = _validated(lambda: operation.takes.model_validate_json(raw))
            with transaction():
                answer = view(actor, content)
            return jsonify(answer.model_dump(mode="json"))

        return _declare(run, operation, Sent.BODY)

    return mark


def _declare(
    run: Callable[Path, Response], operation: Operation[Any, Any], sent: Sent
) -> Callable[Path, Response]:
    run.declared = operation, sent  # type: ignore[attr-defined] # read by openapi.py
    return run


def _respond(answer: Answer) -> Response:
    if answer.status == idempotency.OK:
        response = jsonify(answer.body)
    else:
        facts = {name: value for name, value in answer.body.items() if name not in ("code", "message")}
        response = problem(answer.status, answer.body["code"], detail=answer.body["message"], facts=facts)
    if answer.replayed:
        response.headers[REPLAYED_HEADER] = "true"
    return response


def _body() -> bytes:
    if not request.is_json:
        raise UnsupportedMediaType
    request.max_content_length = BODY_LIMIT
    return request.get_data(cache=False)


def _query(model: type[Takes]) -> Takes:
    return _validated(lambda: model.model_validate_strings(request.args.to_dict()))


def _validated(validate: Callable[[], Takes]) -> Takes:
    try:
        return validate()
    except ValidationError as error:
        raise bad_input(error) from error


def bad_input(error: ValidationError) -> StationError:
    """Return a body's faults as a refusal: the first in words, up to FAULTS_TOLD as facts. Values are not repeated."""
    faults = [
        {"field": _field(fault), "problem": _fault(fault)}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)[:FAULTS_TOLD]
    ]
    first = faults[0]
    detail = (
        f"{first['field']}: {first['problem']}" if first["field"] else _("The body is not JSON as described.")
    )
    return StationError("bad_input", detail, faults=faults)


def _field(fault: ErrorDetails) -> str:
    return ".".join(str(part) for part in fault["loc"])


def _fault(fault: ErrorDetails) -> str:
    """Say in the caller's language what is wrong with a field, whatever words the validator has for it."""
    kind = fault["type"]
    if kind == "missing":
        return _("This field is required.")
    if kind == "extra_forbidden":
        return _("This field is not known here.")
    if kind in ("string_too_long", "too_long"):
        return _("This is too long.")
    if kind in ("string_too_short", "too_short"):
        return _("This is too short.")
    if kind == OWN_FAULT:
        sentence = str(fault["msg"])
        return _(sentence)
    return _("This is not understood. See the description of this endpoint.")


def unfit(sentence: str) -> PydanticCustomError:
    """Return the fault that a room's own validator raises; `sentence` is marked for translation."""
    return PydanticCustomError(OWN_FAULT, sentence)


def _sign_in() -> None:
    """Find out whose token a request to the API carries.

    A person's session opens no API, since its routes are exempt from the CSRF check.
    """
    if not request.path.startswith(API_PREFIX):
        return
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        g.actor = _device(token.strip())
    elif request.endpoint and gate_of(current_app, request.endpoint):
        raise StationError("sign_in_needed", _("Send the device's token: Authorization: Bearer …"))


def _device(token: str) -> Actor:
    try:
        with reading():
            actor = devices.authenticate_device(token)
    except StationError:
        _count_wrong_token()
        raise
    _note_seen(actor)
    if actor.role is Role.CARRIER:
        with transaction():
            keys.spend(actor)
    return actor


def _count_wrong_token() -> None:
    """Count against the address.

    Right tokens pass all the same: 256 bits are not guessed, and the devices of a station share an address.
    """
    key = f"token:{throttle.origin(request.remote_addr)}"
    with reading():
        throttle.check(key, limit=WRONG_TOKENS, window=WRONG_TOKENS_WINDOW)
    with transaction():
        throttle.count(key, window=WRONG_TOKENS_WINDOW)


_noted: dict[int, datetime] = {}  # when this process last wrote down that a device spoke


def _note_seen(actor: Actor) -> None:
    now = clock.now()
    last = _noted.get(actor.id)
    if last is None or abs(now - last) >= NOTE_SEEN_EVERY:
        with transaction():
            devices.note_device_seen(actor)
        _noted[actor.id] = now


def _name_scheme(response: Response) -> Response:
    """Say how to sign in (RFC 9110, section 11.6.1: a 401 names the scheme)."""
    if response.status_code == 401 and request.path.startswith(API_PREFIX):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
