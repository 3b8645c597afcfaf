"""What staff do about goods that are late or left over, and what all pages are told of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.events.service import take_turn
from station.group_buys import lateness, store, surplus, surplus_uses
from station.group_buys.lateness import Late
from station.group_buys.store import Current
from station.group_buys.surplus import Surplus
from station.group_buys.surplus_uses import Use, Way
from station.web import idempotent
from station.web.forms import Form, KeyForm, WholeField, choices, first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("group_news", __name__)
idempotent.install(bp)
ONE = "/group-buys/<int:campaign_id>/sharing"
WAYS = {
    Way.RETURNED: _l("Returned to the supplier"),
    Way.SOLD: _l("Sold at the counter for cash"),
    Way.GIVEN_AWAY: _l("Given away, as the supplier agrees"),
}


@dataclass(frozen=True, slots=True)
class DayNews:
    """When goods are expected. `first_day`: what buyers ordered by; None while no other day was named."""

    first_day: date | None
    is_late: bool
    may_give_back: bool


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What is left over of a campaign, and what was done with it."""

    surplus: Surplus
    uses: list[Use]
    form: "LeftOverForm"

    @property
    def taken(self) -> int:
        """Units that people of the waiting list took."""
        return self.surplus.units - self.surplus.remaining - sum(one.units for one in self.uses)


class DayForm(KeyForm):
    """Another arrival day."""

    day = DateField(_l("Now expected on"), validators=[InputRequired()])


class LeftOverForm(KeyForm):
    """Units left over, and what was done with them."""

    units = WholeField(_l("How many of them"), validators=[InputRequired()])
    way = SelectField(_l("What was done with them"), choices=choices(WAYS.items()))


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {
        "day_form": lambda: DayForm(formdata=None),
        "day_news": day_news,
        "late_goods": late_goods,
        "left_over": left_over,
        "surplus_ways": WAYS,
    }


def day_news(station_id: int, campaign: Current) -> DayNews:
    """Return what is to be said of a campaign's arrival day."""
    with reading():
        named = lateness.delays(station_id, campaign.id)
        may = lateness.may_give_back(station_id, campaign)
        is_late = lateness.is_late(station_id, campaign)
    return DayNews(named[0].was_on if named else None, is_late, may)


def left_over(campaign: Current) -> LeftOver | None:
    """Return what is left over of a campaign, with a form to say what was done; None when nothing was."""
    station_id = current_actor().station_id
    with reading():
        found = surplus.of_campaign(station_id, campaign.id)
        uses = surplus_uses.of_campaign(station_id, campaign.id)
    return LeftOver(found, uses, LeftOverForm(formdata=None)) if found else None


def late_goods() -> list[Late]:
    """Return the campaigns whose goods are late, for the page of problems."""
    with reading():
        return lateness.late(current_actor().station_id)


def _filled(form: Form) -> None:
    if not form.validate():
        raise StationError("bad_input", first_error(form))


@bp.post(f"{ONE}/day")
@needs(Permission.GROUP_BUYS)
def postpone(campaign_id: int) -> ResponseReturnValue:
    """Name another arrival day."""
    form = DayForm()
    _filled(form)
    day = form.day.data or date.min

    def act(actor: Actor) -> Body:
        return {"is_new": lateness.postpone(actor, campaign_id, day)}

    answer = act_once("group_news.postpone", {"campaign": str(campaign_id), **said(form)}, act)
    is_new = answer.body.get("is_new")
    told(
        answer,
        _("Noted. Everybody who bought is told.") if is_new else _("It is expected on that day already."),
    )
    return redirect(url_for("group_sharing.one", campaign_id=campaign_id), 303)


@bp.post(f"{ONE}/left-over")
@needs(Permission.SHARE_OUT)
def use(campaign_id: int) -> ResponseReturnValue:
    """Keep what was done with units left over."""
    form = LeftOverForm()
    _filled(form)
    units, way = form.units.data or 0, Way(form.way.data)

    def act(actor: Actor) -> None:
        surplus_uses.use(actor, campaign_id, units, way=way)

    answer = act_once("group_news.use", {"campaign": str(campaign_id), **said(form)}, act)
    told(answer, _("Noted."))
    return redirect(url_for("group_sharing.one", campaign_id=campaign_id), 303)


@bp.post("/group-buys/<int:campaign_id>/orders/<int:order_id>/give-back")
@needs(Permission.SHARE_OUT)
def give_back(campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Give a late order back for somebody who says so at the counter."""
    _filled(KeyForm())

    def act(actor: Actor) -> None:
        take_turn(actor.station_id)
        if store.look_order(actor.station_id, order_id).campaign_id != campaign_id:
            raise StationError("not_found", _("This order does not exist."))
        lateness.give_back(actor, order_id)

    answer = act_once("group_news.give_back", {"order": str(order_id)}, act)
    told(answer, _("Given back: what was charged is on the buyer's account."))
    return redirect(url_for("group_desk.one", campaign_id=campaign_id, order_id=order_id), 303)
