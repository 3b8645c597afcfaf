"""Giving numbers of a row to parcels and taking them back: the rule of numbering.py on the tables.

The caller holds the row's lock (shelves.service.lock_row), so two scanners never get the same number; the unique
index on codes in use is the last word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from station.core import ids
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.listed import among
from station.core.statements import Statement
from station.network.queries import StationRules
from station.parcels import numbering
from station.parcels.codes import PickupCode, canonical, display
from station.parcels.models import PickupCode as Code
from station.parcels.numbering import Choice, CoolDownRules, NumberState, RowLoad, RowState, Wish
from station.parcels.station_clock import cool_down_rules
from station.shelves.queries import LayerFacts

RESTORED = "restored"  # the rule of a code that goes back to the very parcel it belonged to

_ROW = (Code.station_id == bindparam("station_id"), Code.layer_id == bindparam("layer_id"))
_IN_USE = Code.released_at.is_(None)


def _count(*where: object, of: object = None) -> object:
    return select(func.count(of)).where(*_ROW, *where).correlate(None).scalar_subquery()  # type: ignore[arg-type]


# After a change of policy a row still holds numbers that are not of its range now (numbering.RowLoad). The sum keeps
# databases from looking the range up by its own index, which holds every use the row ever had.
_OF_RANGE = (Code.number + 0).between(bindparam("lowest"), bindparam("highest"))
_RECENT = Code.released_at > bindparam("recent")
_LOAD = Statement(
    select(
        _count(_IN_USE, _OF_RANGE, of=Code.number).label("stored"),  # type: ignore[attr-defined]
        _count(_RECENT, _OF_RANGE, of=Code.number.distinct()).label("recent"),  # type: ignore[attr-defined]
    )
)
_NUMBER = Statement(
    select(
        func.count().filter(_IN_USE).label("in_use"),
        func.max(Code.released_at).label("released_at"),
    ).where(*_ROW, Code.number == bindparam("number"))
)
_PER_NUMBER = select(
    Code.number,
    func.count().filter(_IN_USE).label("in_use"),
    func.max(Code.released_at).label("released_at"),
).group_by(Code.number)
_HISTORY = Statement(_PER_NUMBER.where(*_ROW))
_HISTORY_OF = Statement(_PER_NUMBER.where(*_ROW, among(Code.number, "numbers")))
_GIVE = Statement(insert(Code))
_RELEASE = Statement(
    update(Code)
    .where(Code.station_id == bindparam("station"), Code.parcel_id == bindparam("parcel"), _IN_USE)
    .values(released_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Given:
    """A number given to a parcel: the code, as stored and as printed, and the choice behind it."""

    code: str
    printed: str
    number: int
    rule: str
    needs_sticker: bool
    row: dict[str, object]  # the pickup_codes row, to be written with the parcel


@dataclass
class Numbers:
    """Gives out the numbers of one locked row; remembers what it gave, so a batch needs no re-reading."""

    station_id: int
    row: LayerFacts
    rules: StationRules
    now: datetime
    cursor: int = field(init=False)
    cool_down: CoolDownRules = field(init=False)
    given: set[int] = field(init=False, default_factory=set)
    _known: dict[int, NumberState] = field(init=False, default_factory=dict)
    _load: RowLoad | None = field(init=False, default=None)
    _state: RowState | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.cursor = self.row.cursor
        self.cool_down = cool_down_rules(self.rules)

    def expect(self, waybills: Sequence[str]) -> None:
        """Read the history of the numbers these waybills would like, all at once."""
        wanted = {number for number in map(self._preferred, waybills) if number is not None}
        if not wanted:
            return
        self._known = {number: NumberState(number, in_use=False, released_at=None) for number in wanted}
        history = _HISTORY_OF.all(station_id=self.station_id, layer_id=self.row.id, numbers=sorted(wanted))
        for number, in_use, released_at in history:
            self._known[number] = NumberState(number, in_use=in_use > 0, released_at=released_at)

    def give(self, parcel_id: int, waybill: str, phone_tail: str | None) -> Given:
        """Choose a number for a parcel and return it; writes nothing.

        Raises StationError `row_codes_exhausted` when no number of the row may be used again yet.
        """
        wish = Wish(
            self._preferred(waybill), int(phone_tail) if phone_tail and phone_tail.isdigit() else None
        )
        choice = self._quick(wish) or self._thorough(wish)
        if choice is None:
            raise StationError(
                "row_codes_exhausted",
                _("No number of %(row)s may be used again yet. Choose another shelf.", row=self.row.tag),
            )
        self._note(choice)
        return self._given(parcel_id, choice)

    @property
    def _space(self) -> int:
        return numbering.WAYBILL_SPACE if self.rules.numbering == "waybill" else self.row.counter_space

    @property
    def _first(self) -> int:
        return 0 if self.rules.numbering == "waybill" else 1

    @property
    def _recent_since(self) -> datetime:
        return self.now - self.cool_down.recent

    def _preferred(self, waybill: str) -> int | None:
        return numbering.preferred_number(waybill) if self.rules.numbering == "waybill" else None

    def _quick(self, wish: Wish) -> Choice | None:
        """Try the preferred number, then the one after the cursor, without loading the row."""
        if self._load is None:
            found = _LOAD.first(
                station_id=self.station_id,
                layer_id=self.row.id,
                recent=self._recent_since,
                lowest=self._first,
                highest=self._first + self._space - 1,
            )
            self._load = RowLoad(self._space, found.stored, found.recent)
        next_fit = numbering.next_after(self.cursor, self._first, self._space)
        candidates = [next_fit] if wish.preferred is None else [wish.preferred, next_fit]
        for number in candidates:
            state = self._number(number)
            choice = numbering.accept(state, self._load, now=self.now, wish=wish, rules=self.cool_down)
            if choice:
                return choice
        return None

    def _number(self, number: int) -> NumberState:
        if number in self.given:
            return NumberState(number, in_use=True, released_at=None)
        if number in self._known:
            return self._known[number]
        found = _NUMBER.first(station_id=self.station_id, layer_id=self.row.id, number=number)
        return NumberState(number, in_use=found.in_use > 0, released_at=found.released_at)

    def _thorough(self, wish: Wish) -> Choice | None:
        history = _HISTORY.all(station_id=self.station_id, layer_id=self.row.id)
        state = RowState(
            space=self._space,
            first=self._first,
            cursor=self.cursor,
            stored={found.number for found in history if found.in_use} | self.given,
            released={
                found.number: found.released_at for found in history if not found.in_use and found.released_at
            },
        )
        return numbering.choose(state, now=self.now, wish=wish, rules=self.cool_down)

    def _note(self, choice: Choice) -> None:
        self.given.add(choice.number)
        self.cursor = choice.number
        if self._load:
            self._load = RowLoad(self._load.space, self._load.stored + 1, self._load.recently_released)

    def _given(self, parcel_id: int, choice: Choice) -> Given:
        code = PickupCode(self.row.shelf_code, self.row.number, choice.number)
        row = {
            "id": ids.next_id(),
            "parcel_id": parcel_id,
            "layer_id": self.row.id,
            "number": choice.number,
            "code": canonical(code),
            "rule": choice.rule,
            "regime": choice.regime,
            "cool_down_s": int(choice.cool_down.total_seconds()),
            "free": choice.free,
            "space": choice.space,
        }
        printed = display(code, numbering.WAYBILL_DIGITS if self.rules.numbering == "waybill" else 0)
        return Given(canonical(code), printed, choice.number, choice.rule, choice.needs_sticker, row)


def write(station_id: int, given: Sequence[Given], at: datetime) -> None:
    """Write codes that were given; their parcels must stand already."""
    _GIVE.run_many([one.row for one in given], station_id=station_id, given_at=at)


def release(station_id: int, parcel_id: int, at: datetime) -> None:
    """Release every code of a parcel, the old ones after a move too, all at once."""
    _RELEASE.run(station=station_id, parcel=parcel_id, at=at)


_LAST = Statement(
    select(Code.layer_id, Code.number, Code.code, Code.space)
    .where(Code.station_id == bindparam("station_id"), Code.parcel_id == bindparam("parcel_id"))
    .order_by(Code.given_at.desc(), Code.id.desc())
    .limit(1)
)

_NEWEST_USE = Statement(
    select(Code.parcel_id)
    .where(*_ROW, Code.number == bindparam("number"))
    .order_by(Code.given_at.desc(), Code.id.desc())
    .limit(1)
)


def last_layer(station_id: int, parcel_id: int) -> int | None:
    """Return the layer of the code a parcel had last."""
    found = _LAST.first(station_id=station_id, parcel_id=parcel_id)
    return found.layer_id if found else None


def restore(station_id: int, parcel_id: int, at: datetime) -> str | None:
    """Give a parcel its last code back; return the canonical code, None when somebody else had it meanwhile.

    Whoever had it last may still hold a message that names it, so it rests like any other number.
    """
    found = _LAST.first(station_id=station_id, parcel_id=parcel_id)
    if found is None:
        return None
    newest = _NEWEST_USE.first(station_id=station_id, layer_id=found.layer_id, number=found.number)
    if newest.parcel_id != parcel_id:
        return None
    _GIVE.run(
        station_id=station_id,
        id=ids.next_id(),
        parcel_id=parcel_id,
        layer_id=found.layer_id,
        number=found.number,
        code=found.code,
        rule=RESTORED,
        regime=RESTORED,
        cool_down_s=0,
        free=0,
        space=found.space,
        given_at=at,
        released_at=None,
    )
    return str(found.code)
