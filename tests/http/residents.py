"""A resident signed in, without the way over the one-time code."""

from flask.testing import FlaskClient

from station.accounts import service as accounts
from station.accounts.queries import Resident
from station.core.db import transaction
from station.core.phones import parse
from station.residents.service import phone_hash

PHONE = "13812344068"


def sign_in(browser: FlaskClient, phone: str = PHONE) -> Resident:
    """Sign whoever has this phone in, as the sign-in does; return the resident."""
    parsed = parse(phone)
    assert parsed
    with transaction():
        resident = accounts.sign_in_resident(phone_hash(parsed.key))
    with browser.session_transaction() as session:
        session["resident"] = f"{resident.account_id}.{resident.epoch}"
    return resident
