"""The same request twice acts once: every writing request carries a key, and its answer is kept with it.

The key is scoped by (station, actor, operation). The edge calls `once`, which owns the transaction: state, custody
event, outbox message and answer commit together. A domain refusal is an answer too and is kept; an unexpected
exception keeps none, so that a retry runs again.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, LargeBinary, SmallInteger, String, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from station.core import clock, crypto
from station.core.actor import Actor
from station.core.db import Base, Encrypted, Tenant, UtcDateTime, db, tenant_args, transaction
from station.core.errors import CountedError, StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement

KEEP = timedelta(days=30)  # offline devices may be away for 14 days
KEY = re.compile(r"[A-Za-z0-9_.:-]{8,80}", re.ASCII)
OK = 200
Body = dict[str, Any]


class IdempotentAnswer(Tenant, Base):
    """What was answered to a key."""

    __tablename__ = "idempotent_answers"
    __table_args__ = tenant_args(
        Index("ix_idempotent_answers_station_id_created_at", "station_id", "created_at")
    )

    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
    operation: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[str] = mapped_column(Encrypted)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_SCOPE = (
    IdempotentAnswer.station_id == bindparam("station_id"),
    IdempotentAnswer.actor == bindparam("actor"),
    IdempotentAnswer.operation == bindparam("operation"),
    IdempotentAnswer.key == bindparam("key"),
)
_FIND = Statement(
    select(IdempotentAnswer.body_hash, IdempotentAnswer.status, IdempotentAnswer.answer).where(*_SCOPE)
)
_KEEP = Statement(insert(IdempotentAnswer))


@dataclass(frozen=True)
class Request:
    """A writing request: who asks for which operation, under which key, with which body (JSON values)."""

    actor: Actor
    operation: str
    key: str
    body: Body

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise StationError("idempotency_key_missing", _("The request carries no usable idempotency key."))


@dataclass(frozen=True)
class Answer:
    """What the request led to; `replayed` says that it was answered before."""

    status: int
    body: Body
    replayed: bool = False


def once(
    request: Request, act: Callable[[], Body], *, on_refusal: Callable[[StationError], None] | None = None
) -> Answer:
    """Run `act` in one transaction unless the key was answered before; return the answer.

    `act` returns the JSON body of success. When it refuses (StationError) everything it did is rolled back, then
    `on_refusal` (which keeps a refused scan) and the answer are written in a second transaction. A CountedError rolls
    nothing back: all is written in the one.
    Raises StationError `idempotency_key_reused` when the key came before with another body.
    """
    digest = _digest(request.body)
    try:
        return _answer(request, digest, act, on_refusal)
    except IntegrityError:
        # Another connection may have answered the same key at the same moment: then its answer is ours.
        with transaction():
            known = _known(request, digest)
        if known is None:
            raise
        return known


def _answer(
    request: Request,
    digest: bytes,
    act: Callable[[], Body],
    on_refusal: Callable[[StationError], None] | None,
) -> Answer:
    try:
        with transaction():
            known = _known(request, digest)
            if known:
                return known
            answer = _act(act, on_refusal)
            _keep(request, digest, answer)
            return answer
    except StationError as error:
        if error.code == "idempotency_key_reused":
            raise
        return _refuse(request, digest, error, on_refusal)


def _act(act: Callable[[], Body], on_refusal: Callable[[StationError], None] | None) -> Answer:
    try:
        return Answer(OK, act())
    except CountedError as error:
        if on_refusal:
            on_refusal(error)
        return _refusal(error)


def _refusal(error: StationError) -> Answer:
    return Answer(error.status, {"code": error.code, "message": error.message, **error.facts})


def _refuse(
    request: Request, digest: bytes, error: StationError, on_refusal: Callable[[StationError], None] | None
) -> Answer:
    refused = _refusal(error)
    with transaction():
        known = _known(request, digest)
        if known:
            return known
        if on_refusal:
            on_refusal(error)
        _keep(request, digest, refused)
    return refused


def _digest(body: Body) -> bytes:
    """Return what tells one body from another, and nothing of a short code in it to whoever lacks the key."""
    return crypto.keyed_hash("idempotent-body", json.dumps(body, sort_keys=True, separators=(",", ":")))


def _scope(request: Request) -> dict[str, Any]:
    return {
        "station_id": request.actor.station_id,
        "actor": request.actor.key,
        "operation": request.operation,
        "key": request.key,
    }


def _known(request: Request, digest: bytes) -> Answer | None:
    row = _FIND.first(**_scope(request))
    if row is None:
        return None
    if row.body_hash != digest:
        raise StationError(
            "idempotency_key_reused", _("This idempotency key was used before with another body.")
        )
    return Answer(row.status, json.loads(row.answer), replayed=True)


def _keep(request: Request, digest: bytes, answer: Answer) -> None:
    _KEEP.run(
        **_scope(request),
        body_hash=digest,
        status=answer.status,
        answer=json.dumps(answer.body),
        created_at=clock.now(),
    )


def forget_actor(actor: Actor) -> None:
    """Delete what was answered to an actor at their station: its requests run again if they are repeated."""
    mine = (IdempotentAnswer.station_id == actor.station_id, IdempotentAnswer.actor == actor.key)
    db.session.connection().execute(delete(IdempotentAnswer).where(*mine))


def forget_old(station_id: int) -> int:
    """Delete a station's answers older than KEEP; return how many."""
    old = delete(IdempotentAnswer).where(
        IdempotentAnswer.station_id == station_id, IdempotentAnswer.created_at < clock.now() - KEEP
    )
    return db.session.connection().execute(old).rowcount
