"""A courier's sign-in by phone number and password, counted as the staff's is.

The password itself is checked by the edge between two transactions: its work factor must not hold up the counter.
"""

from station.accounts import couriers as accounts
from station.accounts.service import LIMIT_PER_ADDRESS, LIMIT_PER_LOGIN, LIMIT_WINDOW
from station.core import throttle
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone, PhoneKind, parse
from station.couriers import phones, queries
from station.couriers.phones import Trust
from station.couriers.queries import Proof, SignedInCourier
from station.residents.service import phone_hash


def own_phone(typed: str) -> Phone:
    """Return the phone number that somebody typed as their own. Raises StationError `bad_input`."""
    phone = parse(typed)
    if phone is None or phone.kind is PhoneKind.PRIVACY:
        raise StationError("bad_input", _("This is not a phone number. Type all of its digits."))
    return phone


def begin(phone: Phone, *, address: str) -> Proof:
    """Count an attempt of `phone` and of `address`; return what to check the password against.

    Counting comes before checking, so that guesses made at the same moment are counted too.
    Raises StationError `too_many_attempts`.
    """
    _count(_key(phone), LIMIT_PER_LOGIN)
    _count(f"courier-address:{throttle.origin(address)}", LIMIT_PER_ADDRESS)
    return queries.proof(phone_hash(phone.key))


def complete(
    phone: Phone, account_id: int, *, machine: str, trust: Trust, new_hash: str | None = None
) -> SignedInCourier | None:
    """Sign the courier in who proved the password; None when they may come to no station any more.

    `machine` is what the phone is called; `new_hash` replaces a hash made with older parameters.
    """
    throttle.forgive(_key(phone))
    epoch = accounts.note_sign_in(account_id, new_hash=new_hash)
    phone_id = phones.add(account_id, machine, trust)
    return queries.signed_in(account_id, epoch=epoch, phone_id=phone_id, station_id=0)


def begin_change(courier: SignedInCourier) -> Proof:
    """Count an attempt to change one's own password. Raises StationError `too_many_attempts`."""
    _count(f"courier-password:{courier.account_id}", LIMIT_PER_LOGIN)
    known = queries.known(courier.account_id)
    return queries.proof(phone_hash(known.phone.key)) if known else Proof()


def complete_change(courier: SignedInCourier, password_hash: str) -> SignedInCourier | None:
    """Give a courier a new password: other phones are signed out; return who they are on this one."""
    throttle.forgive(f"courier-password:{courier.account_id}")
    phones.end_others(courier.account_id, courier.phone_id)
    epoch = accounts.set_password(courier.account_id, password_hash)
    return queries.signed_in(
        courier.account_id, epoch=epoch, phone_id=courier.phone_id, station_id=courier.station_id
    )


def _key(phone: Phone) -> str:
    return f"courier:{phone_hash(phone.key).hex()}"


def _count(key: str, limit: int) -> None:
    throttle.check(key, limit=limit, window=LIMIT_WINDOW)
    throttle.count(key, window=LIMIT_WINDOW)
