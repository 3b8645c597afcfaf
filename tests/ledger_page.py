"""`python -m tests.ledger_page`: writes docs/ledger.md from the chart of accounts and examples; a test compares."""

from pathlib import Path

from station.core.money import plain_money
from station.ledger.chart import BY_HAND, CHART, JOURNAL_LABELS, AccountKind, AccountRef, JournalKind
from station.ledger.journal import VERSION, Journal, Move

PAGE = Path(__file__).parents[1] / "docs/ledger.md"
CASH, BANK = AccountRef(AccountKind.CASH), AccountRef(AccountKind.BANK)
PROVIDER = AccountRef(AccountKind.PROVIDER, "alipay")
RESIDENT = AccountRef(AccountKind.RESIDENT, "7")
SUPPLIER, PARTNER = AccountRef(AccountKind.SUPPLIER, "8"), AccountRef(AccountKind.STATION, "9")
COMMISSION, SERVICES = AccountRef(AccountKind.COMMISSION), AccountRef(AccountKind.SERVICES)
STORAGE_FEES = AccountRef(AccountKind.STORAGE_FEES)
CARRIER, PARCEL_FEES = AccountRef(AccountKind.CARRIER, "zto"), AccountRef(AccountKind.PARCEL_FEES)
FINES = AccountRef(AccountKind.FINES)
WASTE, DIFFERENCES = AccountRef(AccountKind.WASTE), AccountRef(AccountKind.DIFFERENCES)
PROVIDER_FEES, OPENING = AccountRef(AccountKind.PROVIDER_FEES), AccountRef(AccountKind.OPENING)

# What happens: its kind, and (debit, credit, minor units) of each move.
EXAMPLES = (
    ("Somebody pays 100 at the counter", JournalKind.PAYMENT, ((CASH, RESIDENT, 10_000),)),
    ("Somebody pays 50 through Alipay", JournalKind.PAYMENT, ((PROVIDER, RESIDENT, 5_000),)),
    (
        "At cut-off an order of 80 is charged: 10 % commission, 5 % for the station where it is collected",
        JournalKind.SALE,
        ((RESIDENT, SUPPLIER, 6_800), (RESIDENT, COMMISSION, 800), (RESIDENT, PARTNER, 400)),
    ),
    (
        "A quarter of it came broken: everybody gives back their part",
        JournalKind.GIVE_BACK,
        ((SUPPLIER, RESIDENT, 1_700), (COMMISSION, RESIDENT, 200), (PARTNER, RESIDENT, 100)),
    ),
    (
        "Goods nobody collected are given away, the buyer is refunded",
        JournalKind.WASTE,
        ((WASTE, RESIDENT, 2_000),),
    ),
    ("The balance is given back through Alipay", JournalKind.REFUND, ((RESIDENT, PROVIDER, 5_000),)),
    ("A service is charged by hand", JournalKind.CHARGE, ((RESIDENT, SERVICES, 1_250),)),
    (
        "Storage beyond the free days is charged at hand-over",
        JournalKind.STORAGE_FEE,
        ((RESIDENT, STORAGE_FEES, 150),),
    ),
    ("The supplier's month is settled", JournalKind.PAYOUT, ((SUPPLIER, BANK, 5_100),)),
    ("A supplier who owes the station pays it", JournalKind.PAY_IN, ((BANK, SUPPLIER, 900),)),
    (
        "A carrier pays 0.30 for each of 40 parcels of the day",
        JournalKind.PARCEL_FEE,
        ((CARRIER, PARCEL_FEES, 1_200),),
    ),
    ("A hand-over of it is undone later", JournalKind.PARCEL_FEE, ((PARCEL_FEES, CARRIER, 30),)),
    ("The carrier keeps a fine back", JournalKind.FINE, ((FINES, CARRIER, 500),)),
    ("The carrier's month is settled", JournalKind.PAY_IN, ((BANK, CARRIER, 670),)),
    ("The provider keeps its fee", JournalKind.PROVIDER_FEE, ((PROVIDER_FEES, PROVIDER, 30),)),
    ("Cash is taken to the bank", JournalKind.TRANSFER, ((BANK, CASH, 8_000),)),
    (
        "The first count finds the change that was there before",
        JournalKind.DRAWER,
        ((CASH, OPENING, 30_000),),
    ),
    ("One yuan is missing in the drawer", JournalKind.DRAWER, ((DIFFERENCES, CASH, 100),)),
)

HEAD = """# The ledger

A station's money in double entry. Drawn from `station/ledger/chart.py` by `python -m tests.ledger_page`; a test
compares them and posts the examples.

- Every posting is one amount that moves from one account (credit) to another (debit) in one currency, and its foreign
  keys hold both accounts and the journal to that currency. So every journal sums to zero by the shape of the table.
- Amounts are whole minor units. Each key is used once: the same journal under it is posted once, another is refused.
- Nothing is edited or deleted. A mistake is taken back by a reversal, which moves everything the other way, once.
- A day that is closed takes nothing more: what comes late counts for the next open day. The close keeps the trial
  balance as canonical JSON; its SHA-256 stands in the custody log (`ledger_day_closed`).
- Each journal is named in the custody log by its SHA-256 (`journal_posted`); `station verify` finds what was edited.
- What somebody types (a reason, a note) is encrypted in a row of its own, is no part of the hash, and can be erased.
"""
PRACTICE = """
## The drawer

A station has one drawer, and whoever takes money may count it at any time: *Money → Count the drawer*.

- *Opening*: is the change (备用金) still there? *In between*: at a change of shift. *Closing*: what goes to the bank.
- It is counted by banknotes and coins, which are summed, kept and printed, or the sum alone is typed. An amount that is
  not what the pieces come to is refused.
- What is typed is written down before anybody sees what the books expect. A difference is booked at once against
  `differences`; its reason is said on the next page, once. A slip is put right by counting again.
- What the first count of all finds too much lay there before the books began: it is an opening balance.
- At closing, what is above the change that stays (*Settings → Money*) is proposed for the bank: one `transfer`.
- Each count has a paper to print, with lines for who counted and who checked.

## A person's money

A person may stand under several names at one phone, and under privacy numbers that were linked to them. Each entry
keeps its own account, so that the books are never rewritten; what a person has, may spend, owes and is given back is
the sum over all of them. Merging entries therefore moves no money.

Nobody is erased who has money at the station or owes it some: what is theirs is given back first, what is owed is paid
or reversed first, and payments and refunds under way end first. The postings stay under a number that leads to nobody:
books are kept for thirty years (会计档案管理办法, order 79 of 2015, annex 1), the person's data is not (PIPL,
article 47).

## What carriers pay

A carrier's fee for each parcel (派费) is set in *Settings → Parcel fees*, with when it is earned: at check-in or at
hand-over.

- A parcel earns the fee that stood for its carrier on the day it was checked in, once. A fee may be set for a day of
  the last 31 days or ahead; what it changes is booked as a difference.
- Each close first counts the day's parcels, as the day book counts its days, and posts what differs from what is in the
  books: `parcel_fee`, a journal for each carrier, day and fee. So it is safe late, twice, or never for a week.
- What is put right later (a hand-over undone, a carrier corrected) is taken back by the next close, for 62 days.
- What a carrier keeps back (a fine, compensation) is booked on its settlement page: `fine`.
- Carriers are settled like suppliers, only that they pay: `pay_in`. Their statement names each day with its parcels.

## Settling

- Periods of a partner (supplier, station, carrier) never overlap. The page proposes the days from the last settlement
  to the end of last month, and what was owed at their end as far as it is still owed.
- More than is owed needs a reason. Nothing may be paid too: it is carried over.
- What was sold and given back later belongs to the next period, so a settled period never changes. A payout that is
  reversed is owed again and is settled with the next period.
- Who gave back more than was sold owes the station: it is carried over, or received and booked as `pay_in`.
- A bank's reference is kept with the settlement. The statement comes as PDF and CSV in both languages.
"""
BYTES = f"""
## What is hashed

SHA-256 over the UTF-8 bytes of JSON with sorted keys, no spaces and plain characters (as in
[the custody log](custody-log.md)):

`version` (`{VERSION}`), `station`, `journal`, `key`, `kind`, `currency`, `day` (ISO 8601), `at`
(`YYYY-MM-DDThh:mm:ss.ffffffZ`), `actor`, `refers_to` or null, `reverses` or null, and `moves`: for each line
`[debit kind, debit owner, credit kind, credit owner, minor units]`. Ids are text, amounts are numbers.
"""


def journal(number: int) -> Journal:
    """Return an example as a journal."""
    what, kind, moves = EXAMPLES[number]
    return Journal(f"example:{number}", kind, "CNY", tuple(Move(*move) for move in moves), note=what)


def draw() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_chart(), "", *_kinds(), "", *_examples()]) + "\n" + PRACTICE + BYTES


def _chart() -> list[str]:
    lines = ["## Accounts", "", "| account | side | what it is | one for each |", "|---|---|---|---|"]
    for kind, account in CHART.items():
        lines.append(f"| `{kind}` | {account.side} | {account.label} | {account.owner or 'station'} |")
    return [
        *lines,
        "",
        "Assets and expenses grow by debits, everything else by credits. Each entry of a resident",
        "has one account: what is on it the station owes them.",
    ]


def _kinds() -> list[str]:
    lines = ["## Journals", "", "| kind | what it is | reversed on the money pages |", "|---|---|---|"]
    for kind, label in JOURNAL_LABELS.items():
        lines.append(f"| `{kind}` | {label} | {'yes' if kind in BY_HAND else 'no'} |")
    return [
        *lines,
        "",
        "The others are taken back where they came from: by a refund, by the group buy, by counting again.",
    ]


def _examples() -> list[str]:
    lines = ["## Examples", "", "| what happens | kind | debit | credit | CNY |", "|---|---|---|---|---|"]
    for what, kind, moves in EXAMPLES:
        for number, (debit, credit, amount) in enumerate(moves):
            said = (what, f"`{kind}`") if number == 0 else ("", "")
            lines.append(
                f"| {said[0]} | {said[1]} | {debit.kind} | {credit.kind} | {plain_money(amount, 'CNY')} |"
            )
    return lines


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
