"""The chart of accounts and the kinds of journals, as tables of data. Pure.

docs/ledger.md is drawn from them.
"""

from dataclasses import dataclass
from enum import StrEnum

from station.core.i18n import lazy as _l


class AccountKind(StrEnum):
    """What an account stands for."""

    CASH = "cash"
    CARD = "card"
    PROVIDER = "provider"
    BANK = "bank"
    RESIDENT = "resident"
    SUPPLIER = "supplier"
    STATION = "station"
    CARRIER = "carrier"
    COMMISSION = "commission"
    SERVICES = "services"
    STORAGE_FEES = "storage_fees"
    PARCEL_FEES = "parcel_fees"
    PROVIDER_FEES = "provider_fees"
    FINES = "fines"
    WASTE = "waste"
    DIFFERENCES = "differences"
    OPENING = "opening"


class Side(StrEnum):
    """On which side of the books an account grows: what is owned and spent by debits, the rest by credits."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"

    @property
    def grows_by_debit(self) -> bool:
        """Whether a debit makes the balance larger."""
        return self in (Side.ASSET, Side.EXPENSE)


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the chart; `owner` says whose each account of this kind is, empty for one per station."""

    side: Side
    label: str
    owner: str = ""


CHART: dict[AccountKind, Account] = {
    AccountKind.CASH: Account(Side.ASSET, _l("Cash in the drawer")),
    AccountKind.CARD: Account(Side.ASSET, _l("Card terminal")),
    AccountKind.PROVIDER: Account(Side.ASSET, _l("Payment provider"), owner="the provider's code"),
    AccountKind.BANK: Account(Side.ASSET, _l("Bank")),
    AccountKind.RESIDENT: Account(Side.LIABILITY, _l("Resident"), owner="the recipient's id"),
    AccountKind.SUPPLIER: Account(Side.LIABILITY, _l("Supplier"), owner="the supplier's id"),
    AccountKind.STATION: Account(Side.LIABILITY, _l("Partner station"), owner="the station's id"),
    AccountKind.CARRIER: Account(Side.LIABILITY, _l("Carrier"), owner="the carrier's code"),
    AccountKind.COMMISSION: Account(Side.INCOME, _l("Commission")),
    AccountKind.SERVICES: Account(Side.INCOME, _l("Services")),
    AccountKind.STORAGE_FEES: Account(Side.INCOME, _l("Storage fees")),
    AccountKind.PARCEL_FEES: Account(Side.INCOME, _l("Parcel fees")),
    AccountKind.PROVIDER_FEES: Account(Side.EXPENSE, _l("Fees of payment providers")),
    AccountKind.FINES: Account(Side.EXPENSE, _l("Carriers’ fines")),
    AccountKind.WASTE: Account(Side.EXPENSE, _l("Spoilt and given away")),
    AccountKind.DIFFERENCES: Account(Side.EXPENSE, _l("Differences of the drawer")),
    AccountKind.OPENING: Account(Side.EQUITY, _l("Opening balances")),
}
OWNED = frozenset(kind for kind, account in CHART.items() if account.owner)


class JournalKind(StrEnum):
    """Why money moved."""

    PAYMENT = "payment"
    REFUND = "refund"
    SALE = "sale"
    GIVE_BACK = "give_back"
    CHARGE = "charge"
    STORAGE_FEE = "storage_fee"
    PAYOUT = "payout"
    PAY_IN = "pay_in"
    TRANSFER = "transfer"
    PROVIDER_FEE = "provider_fee"
    PARCEL_FEE = "parcel_fee"
    FINE = "fine"
    WASTE = "waste"
    DRAWER = "drawer"
    OPENING = "opening"
    REVERSAL = "reversal"


JOURNAL_LABELS: dict[JournalKind, str] = {
    JournalKind.PAYMENT: _l("Payment"),
    JournalKind.REFUND: _l("Refund"),
    JournalKind.SALE: _l("Group buy sold"),
    JournalKind.GIVE_BACK: _l("Group buy given back"),
    JournalKind.CHARGE: _l("Charge"),
    JournalKind.STORAGE_FEE: _l("Storage fee"),
    JournalKind.PAYOUT: _l("Paid out"),
    JournalKind.PAY_IN: _l("Received from a partner"),
    JournalKind.TRANSFER: _l("Moved between own accounts"),
    JournalKind.PROVIDER_FEE: _l("Fee of a payment provider"),
    JournalKind.PARCEL_FEE: _l("Parcel fees of a carrier"),
    JournalKind.FINE: _l("Fine of a carrier"),
    JournalKind.WASTE: _l("Spoilt or given away"),
    JournalKind.DRAWER: _l("Drawer counted"),
    JournalKind.OPENING: _l("Opening balance"),
    JournalKind.REVERSAL: _l("Reversal"),
}


# What staff post on the money pages, and so may reverse there. The rest belongs to a group buy, a payment or a count,
# which would go on believing in it.
BY_HAND = frozenset(
    {
        JournalKind.CHARGE,
        JournalKind.STORAGE_FEE,
        JournalKind.TRANSFER,
        JournalKind.PROVIDER_FEE,
        JournalKind.FINE,
        JournalKind.OPENING,
        JournalKind.PAYOUT,
        JournalKind.PAY_IN,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """An account by what it stands for; `owner` is empty for kinds with one account per station."""

    kind: AccountKind
    owner: str = ""

    def __post_init__(self) -> None:
        if bool(self.owner) != (self.kind in OWNED):
            raise ValueError(f"{self.kind}: an owner is {'missing' if self.kind in OWNED else 'too much'}")
