"""The ledger: a station's money in double entry, only ever added to, closed each day."""
