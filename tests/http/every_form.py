"""What every form and request that writes says: enough to get as far as its key, and for FORMS to be done."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.factories import waybill

FORM_ROOMS = ("accounts", "courier_people", "days", "network", "shelves")


@dataclass(frozen=True)
class Form:
    """A form: where it goes, what it says, and what it says `again` that differs (None: it can say nothing else).

    `again_at`: where it goes then. `first`: forms sent before it. Names in braces are those of `names`.
    """

    path: str
    data: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[str, str] | None = field(default_factory=dict)
    again_at: str = ""
    first: tuple[str, ...] = ()


STAFF = {"name": "Sun Li", "login": "sun.li", "role": "clerk"}
PLACE = {"version": "{version}", "name": "Elm", "city": "杭州", "zone": "Asia/Tokyo", "language": "en"}
EXTENSION = {"extensions_most": "1", "extension_h": "24", "unclaimed_days": "184"}
STORAGE = {
    "version": "{version}",
    "remind_h": "12",
    "overdue_h": "48",
    "alert_h": "72",
    "return_h": "168",
    **EXTENSION,
}
RESTS = {"cool_normal_h": "168", "cool_tight_h": "72", "cool_floor_h": "24"}
NUMBERING = {"version": "{version}", "numbering": "counter", **RESTS}
MESSAGES = {
    "version": "{version}",
    "unknown_consent": "set_aside",
    "notice_delay_s": "0",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
}
HOURS = {"version": "{version}", "opens-0-0": "08:00", "closes-0-0": "12:00"}
HOLIDAY = {"kind": "holiday", "first_day": "{soon}", "last_day": "", "reason": "Spring Festival"}
PUBLIC = {"version": "{version}", "holiday_calendar": "china"}
SHELF = {"code": "12", "layers": "3", "capacity": "40", "size_class": "small"}
LAYERS = {
    f"{name}_{layer}": value
    for layer in (1, 2, 3)
    for name, value in (("capacity", "9"), ("size", "large"), ("numbers", "500"))
}
COURIER = {"name": "Zhao Lei", "phone": "13700005678", "carriers": "zto"}

FORMS = {
    "accounts.sign_out_everywhere": Form("/sign-out-everywhere", again=None),
    "accounts.add_staff": Form("/staff", STAFF, {"login": "li.sun"}),
    "accounts.attach_staff": Form(
        "/staff/known", {"known_login": "{stranger}", "known_role": "clerk"}, {"known_role": "manager"}
    ),
    "accounts.rename_staff": Form("/staff/{clerk}/name", {"name": "Zhao Min"}, {"name": "Min Zhao"}),
    "accounts.change_role": Form("/staff/{clerk}/role", {"role": "manager"}, {"role": "clerk"}),
    "accounts.disable_staff": Form("/staff/{clerk}/disable", again_at="/staff/{manager}/disable"),
    "accounts.enable_staff": Form("/staff/{clerk}/enable", again_at="/staff/{manager}/enable"),
    "accounts.reset_password": Form("/staff/{clerk}/password", again_at="/staff/{manager}/password"),
    "accounts.add_device": Form("/devices", {"name": "Gate scanner"}, {"name": "Door scanner"}),
    "accounts.rename_device": Form("/devices/{device}/name", {"name": "Gate"}, {"name": "Door"}),
    "accounts.revoke_device": Form("/devices/{device}/revoke", again_at="/devices/{spare}/revoke"),
    "courier_people.invite": Form("/couriers/invite", COURIER, {"name": "Lei Zhao"}),
    "courier_people.invite_again": Form("/couriers/{courier}/invite", again_at="/couriers/{mate}/invite"),
    "courier_people.take_back": Form(
        "/couriers/invitations/{invited}/end", again_at="/couriers/invitations/{invited_too}/end"
    ),
    "courier_people.confirm": Form(
        "/couriers/asking/{asking}/confirm", {"carriers": "sf"}, {"carriers": "jd"}
    ),
    "courier_people.refuse": Form(
        "/couriers/asking/{asking}/refuse", again_at="/couriers/asking/{asking_too}/refuse"
    ),
    "courier_people.change_carriers": Form(
        "/couriers/{courier}/carriers", {"carriers": "sf"}, {"carriers": "jd"}
    ),
    "courier_people.disable": Form("/couriers/{courier}/disable", again_at="/couriers/{mate}/disable"),
    "courier_people.enable": Form("/couriers/{courier}/enable", again_at="/couriers/{mate}/enable"),
    "courier_people.end_phone": Form(
        "/couriers/{courier}/phones/{phone}/end", again_at="/couriers/{mate}/phones/{phone}/end"
    ),
    "network.station": Form("/settings/station", PLACE, {"name": "Oak"}),
    "network.storage": Form("/settings/storage", STORAGE, {"remind_h": "13"}),
    "network.numbering": Form("/settings/numbering", NUMBERING, {"cool_normal_h": "169"}),
    "network.messages": Form("/settings/messages", MESSAGES, {"notice_delay_s": "60"}),
    "network.hours": Form("/settings/hours", HOURS, {"closes-0-0": "13:00"}),
    "network.days": Form("/settings/days", HOLIDAY, {"reason": "Storm"}),
    "network.public_holidays": Form("/settings/holidays", PUBLIC, {"closes_on_holidays": "y"}),
    "network.remove_day": Form("/settings/days/{holiday}/remove", again_at="/settings/days/{closure}/remove"),
    "shelves.add": Form("/shelves/add", SHELF, {"code": "13"}),
    "shelves.shelf": Form("/shelves/{shelf}", LAYERS, {"capacity_1": "8"}),
    "shelves.retire": Form("/shelves/{shelf}/retire", again_at="/shelves/{next_shelf}/retire"),
    "shelves.reopen": Form("/shelves/{shelf}/reopen", again_at="/shelves/{next_shelf}/reopen"),
    "days.open_day": Form("/day/open", again=None),
    "days.start_shift": Form("/day/shift/start", again=None),
    "days.end_shift": Form("/day/shift/end", again=None, first=("/day/shift/start",)),
    "days.close_day": Form("/day/{today}/close", again_at="/day/{before}/close"),
    "days.correct": Form("/day/{closed}/correct", {"text": "One more."}, {"text": "One less."}),
}

CAMPAIGN = {
    "version": "1",
    "title": "Oranges",
    "unit": "box",
    "supplier": "1",
    "storage": "room",
    "from_total-0": "1",
    "price-0": "29.90",
    "pays": "before",
    "cut_off_at": "2026-11-30T20:00",
    "at_cut_off": "close",
    "arrives_on": "2026-12-02",
    "unclaimed": "refund",
}

# Forms about what is there, most of them a resident's own: else nothing is said of a key.
MINE = {
    "group_buys.change": Form("/group-buys/{group_buy}/edit", CAMPAIGN),
    "me_choices.choose_place": Form("/me/choices/{mine}/place", {"choice": "station"}),
    "me_choices.choose_messages": Form("/me/choices/{mine}/messages", {"channel": "none"}),
    "me_choices.agree": Form("/me/choices/{mine}/agreements/face", {"version": "1", "given_by": "self"}),
    "me_choices.withdraw": Form("/me/choices/{mine}/agreements/face/withdraw"),
    "me_choices.answer_question": Form("/me/parcels/{my_parcel}/answer", {"answer": "yes"}),
    "me_extension.longer": Form("/me/parcels/{my_parcel}/longer"),
    "me_extension.tomorrow": Form("/me/parcels/{my_parcel}/tomorrow"),
    "me_links.answer": Form("{link}/answer", {"answer": "yes"}),
    "me_links.longer": Form("{link}/longer"),
    "me_links.tomorrow": Form("{link_page}/tomorrow"),
    "me_proxies.give": Form("/me/proxies/give", {"what": "{everything}"}),
    "me_proxies.revoke": Form("/me/proxies/{proxy}/revoke"),
    "me_data.take_export": Form("/me/export"),
    "me_data.do_erase": Form("/me/erase"),
}

ONE = {"parcel": "1"}
MAIL = {
    "version": "0",
    "position": "1",
    "host": "smtp.example.com",
    "port": "587",
    "security": "starttls",
    "sender": "maple@station.example",
}
ALIPAY = {
    "version": "0",
    "app_id": "2021000000000001",
    "seller_id": "2088000000000001",
    "page": "link",
    "alipay_public_key": "k",
}
SCAN = {"value": "SF1000000000012", "scanned_at": "2026-11-21T09:00:00+00:00"}
WISH = {"quantity": "2", "tolerance": "1", "point": "1"}
# What the other rooms' requests say: enough to get as far as their key.
SAID: dict[str, Mapping[str, Any]] = {
    "charges.charge": {"amount": "5", "reason": "gift wrap"},
    "drops.count": {"count": "1"},
    "journals.reverse": {"reason": "typed wrong"},
    "ledger.close_day": {"day": "2026-11-20"},
    "drawer.count": {"moment": "open", "amount": "5"},
    "drawer.explain": {"reason": "wrong change"},
    "drawer.bank": {"amount": "5"},
    "money_moves.move": {"source": "cash:", "target": "bank:", "amount": "5", "reason": "to the bank"},
    "money_settings.change": {"currency": "CNY", "fee": "0", "free_days": "7", "stays": "0"},
    "parcel_fees.change": {
        "carrier": "zto",
        "fee": "0.30",
        "earned_by": "handed_over",
        "first_day": "2026-11-21",
    },
    "settlements.fine": {"fine": "5", "why": "a complaint"},
    "settlements.settle": {
        "direction": "pay",
        "amount": "5",
        "way": "bank",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
    },
    "me_pay.ahead": {"amount": "5", "way": "test"},
    "me_pay.order": {"order": "1", "way": "test"},
    "payment_counter.take": {"amount": "5", "way": "cash"},
    "payment_scan.scan": {"code": "281234567890123456"},
    "payment_counter.back": {"amount": "5", "reason": "mistake"},
    "payments.refund": {"amount": "5", "reason": "mistake"},
    "payment_providers.provider": ALIPAY,
    "reconciliation.fetch": {"provider": "alipay", "day": "2026-11-20"},
    "reconciliation.upload": {
        "provider": "alipay",
        "day": "2026-11-20",
        "file": (io.BytesIO(b"#"), "bill.csv"),
    },
    "reconciliation.explain": {"note": "Paid back by hand."},
    "group_buys.create": CAMPAIGN,
    "group_desk.order": WISH | {"recipient": "1"},
    "group_desk.change": WISH,
    "group_claims.make": {"problem": "bad", "units": "1"},
    "group_claims.refund": {"units": "1", "borne_by": "supplier"},
    "group_claims.refuse": {"reason": "The photo shows another box."},
    "me_group_claims.make": {"problem": "bad", "units": "1"},
    "me_group_buys.order": WISH,
    "me_group_buys.change": WISH,
    "group_news.postpone": {"day": "2026-12-24"},
    "group_news.use": {"units": "1", "way": "returned"},
    "group_sharing.call_off": {"reason": "Nothing will come"},
    "group_sharing.count": {"crate": "A", "counted": "2"},
    "group_sharing.recount": {"counted": "2"},
    "group_sharing.shelve": {"value": "SHELF:1-1"},
    "group_sharing.release": {"bag": "1"},
    "group_sharing.clear": {"bag": "1"},
    "suppliers.add": {"name": "Hill Farm", "language": "en"},
    "suppliers.change": {"name": "Hill Farm", "language": "en"},
    "hand_over.take": {"person": "r1", "value": waybill()},
    "hand_over.together": ONE,
    "hand_over.proof": ONE | {"kind": "signature"},
    "hand_over.undo": ONE | {"reason": "not_taken"},
    "parcel.undo_hand_over": {"reason": "not_taken"},
    "parcel.add_picture": {"kind": "signature"},
    "parcel.unmask": {"reason": "call"},
    "people.unmask": {"reason": "call"},
    "people.link": {"phone": "17012345678,8462"},
    "notice_channels.channel": MAIL,
    "notice_channels.test": {"to": "maple@station.example"},
    "parcels.bulk": ONE | {"action": "remind"},
    "returns.open_one": {"carrier": "sf"},
    "returns.add": {"value": waybill()},
    "stocktakes.take": {"value": waybill()},
    "stocktake_findings.settle": {"one": f"lost {waybill()}"},
    "returns.take_off": ONE,
    "returns.sign": {"courier_name": "Zhao", "seen": "0"},
    "hand_backs.sign": {"seen": "0"},
    "hand_backs.refuse": ONE | {"reason": "not_there"},
    "courier_disputes.open_one": ONE | {"claim": "damaged"},
    "disputes.open_one": ONE | {"claim": "damaged"},
    "disputes.answer": {"answer": "We look."},
    "disputes.settle": {"outcome": "settle_for_station"},
    "manifests.upload": {"file": (io.BytesIO(b"waybill\nSF1000000000012\n"), "sf.csv")},
    "manifests.start": {"waybill": "0", "first_row": "2", "expected_on": "2026-11-21", "carrier": ""},
    "unclaimed.enter": {"waybill": waybill(), "reason": "no_sender"},
    "message_words.price": {"channel": "webhook", "price": "45", "currency": "CNY"},
    "message_words.edit": {"body": "Code {codes}"},
    "labels.confirm": {"waybill": waybill(), "carrier": ""},
    "carrier_keys.add": {"name": "SF", "carrier": "sf", "scopes": "events", "per_minute": "60"},
    "carrier_keys.rotate": {"days": "7"},
    "webhooks.add": {"carrier": "sf", "url": "https://carrier.example/"},
    "webhooks.replay": {"after": "0"},
    "webhooks.resend": {"delivery": "1"},
    "kiosks.make_code": {"name": "Door kiosk"},
    "kiosks.rename": {"name": "Door kiosk"},
    "kiosk_cases.settle": {"note": "It was found on shelf 2."},
}
AT = "2026-11-21T09:00:00+00:00"
REPLAY = {
    "key": "a-kiosk-key",
    "session": {"way": "face", "recipient_id": "1", "began_at": AT},
    "parcel_id": "1",
    "waybill": "SF1000000000012",
    "at": AT,
}
SENT: dict[str, Mapping[str, Any]] = {
    "check_in.scan": SCAN,
    "check_in.answer": {"waybill": "SF1000000000012"},
    "check_in.undo": {},
    "check_in.damaged": {},
    "hand_over.scan": SCAN | {"person": "r1"},
    "group_sharing.scan": SCAN,
    "returns.scan": SCAN,
    "stocktakes.scan": SCAN | {"layer": "1"},
    "parcels_api.check_in": {"waybill": "SF1000000000012", "shelf": "1", "layer": 1},
    "parcels_api.check_in_batch": {"parcels": [{"waybill": "SF1000000000012", "shelf": "1", "layer": 1}]},
    "parcels_api.hand_over_one": {},
    "parcels_api.hand_over_many": {"waybills": ["SF1000000000012"]},
    "parcels_api.undo": {"reason": "not_taken"},
    "residents_api.identify_resident": {"code": "ID:"},
    "disputes_api.open_one": {"manifest_id": "1", "waybills": ["SF1000000000012"], "claim": "damaged"},
    "disputes_api.withdraw": {},
    "manifests_api.announce": {"rows": [{"waybill": "SF1000000000012"}]},
    "tracking_api.add_webhook": {"url": "https://carrier.example/"},
    "tracking_api.end_webhook": {},
    "tracking_api.replay_webhook": {"after": "0"},
    "tracking_api.resend": {"delivery_id": "1"},
    "kiosks_api.begin_session": {"way": "identity_code", "text": "ID:", "at": AT},
    "kiosks_api.release": {"session_id": "1", "parcel_id": "1", "waybill": "SF1000000000012", "at": AT},
    "kiosks_api.replay": REPLAY,
    "kiosk_watch_api.alert": {"kind": "staff_called", "at": AT},
    "kiosk_watch_api.photo": {"hand_over_id": "1", "taken_at": AT, "jpeg": "/9j/"},
    "kiosk_watch_api.thumbnail": {"taken_at": AT, "jpeg": "/9j/"},
    "kiosk_watch_api.enrol_face": {"session_id": "1", "version": 1, "language": "en", "at": AT},
    "kiosk_watch_api.face_gone": {"recipient_id": "1", "reason": "unused", "at": AT},
    "kiosk_watch_api.faces_used": {"recipient_ids": ["1"], "at": AT},
}
DEEDS = {
    "suppliers.decide": "retire",
    "parcel.change": "remind",
    "parcel.write_off": "confirm",
    "unclaimed.change": "remove",
    "unclaimed.disposal": "confirm",
}
