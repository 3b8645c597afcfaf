"""Forms of group buys. Every field is bounded; prices and whole numbers are read strictly, never rounded."""

import re
import unicodedata
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from wtforms import (
    DateField,
    Field,
    FieldList,
    FileField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import DateTimeLocalField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from station.core.errors import StationError
from station.core.i18n import LANGUAGES
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.money import parse_money, plain_money
from station.core.text import clean_block, clean_line
from station.group_buys import plans, prices, suppliers, words
from station.group_buys.arrival import Count
from station.group_buys.campaigns import REASON
from station.group_buys.orders import Wish
from station.group_buys.plans import AtCutOff, Pays, Plan, Point, UnclaimedRule
from station.group_buys.prices import Tier
from station.shelves.storage import Storage
from station.web.forms import Form, KeyForm, WholeField, choices
from station.web.idempotent import TEXT_LIMIT

NUMBER = 20  # characters of a typed number
SHARE = "share-"  # begins the name of a partner station's share; its id follows
ROWS = 4  # rows of prices that the form shows empty
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%?", re.ASCII)
_Typed = TypeVar("_Typed")
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"  # of an input of the type datetime-local (HTML, 2.3.5.5)


def percent(text: str) -> int:
    """Read a typed percentage as basis points; empty is none. Raises StationError `bad_input`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _PERCENT.fullmatch(plain) if plain else None
    if plain and not found:
        raise StationError("bad_input", _("Type a percentage with at most two decimals, such as 5 or 7.5."))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0


def shown_percent(basis_points: int) -> str:
    """Write basis points as a percentage without needless zeros."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")


def whole_id(text: str) -> bool:
    """Tell whether a text is an id as addresses and fields write it."""
    return text.isascii() and text.isdecimal() and len(text) <= NUMBER


class OrderForm(KeyForm):
    """What somebody orders. No price: that is the station's to know."""

    quantity = WholeField(_l("How many"), validators=[InputRequired()])
    tolerance = WholeField(
        _l("How many more, if it helps to fill a box"),
        description=_l(
            "The supplier sells whole boxes. Say how many more you would take to fill the last one; 0 is fine."
        ),
    )
    point = SelectField(_l("Collect at"), coerce=int, validate_choice=False)

    def wish(self) -> Wish:
        """Return what was asked for."""
        return Wish(self.quantity.data or 0, self.tolerance.data or 0, self.point.data or 0)


class FindForm(Form):
    """Whom staff order for: by phone number or its last four digits."""

    who = StringField(_l("Phone number, or its last 4 digits"), validators=[InputRequired(), Length(max=40)])


class DeskForm(OrderForm):
    """An order that staff make for somebody: known by their entry, or new with phone and name."""

    recipient = HiddenField(validators=[Length(max=NUMBER)])
    phone = HiddenField(validators=[Length(max=40)])
    name = StringField(_l("Name"), validators=[Length(max=suppliers.NAME)])


class PictureForm(KeyForm):
    """A picture of the goods."""

    picture = FileField(_l("Add a picture"), description=_l("JPEG, PNG or WebP, at most 8 MB."))


class CancelForm(KeyForm):
    """Why a campaign is called off."""

    reason = StringField(
        _l("Why, for the people who ordered"), validators=[Length(max=4 * REASON)], id="cancel-reason"
    )


class SupplierForm(KeyForm):
    """What is known of a supplier."""

    name = StringField(_l("Name"), validators=[InputRequired(), Length(max=4 * suppliers.NAME)])
    phone = StringField(_l("Phone"), validators=[Length(max=40)])
    email = StringField(_l("E-mail"), validators=[Length(max=suppliers.EMAIL)])
    language = SelectField(_l("Orders are written in"), choices=choices(LANGUAGES.items()), default="zh")

    def details(self) -> suppliers.Details:
        """Return what was typed."""
        texts = (self.name.data or "", self.phone.data or "", self.email.data or "")
        return suppliers.Details(*texts, language=self.language.data or "zh")


class Boxes(SelectMultipleField):
    """Several choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SharesField(Field):
    """A percentage for each partner station, typed beside its name: by the station's id."""

    data: dict[str, str] | None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read every value named `share-<id>`."""
        self.data = dict(data or self.default or {})
        for name in formdata or ():
            station = name.removeprefix(SHARE)
            if name.startswith(SHARE) and whole_id(station):
                self.data[station] = str(formdata.get(name, ""))[:NUMBER]

    def of(self, station_id: int) -> str:
        """Return what was typed for a station."""
        return (self.data or {}).get(str(station_id), "")


class CampaignForm(KeyForm):
    """Everything the manager chooses of a campaign. Moments are of the station's own zone."""

    version = HiddenField(validators=[Length(max=NUMBER)])
    title = StringField(_l("Title"), validators=[InputRequired(), Length(max=4 * plans.TITLE)])
    text = TextAreaField(
        _l("Description"),
        description=_l("Where it comes from, how it keeps, what is in it."),
        validators=[Length(max=plans.TEXT)],
    )
    unit = StringField(
        _l("What one unit is"),
        description=_l("Such as: box of 6, 1.5 kg"),
        validators=[InputRequired(), Length(max=4 * plans.UNIT)],
    )
    supplier = SelectField(_l("Supplier"), coerce=int, validate_choice=False)
    storage = SelectField(
        _l("Storage"), choices=choices((key.value, label) for key, label in words.STORAGE.items())
    )
    from_total = FieldList(WholeField(), min_entries=ROWS, max_entries=prices.MOST_TIERS)
    price = FieldList(
        StringField(validators=[Length(max=NUMBER)]), min_entries=ROWS, max_entries=prices.MOST_TIERS
    )
    minimum = WholeField(_l("Minimum in all"), description=_l("Empty: none"))
    maximum = WholeField(_l("Maximum in all"), description=_l("Empty: as many as people want"))
    each = WholeField(_l("Most for one person"), description=_l("Empty: no limit"))
    box_size = WholeField(
        _l("Units in a supplier's box"), description=_l("1: the supplier sells single units"), default=1
    )
    pays = SelectField(
        _l("Buyers pay"), choices=choices((key.value, label) for key, label in words.PAYS.items())
    )
    commission = StringField(
        _l("Commission in percent"),
        description=_l("The station's part of the sale"),
        validators=[Length(max=NUMBER)],
    )
    opens_at = DateTimeLocalField(
        _l("Ordering begins"),
        format=MOMENT_FORMAT,
        description=_l("Empty: when you open it"),
        validators=[Optional()],
    )
    cut_off_at = DateTimeLocalField(_l("Cut-off"), format=MOMENT_FORMAT, validators=[InputRequired()])
    at_cut_off = SelectField(
        _l("At cut-off"), choices=choices((key.value, label) for key, label in words.AT_CUT_OFF.items())
    )
    arrives_on = DateField(_l("Arrives on"), validators=[InputRequired()])
    collect_h = WholeField(
        _l("Hours to collect"),
        description=_l("From being ready; few for what spoils. Empty: as parcels"),
    )
    unclaimed = SelectField(
        _l("If somebody does not collect"),
        choices=choices((key.value, label) for key, label in words.UNCLAIMED.items()),
    )
    claim_h = WholeField(
        _l("Hours for complaints"),
        description=_l("From being collected. Empty: 24 for chilled and frozen goods, 7 days for others"),
    )
    points = Boxes(_l("Also collected at"), coerce=int, validate_choice=False)
    shares = SharesField()

    def validate_text(self, field: Any) -> None:
        """Refuse what cannot be shown as it was typed."""
        if clean_block(field.data or "", limit=plans.TEXT) is None:
            raise ValidationError(_("There are signs in it that cannot be shown. Type it again."))

    def plan(self, station_id: int, *, zone: str, currency: str) -> Plan:
        """Return what was chosen. Raises StationError `bad_input` for what cannot be read as a price or percentage."""
        return Plan(
            title=_line(self.title, plans.TITLE),
            text=clean_block(self.text.data or "", limit=plans.TEXT) or "",
            unit=_line(self.unit, plans.UNIT),
            supplier_id=self.supplier.data or 0,
            currency=currency,
            tiers=self._tiers(currency),
            points=self._points(station_id),
            storage=Storage(self.storage.data),
            minimum_total=self.minimum.data,
            maximum_total=self.maximum.data,
            per_person_most=self.each.data,
            box_size=1 if self.box_size.data is None else self.box_size.data,
            commission_bp=percent(self.commission.data or ""),
            pays=Pays(self.pays.data),
            at_cut_off=AtCutOff(self.at_cut_off.data),
            opens_at=_moment(self.opens_at.data, zone),
            cut_off_at=_required(_moment(self.cut_off_at.data, zone)),
            arrives_on=_required(self.arrives_on.data),
            collect_h=self.collect_h.data,
            unclaimed_rule=UnclaimedRule(self.unclaimed.data),
            claim_h=self.claim_h.data,
        )

    def _tiers(self, currency: str) -> tuple[Tier, ...]:
        typed = zip(self.from_total.data, self.price.data, strict=False)
        rows = [
            (total, (price or "").strip())
            for total, price in typed
            if total is not None or (price or "").strip()
        ]
        if any(total is None or not price for total, price in rows):
            raise StationError(
                "bad_input", _("Each price needs the total from which it holds, and each total its price.")
            )
        return tuple(Tier(total or 0, parse_money(price, currency)) for total, price in rows)

    def _points(self, station_id: int) -> tuple[Point, ...]:
        others = {one for one in self.points.data or () if one != station_id}
        shares = {one: percent(self.shares.of(one)) for one in sorted(others)}
        return tuple(sorted({Point(station_id), *(Point(*one) for one in shares.items())}))


def _line(field: Any, limit: int) -> str:
    plain = clean_line(field.data or "", limit=limit)
    if plain is None:
        label = _(str(field.label.text))
        raise StationError(
            "bad_input",
            _("%(field)s: type one line of at most %(most)s characters.", field=label, most=limit),
        )
    return plain


def _required(value: _Typed | None) -> _Typed:
    if value is None:
        raise StationError("bad_input", _("Fill this in."))
    return value


def _moment(typed: datetime | None, zone: str) -> datetime | None:
    return typed.replace(tzinfo=ZoneInfo(zone)) if typed else None


def filled(plan: Plan, *, zone: str, version: int) -> dict[str, Any]:
    """Return what the form shows of a plan."""
    local = ZoneInfo(zone)
    rows = max(ROWS, min(len(plan.tiers) + 1, prices.MOST_TIERS)) - len(plan.tiers)
    return {
        "version": str(version),
        "title": plan.title,
        "text": plan.text,
        "unit": plan.unit,
        "supplier": plan.supplier_id,
        "storage": plan.storage.value,
        "from_total": [tier.from_total for tier in plan.tiers] + [None] * rows,
        "price": [plain_money(tier.unit_price_minor, plan.currency) for tier in plan.tiers] + [""] * rows,
        "minimum": plan.minimum_total,
        "maximum": plan.maximum_total,
        "each": plan.per_person_most,
        "box_size": plan.box_size,
        "pays": plan.pays.value,
        "commission": shown_percent(plan.commission_bp),
        "opens_at": plan.opens_at.astimezone(local) if plan.opens_at else None,
        "cut_off_at": plan.cut_off_at.astimezone(local),
        "at_cut_off": plan.at_cut_off.value,
        "arrives_on": plan.arrives_on,
        "collect_h": plan.collect_h,
        "unclaimed": plan.unclaimed_rule.value,
        "claim_h": plan.claim_h,
        "points": [point.station_id for point in plan.points],
        "shares": {
            str(point.station_id): shown_percent(point.share_bp) for point in plan.points if point.share_bp
        },
    }


class CountForm(KeyForm):
    """What is in a crate that was counted before."""

    counted = WholeField(_l("Units in it"), validators=[InputRequired()])
    damaged = WholeField(_l("Of these damaged"))
    short = WholeField(_l("Fewer than its label says"))

    def count(self) -> Count:
        """Return what was counted."""
        return Count(self.counted.data or 0, self.damaged.data or 0, self.short.data or 0)


class CrateForm(CountForm):
    """A crate and what is in it."""

    crate = StringField(
        _l("Crate"),
        description=_l("Scan its label; any text will do."),
        validators=[InputRequired(), Length(max=TEXT_LIMIT)],
    )
    picture = FileField(_l("Photo of the damage"))


class ScanForm(KeyForm):
    """A shelf card or a bag's label, scanned or typed without scripts."""

    value = StringField(_l("Shelf card or label"), validators=[InputRequired(), Length(max=TEXT_LIMIT)])


class BagForm(KeyForm):
    """A bag on the page."""

    bag = HiddenField(validators=[InputRequired(), Length(max=20)])


class CallOffForm(KeyForm):
    """Why it is called off."""

    reason = StringField(
        _l("Why, for the people who ordered"), validators=[InputRequired(), Length(max=REASON)]
    )
