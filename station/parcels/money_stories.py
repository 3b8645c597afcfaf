"""What the custody log says of the station's money, in plain words: amounts stand in the ledger, never in the log."""

from station.core.i18n import lazy as _l

MONEY = {
    "journal_posted": _l("Money was moved in the books."),
    "ledger_day_closed": _l("The day's money was closed."),
    "ledger_rules_changed": _l("The rules about money were changed."),
    "parcel_fee_set": _l("What a carrier pays for a parcel was changed."),
    "drawer_counted": _l("The cash in the drawer was counted."),
    "settlement_made": _l("A supplier's or partner's period was settled."),
}
