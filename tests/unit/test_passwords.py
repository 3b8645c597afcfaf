"""Which passwords are good enough, and how they are kept."""

import pytest

from station.accounts import passwords
from station.core.errors import StationError
from tests.conftest import PRODUCTS_OWN


@pytest.fixture(autouse=True)
def _real_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the product does: all other tests hash quickly."""
    monkeypatch.setattr(passwords, "_hasher", PRODUCTS_OWN)


@pytest.mark.parametrize(
    "password", ["correct horse", "三个 词 就 够 好 记 的 了", "a" * 9 + "b", "x y" * 40]
)
def test_good_password_is_accepted(password: str) -> None:
    passwords.require_strong(password, "fang")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "a" * 9,
        "a" * 129,
        "1234567890",
        "PASSWORD123",
        "aaaaaaaaaaaa",
        "lin.fang.station",
        "LIN.FANG.STATION",
    ],
)
def test_weak_password_is_refused(password: str) -> None:
    with pytest.raises(StationError, match=r"\S"):
        passwords.require_strong(password, "lin.fang.station")


def test_hash_is_argon2id_salted_and_proves_only_its_password() -> None:
    first, second = (passwords.hash_password("correct horse") for _time in range(2))

    assert first.startswith(
        "$argon2id$v=19$m=65536,t=3,p=4$"
    )  # RFC 9106, section 4, second recommended option
    assert first != second
    assert passwords.matches(first, "correct horse")
    assert not passwords.matches(first, "correct horsf")


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_nothing_matches_where_no_hash_is(stored: str | None) -> None:
    assert not passwords.matches(stored, "correct horse")


def test_hash_of_weaker_parameters_is_outdated() -> None:
    weaker = (
        "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$WmdmCyZ1fI2XG5vQcQF2VtnWmXd7bBkK1UAPqNVJNdU"
    )

    assert passwords.is_outdated(weaker)
    assert not passwords.is_outdated(passwords.hash_password("correct horse"))


def test_one_time_passwords_differ_and_are_easy_to_copy() -> None:
    made = {passwords.one_time() for _time in range(200)}

    assert len(made) == 200
    assert all(len(password) == 12 for password in made)
    assert not set("".join(made)) & set("0O1lIi")


def test_list_of_common_passwords_has_only_long_ones() -> None:
    assert len(passwords.COMMON) >= 50
    assert all(len(password) >= passwords.MIN_LENGTH for password in passwords.COMMON)
