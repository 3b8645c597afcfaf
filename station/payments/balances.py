"""What of a resident's account is free: their balance without what their group buys may still take."""

from station.ledger import queries as ledger


def free(station_id: int, recipient_id: int, currency: str) -> int:
    """Return what could be given back to a resident now; never below nothing."""
    return max(0, ledger.resident_balance(station_id, recipient_id, currency))
