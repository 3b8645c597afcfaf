"""How far a group buy has come before anything may happen: scenes that lead the machine there and say what they reach.

Each scene takes the same ways as the machine's own rules, so everything is checked after each of its steps. All scenes
together reach every step of the tables of life cycles; what is drawn at random then begins behind them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from station.claims.rules import BorneBy
from station.core import clock
from station.group_buys import bags, calling_off, campaigns, offers, unclaimed, waiting
from station.group_buys.plans import AtCutOff, Pays, UnclaimedRule
from station.group_buys.surplus_uses import Way
from station.ledger.chart import JournalKind
from station.payments.provider import RefusedError
from station.residents import merging
from tests.group_buys import make_draft
from tests.properties.group_buy_wishes import PEOPLE

DAY = 24 * 60  # minutes
TO_THE_SHELF = 5  # stages from the cut-off to packed bags
MONEY = 50_000  # minor units: enough for anything
USUAL = {
    "box_size": 1,
    "minimum_total": 1,
    "maximum_total": None,
    "pays": Pays.BEFORE,
    "at_cut_off": AtCutOff.CLOSE,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A beginning: the terms it needs, orders (who, units, whether at the partner's) that are paid ahead, what follows.

    `reaches`: the steps it is there for, as group_buy_trace.py names them.
    """

    name: str
    play: Callable[[Any], None]
    reaches: frozenset[str]
    orders: tuple[tuple[int, int, bool], ...] = ()
    terms: dict[str, Any] | None = None

    def begin(self, machine: Any, terms: dict[str, Any]) -> None:
        """Lead a machine there from an empty station; `terms`: what the scene leaves open."""
        machine.start({**terms, **USUAL, **(self.terms or {})})
        for who, units, is_away in self.orders:
            machine.cash(who, MONEY)
            machine.order(0, who, units, 0, is_away=is_away)
        self.play(machine)


def reaching(*steps: str) -> frozenset[str]:
    """Return steps as group_buy_trace.py names them, from one line for each kind."""
    found = (line.split(": ") for line in steps)
    return frozenset(f"{name} {arrow}" for name, arrows in found for arrow in arrows.split(", "))


def mine(machine: Any, who: int) -> int:
    """Return which order is somebody's newest."""
    person = machine.people[who].id
    return max(at for at, one in enumerate(machine.seen.orders.values()) if one.recipient_id == person)


def to_the_shelves(machine: Any, bags_made: int) -> None:
    """Cut off, count all of it, pack, and put each bag on its shelf."""
    machine.go_on(0, TO_THE_SHELF + bags_made, came=0, damaged=0)


def pay_for_orders(m: Any) -> None:
    """Six units are there: who pays has them, who pays in part or late waits, and the list moves up in turn."""
    m.cash(0, MONEY)
    m.order(0, 0, 2, 0, is_away=False)
    m.order(0, 1, 3, 0, is_away=False)
    m.cash(1, 999)
    assert m.orders_in("held")  # a part of the money is none
    m.cash(1, 3000)
    m.order(0, 2, 3, 0, is_away=False)
    m.order(0, 3, 1, 0, is_away=False)
    m.change(mine(m, 2), 1, 0)
    m.time_goes_by(DAY + 60, [waiting.let_holds_fall, waiting.let_holds_fall])
    m.cash(3, MONEY)
    m.order(0, 2, 1, 0, is_away=False)
    m.cash(2, MONEY)
    m.take_back(mine(m, 0))


def take_back(m: Any) -> None:
    """Orders are taken back before they are paid, and from the list."""
    m.order(0, 1, 1, 0, is_away=False)
    m.order(0, 2, 1, 0, is_away=False)
    m.take_back(mine(m, 2))
    m.take_back(mine(m, 1))
    m.take_back(mine(m, 1))


def come_to_nothing(m: Any) -> None:
    """The minimum is missed; another is given up as a draft, a third while it is open."""
    m.go_on(0, 1, came=0, damaged=0)
    with clock.use(m.clock):
        opened, given_up = make_draft(m.home), make_draft(m.home)
    m.check()
    m.act(campaigns.open_campaign, m.home.manager, opened)
    m.order(1, 0, 2, 1, is_away=False)
    m.act(campaigns.cancel, m.home.manager, opened, reason="no harvest")
    m.act(campaigns.cancel, m.home.manager, given_up, reason="")


def call_off_closed(m: Any) -> None:
    m.go_on(0, 1, came=0, damaged=0)
    m.call_off(0, campaigns.cancel)
    m.call_off(0, calling_off.call_off)


def call_off_ordered(m: Any) -> None:
    m.go_on(0, 2, came=0, damaged=0)
    m.call_off(0, calling_off.call_off)


def come_short(m: Any) -> None:
    """Of four units two come and one of these is broken; two get nothing and take their money home."""
    m.go_on(0, 4, came=-2, damaged=1)
    m.count_again(0, 6, is_known=True)
    m.refund(1, 999, None)
    m.go_on(0, 2, came=0, damaged=0)


def collect(m: Any) -> None:
    """Everybody collects, here and at the partner's; one bag comes back and is collected again."""
    to_the_shelves(m, 2)
    for which in range(2):
        m.collect(which)
    m.all_jobs()
    m.bring_back(0)
    m.all_jobs()
    m.collect(0)
    m.all_jobs()


def take_an_offer(m: Any) -> None:
    """The first lets others have it; the next declines, the one behind takes it and collects."""
    to_the_shelves(m, 1)
    m.let_others_have_it(0, offers.decline)
    m.answer_an_offer(0, offers.accept)
    m.collect(0)
    m.all_jobs()


def let_an_offer_pass(m: Any) -> None:
    """Who is asked does not answer; nobody else waits, and the rule gives the money back."""
    to_the_shelves(m, 1)
    m.act(unclaimed.agree_release, m.home.clerk, m.orders_in("ready")[0])
    m.time_goes_by(DAY + 60, [unclaimed.run, bags.follow, unclaimed.run])
    m.time_goes_by(9 * DAY, [unclaimed.run, unclaimed.run])
    m.all_jobs()


def leave(m: Any) -> None:
    """One says that others may have it and comes after all, another never comes."""
    to_the_shelves(m, 2)
    m.act(unclaimed.agree_release, m.home.clerk, m.orders_in("ready")[0])
    m.collect(0)
    m.time_goes_by(9 * DAY, [bags.follow, unclaimed.run, unclaimed.run])
    m.clear_the_shelf(0)
    m.all_jobs()


def write_off(m: Any) -> None:
    """A bag here and one at the partner's, which no job has looked at yet, are destroyed."""
    to_the_shelves(m, 2)
    for _bag in range(2):
        m.write_off(0)
    m.all_jobs()


def hear_of_payments(m: Any) -> None:
    """The provider's word comes twice, forged, out of order, and after nobody waits any more."""
    m.ask(0, 3000, is_paid=False)
    m.answer_what_was_asked(0, is_paid=False)
    m.hear(0, 2)
    m.answer_what_was_asked(0, is_paid=True)
    m.hear_a_forger(1, "amount_minor", "1")
    m.hear(1, 2)
    m.hear(0, 1)
    for _twice in range(2):
        m.ask(1, 3000, is_paid=True)
    m.hear(3, 1)
    m.hear(2, 2)
    m.ask(2, 3000, is_paid=False)
    m.time_goes_by(31, [])
    m.ask_the_provider()
    m.answer_what_was_asked(3, is_paid=True)
    m.hear(4, 1)
    m.refund(0, 999, "one")
    m.provider_answers(0, RefusedError("no_money"))
    m.refund(0, 999, "two")
    m.provider_answers(0, None)


def take_back_in_the_books(m: Any) -> None:
    """Charges and payments are reversed, days are closed between, and what was reversed is not refunded."""
    m.cash(0, 3000)
    m.charge(0, 999)
    m.close_the_day()
    m.reverse(0, JournalKind.CHARGE)
    m.reverse(0, JournalKind.PAYMENT)
    m.refund(0, 999, "one")
    m.undo(0)
    m.time_goes_by(DAY, [])
    m.cash(0, 3000)
    m.close_the_day()


def become_one(m: Any) -> None:
    """Somebody is known under two names and orders by one of them; then the two are one, who pays and collects."""
    m.order(0, PEOPLE - 1, 2, 0, is_away=False)
    to_the_shelves(m, 1)
    m.merge(merging.merge)
    m.cash(0, MONEY)
    m.all_jobs()
    m.collect(0)
    m.all_jobs()


def complain(m: Any) -> None:
    """What was collected is not as it should be: three units are refunded, one is refused, one withdrawn."""
    to_the_shelves(m, 2)
    for which in range(2):
        m.collect(which)
    m.all_jobs()
    for claimed in (2, 1):  # one after the other, as parts are rounded
        m.complain(0, claimed)
        m.answer_a_complaint(0, BorneBy.SUPPLIER, 1)
    for answer in ("refuse", "withdraw", BorneBy.STATION):
        m.complain(1, 1)
        m.answer_a_complaint(0, answer, 1)


def complain_of_goods_taken_over(m: Any) -> None:
    """Who took goods over complains; what comes back after that and is left is given back but for that."""
    to_the_shelves(m, 1)
    m.let_others_have_it(0, offers.accept)
    m.collect(0)
    m.all_jobs()
    m.complain(0, 1)
    m.answer_a_complaint(0, BorneBy.SUPPLIER, 1)
    m.bring_back(0)
    m.all_jobs()
    m.time_goes_by(9 * DAY, [bags.follow, unclaimed.run])


def share_what_is_left(m: Any) -> None:
    """Four more come than were ordered: one is taken, one declined, one not answered; staff do the rest."""
    m.go_on(0, 4, came=5, damaged=0)
    m.answer_an_offer(0, offers.accept)
    m.answer_an_offer(0, offers.decline)
    for way in (Way.SOLD, Way.SOLD, Way.RETURNED):
        m.use_what_is_left(0, 1, way)
    m.time_goes_by(DAY + 60, [unclaimed.run])
    m.use_what_is_left(0, 1, Way.GIVEN_AWAY)
    m.go_on(0, 3, came=0, damaged=0)
    m.collect(0)
    m.all_jobs()


HERE, AWAY = False, True
SCENES = (
    Scene(
        "pay for orders",
        pay_for_orders,
        reaching("order: held → placed, held → fallen, placed → cancelled, waiting → held, waiting → placed"),
        terms={"maximum_total": 6},
    ),
    Scene(
        "take orders back",
        take_back,
        reaching("order: held → cancelled, waiting → cancelled"),
        terms={"maximum_total": 1},
    ),
    Scene(
        "come to nothing",
        come_to_nothing,
        reaching(
            "campaign: draft → open, draft → cancelled, open → failed, open → cancelled",
            "order: placed → fallen, waiting → fallen",
        ),
        orders=((0, 4, HERE), (1, 3, HERE)),
        terms={"minimum_total": 6, "maximum_total": 6, "at_cut_off": AtCutOff.CLOSE_IF_MINIMUM},
    ),
    Scene(
        "called off after the cut-off",
        call_off_closed,
        reaching(
            "campaign: open → closed, closed → cancelled",
            "order: placed → allocated, placed → nothing, allocated → closed",
        ),
        orders=((0, 3, HERE), (1, 1, AWAY)),
        terms={"box_size": 3},
    ),
    Scene(
        "called off after the supplier's order",
        call_off_ordered,
        reaching("campaign: closed → ordered, ordered → cancelled", "order: allocated → closed"),
        orders=((0, 3, HERE), (1, 1, AWAY)),
    ),
    Scene(
        "come short",
        come_short,
        reaching("campaign: ordered → arrived, arrived → sharing", "order: allocated → nothing"),
        orders=((0, 2, HERE), (1, 1, AWAY), (2, 1, HERE)),
    ),
    Scene(
        "collect",
        collect,
        reaching(
            "campaign: sharing → finished",
            "order: allocated → ready, ready → collected, collected → ready",
            "bag: packed → ready, ready → collected, packed → collected, collected → ready",
        ),
        orders=((0, 2, HERE), (1, 2, AWAY)),
    ),
    Scene(
        "take an offer",
        take_an_offer,
        reaching(
            "order: ready → unclaimed, unclaimed → closed, waiting → ready",
            "bag: ready → left, left → settled",
            "offer: open → declined, open → taken",
        ),
        orders=((0, 2, HERE), (1, 2, HERE), (2, 2, HERE)),
        terms={"maximum_total": 2},
    ),
    Scene(
        "let an offer pass",
        let_an_offer_pass,
        reaching("offer: open → over", "order: unclaimed → closed, waiting → fallen", "unclaimed: refund"),
        orders=((0, 2, HERE), (1, 2, HERE)),
        terms={"maximum_total": 2, "unclaimed_rule": UnclaimedRule.REFUND},
    ),
    Scene(
        "leave for good causes",
        leave,
        reaching("order: unclaimed → collected", "bag: left → collected", "unclaimed: donate"),
        orders=((0, 2, HERE), (1, 2, HERE)),
        terms={"unclaimed_rule": UnclaimedRule.DONATE, "collect_h": None},
    ),
    Scene(
        "leave for nothing",
        leave,
        reaching("order: unclaimed → collected", "bag: left → collected", "unclaimed: keep_charge"),
        orders=((0, 2, HERE), (1, 2, HERE)),
        terms={"unclaimed_rule": UnclaimedRule.KEEP_CHARGE, "collect_h": None},
    ),
    Scene(
        "write off",
        write_off,
        reaching("order: ready → closed", "bag: ready → settled, packed → settled"),
        orders=((0, 2, HERE), (1, 2, AWAY)),
    ),
    Scene(
        "hear of payments",
        hear_of_payments,
        reaching(
            "payment: asked → paid, asked → failed, asked → expired, failed → paid, expired → paid",
            "refund: asked → failed, asked → done",
        ),
    ),
    Scene(
        "complain",
        complain,
        reaching(
            "claim: open → refunded, open → refused, open → withdrawn",
            "borne: by supplier, by station",
        ),
        orders=((0, 3, HERE), (1, 2, AWAY)),
        terms={"commission_bp": 333},
    ),
    Scene(
        "complain of goods taken over",
        complain_of_goods_taken_over,
        reaching("claim: open → refunded", "borne: by supplier", "unclaimed: refund"),
        orders=((0, 2, HERE), (1, 2, HERE)),
        terms={"maximum_total": 2, "unclaimed_rule": UnclaimedRule.REFUND},
    ),
    Scene(
        "share what is left over",
        share_what_is_left,
        reaching(
            "order: waiting → allocated",
            "left: over taken, over declined, over over, over sold, over returned, over given_away",
        ),
        orders=((0, 2, HERE), (1, 1, HERE), (2, 1, HERE), (3, 1, HERE)),
        terms={"maximum_total": 2},
    ),
    Scene("take back in the books", take_back_in_the_books, reaching()),
    Scene("become one", become_one, reaching("order: ready → collected"), terms={"pays": Pays.AT_PICKUP}),
)
