"""Pages of the settings for a station's own words: every topic and language, an editor with a preview, and prices."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import LANGUAGES, speaking
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.network import queries as network
from station.network import service as network_service
from station.notices import queries, sms, templates, texts, wording
from station.notices.forms import CHANNELS, PriceForm, WordsForm
from station.notices.message_queries import PER_THOUSAND
from station.notices.queries import Price
from station.notices.sms import Size
from station.notices.texts import Facts, Topic
from station.parcels import words
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said

bp = Blueprint("message_words", __name__)
idempotent.install(bp)

ONE = "/settings/words/<topic>/<language>"
# An example of one parcel, and of as many as a household gets after a sale.
EXAMPLES = (("12-3-3210",), ("12-3-3210", "6-2-3006", "M-1-41"))


@dataclass(frozen=True, slots=True)
class Example:
    """A message as it would be sent; `cost_minor` when the price is known, in the smallest unit, two decimals more."""

    text: str
    size: Size
    price: Price | None

    @property
    def cost(self) -> float | None:
        """What it costs, in the currency's main unit."""
        return self.size.parts * self.price.minor / PER_THOUSAND / 100 if self.price else None


@bp.get("/settings/words")
@needs(Permission.SETTINGS)
def page() -> ResponseReturnValue:
    """List the words of every topic in every language, and what the channels charge."""
    return _page(PriceForm())


def _page(form: PriceForm, status: int = 200) -> ResponseReturnValue:
    with reading():
        station_id = current_actor().station_id
        own: dict[tuple[str, str], str | None] = {}
        for version in queries.versions(station_id):
            own.setdefault((version.topic, version.language), version.body)
        prices = queries.prices(station_id)
    rows = [
        (topic, code, own.get((topic, code)), _ours(topic, code)) for topic in Topic for code in LANGUAGES
    ]
    page = render_template(
        "notices/words.html",
        rows=rows,
        prices=prices,
        channels=dict(CHANNELS),
        form=form,
        words=words,
        languages=LANGUAGES,
    )
    return page, status


def _ours(topic: Topic, code: str) -> str:
    with speaking(code):
        return texts.draft(topic)


@bp.post("/settings/words/price")
@needs(Permission.SETTINGS)
def price() -> ResponseReturnValue:
    """Keep what a channel charges from now on."""
    form = PriceForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    chosen, channel = form.value, form.channel.data

    def act(actor: Actor) -> None:
        wording.set_price(actor, channel, chosen)

    body = {"channel": channel, "price": chosen.minor, "currency": chosen.currency}
    if act_once("message_words.price", body, act).status == OK:
        flash(_("Saved."))
    return redirect(url_for("message_words.page"), 303)


@bp.route(ONE, methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def edit(topic: str, language: str) -> ResponseReturnValue:
    """Show and change the words of one topic in one language; `ours` goes back to the product's."""
    chosen = _topic(topic, language)
    form = WordsForm()
    if not form.is_submitted():
        with reading():
            own = queries.own_words(current_actor().station_id, chosen, language)
        form.body.data = own or _ours(chosen, language)
        return _editor(form, chosen, language)
    is_back = "ours" in request.form
    if not is_back and not form.validate():
        return _editor(form, chosen, language, status=422)

    def act(actor: Actor) -> Body:
        if is_back:
            return {"changed": wording.use_ours(actor, chosen, language)}
        return {"changed": wording.choose(actor, chosen, language, body=form.body.data or "")}

    wanted = {"topic": topic, "language": language, "ours": is_back, **({} if is_back else said(form))}
    answer = act_once("message_words.edit", wanted, act)
    if answer.status != OK:
        return _editor(form, chosen, language, refusal=answer.body["message"], status=answer.status)
    flash(_("Saved.") if answer.body["changed"] else _("Nothing was changed."))
    return redirect(url_for("message_words.page"), 303)


def _topic(topic: str, language: str) -> Topic:
    if topic not in set(Topic) or language not in LANGUAGES:
        raise StationError("not_found", _("There is no such message."))
    return Topic(topic)


def _editor(
    form: WordsForm, topic: Topic, language: str, *, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    station_id = current_actor().station_id
    with reading():
        found = queries.versions(station_id)
        versions = [one for one in found if (one.topic, one.language) == (topic, language)]
        names = accounts.names(station_id, [f"staff:{one.made_by}" for one in versions])
        shown = _preview(station_id, topic, language, form.body.data or "")
    page = render_template(
        "notices/words_edit.html",
        form=form,
        topic=topic,
        language=language,
        refusal=refusal,
        versions=versions,
        names=names,
        words=words,
        languages=LANGUAGES,
        variables=[one for one in templates.Variable if one in templates.ALLOWED[topic]],
        required=templates.REQUIRED[topic],
        limit=templates.LIMIT,
        **shown,
    )
    return page, status


@bp.get(f"{ONE}/preview")
@needs(Permission.SETTINGS)
def preview(topic: str, language: str) -> ResponseReturnValue:
    """Show what messages with the words typed so far would say, or what is wrong with the words."""
    chosen = _topic(topic, language)
    with reading():
        shown = _preview(current_actor().station_id, chosen, language, request.args.get("body", ""))
    return render_template("notices/_preview.html", language=language, **shown)


def _preview(station_id: int, topic: Topic, language: str, body: str) -> dict[str, list[str] | list[Example]]:
    wrong = templates.problems(topic, body)
    if wrong:
        return {"wrong": wrong, "examples": []}
    station = network.station(station_id)
    prices = queries.prices(station_id)
    price = next((prices[channel] for channel, _label in CHANNELS if channel in prices), None)
    plain = templates.clean(body)
    today = network_service.today(station.zone)
    with speaking(language):
        shown = [_example(topic, codes, plain, station.name, today) for codes in EXAMPLES]
    return {"wrong": [], "examples": [Example(text, sms.size(text), price) for text in shown]}


def _example(topic: Topic, codes: tuple[str, ...], body: str | None, name: str, day: date) -> str:
    facts = Facts(name, codes, day, asks_consent=False, link="https://example.org/l/Kq7dTx")
    return texts.signed(name, texts.write(topic, facts, body))
