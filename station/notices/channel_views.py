"""Pages of a station's channels: which there are, what each needs, and a test that really sends."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core import crypto, ids, phones
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.network import queries as network
from station.notices import channel_settings, forms, texts
from station.notices.channel_settings import KINDS, ChannelName, Draft, Saved
from station.notices.channels import ChannelError, Message
from station.parcels import words
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said

bp = Blueprint("notice_channels", __name__)
idempotent.install(bp)

TITLES = {
    ChannelName.SMS_ALIYUN: _l("Text messages through Aliyun"),
    ChannelName.WEBHOOK: _l("Another gateway (signed webhook)"),
    ChannelName.EMAIL: _l("E-mail"),
}
NOBODY = phones.Phone(phones.PhoneKind.MOBILE, "")  # a test mail needs no number


@bp.get("/settings/channels")
@needs(Permission.SETTINGS)
def channels() -> ResponseReturnValue:
    """List the channels in the order in which they are tried."""
    with reading():
        found = {
            channel.name: channel for channel in channel_settings.for_station(current_actor().station_id)
        }
    names = [*found, *(name for name in ChannelName if name not in found)]
    listed = [(name, TITLES[name], found.get(name)) for name in names]
    return render_template("notices/channels.html", listed=listed, is_console=not found)


@bp.route("/settings/channels/<name>", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def channel(name: str) -> ResponseReturnValue:
    """Show and change one channel; its secret is never shown again."""
    kind, before = _known(name)
    form = forms.FORMS[kind](data=_values(before))
    refusal, status = "", 200
    if form.validate_on_submit():
        answer = act_once("notice_channels.channel", _said(kind, form), _saving(kind, form))
        if answer.status == OK:
            flash(_("Saved.") if answer.body["changed"] else _("Nothing was changed."))
            return redirect(url_for("notice_channels.channel", name=name), 303)
        refusal, status = answer.body["message"], answer.status
    elif form.is_submitted():
        status = 422
    return _page(kind, before, form=form, status=status, refusal=refusal)


@bp.post("/settings/channels/<name>/test")
@needs(Permission.SETTINGS)
def test(name: str) -> ResponseReturnValue:
    """Send a message to a number or an address by one channel, and tell what the provider said."""
    kind, before = _known(name)
    form = forms.TestForm()
    if not form.validate():
        return _page(kind, before, test_form=form, status=422)
    fresh: list[int] = []

    def act(_actor: Actor) -> Body:
        if before is None:
            raise StationError("not_found", _("Set this channel up first."))
        fresh.append(ids.next_id())
        return {}

    # Only the right to send is kept with the key: a provider may take long, and no transaction waits for it.
    answer = act_once("notice_channels.test", {**said(form), "channel": name}, act)
    if before is None or answer.status != OK:
        refused = (False, answer.body["message"], "")
        return _page(kind, before, test_form=form, status=answer.status, outcome=refused)
    done = (
        _try(before, fresh[0], form.to.data or "") if fresh else (False, _("This test was sent before."), "")
    )
    return _page(kind, before, test_form=form, outcome=done)


def _known(name: str) -> tuple[ChannelName, Saved | None]:
    if name not in set(ChannelName):
        raise StationError("not_found", _("There is no such channel."))
    kind = ChannelName(name)
    with reading():
        return kind, channel_settings.saved(current_actor().station_id, kind)


def _values(before: Saved | None) -> dict[str, Any] | None:
    if before is None:
        return {"version": 0, "position": 1}
    place = {"version": before.version, "is_enabled": before.is_enabled, "position": before.position}
    return place | forms.as_typed(before.shown)


def _said(kind: ChannelName, form: forms.ChannelForm) -> Body:
    """Return what the form says; of the secret only what tells two of them apart to whoever holds our key."""
    body, secret = said(form), KINDS[kind].secret
    typed = crypto.keyed_hash("channel secret", body[secret] or "").hex()
    return {**body, secret: typed, "channel": kind.value}


def _saving(kind: ChannelName, form: forms.ChannelForm) -> Any:
    draft = Draft(form.is_enabled.data, form.position.data or 1, form.options)
    version = form.version.data or 0

    def act(actor: Actor) -> Body:
        return {"changed": bool(channel_settings.save(actor, kind, draft, version=version))}

    return act


def _page(
    kind: ChannelName,
    before: Saved | None,
    *,
    form: forms.ChannelForm | None = None,
    test_form: forms.TestForm | None = None,
    status: int = 200,
    **told: Any,
) -> ResponseReturnValue:
    page = render_template(
        "notices/channel.html",
        name=kind.value,
        title=TITLES[kind],
        saved=before,
        has_secret=bool(before and before.options.get(KINDS[kind].secret)),
        form=form or forms.FORMS[kind](formdata=None, data=_values(before)),
        test_form=test_form or forms.TestForm(formdata=None),
        **{"refusal": "", "outcome": None} | told,
    )
    return page, status


def _try(saved: Saved, message_id: int, to: str) -> tuple[bool, str, str]:
    """Send a test message; return whether it was taken, our words for that, and the provider's."""
    built = channel_settings.build(saved, current_app.config["SETTINGS"])
    message = _test_message(message_id, to)
    if message is None or not built.reaches(message.to, message.email):
        return False, _("This channel does not reach this number or address."), ""
    try:
        built.send(message)
    except ChannelError as error:
        return False, words.reason(error.reason), error.answer
    return True, _("The provider took the message. Look whether it arrives."), ""


def _test_message(message_id: int, to: str) -> Message | None:
    """Return a test message, None when `to` is neither a phone number nor an address."""
    with reading():
        station = network.station(current_actor().station_id).name
    text = texts.signed(station, _("This is a test message."))
    if "@" in to:
        return Message(message_id, NOBODY, text, subject=_("Test message"), email=to)
    phone = phones.parse(to)
    return Message(message_id, phone, text, variables={"station": texts.named(station)}) if phone else None
