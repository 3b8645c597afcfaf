"""Limits on guessing."""

from datetime import timedelta

import pytest
from flask import Flask

from station.core import clock, throttle
from station.core.db import reading, transaction
from station.core.errors import StationError

WINDOW = timedelta(minutes=15)


def _try(times: int) -> None:
    for _ in range(times):
        with transaction():
            throttle.count("login:lin", window=WINDOW)


def test_the_limit_refuses_and_time_forgives(app: Flask) -> None:
    _try(4)
    with reading():
        throttle.check("login:lin", limit=5, window=WINDOW)
    _try(1)
    with reading(), pytest.raises(StationError, match="Too many attempts"):
        throttle.check("login:lin", limit=5, window=WINDOW)
    with reading():
        throttle.check("login:wang", limit=5, window=WINDOW)
    later = clock.now() + WINDOW
    with clock.use(lambda: later), reading():
        throttle.check("login:lin", limit=5, window=WINDOW)


def test_a_right_password_forgives_what_was_before(app: Flask) -> None:
    _try(5)
    with transaction():
        throttle.forgive("login:lin")
    with reading():
        throttle.check("login:lin", limit=1, window=WINDOW)


def test_attempts_of_yesterday_are_forgotten(app: Flask) -> None:
    """One row for each name somebody ever guessed would be a table that strangers fill."""
    _try(1)
    later = clock.now() + throttle.KEEP
    with clock.use(lambda: later), transaction():
        throttle.count("login:wang", window=WINDOW)
        assert throttle.forget_old(clock.now()) == 1
    with reading():
        throttle.check("login:lin", limit=1, window=WINDOW)


def test_a_clock_that_was_set_back_makes_no_lock_longer(app: Flask) -> None:
    """Nobody is kept out for days because the clock was days ahead when they mistyped."""
    ahead = clock.now() + timedelta(days=3)
    with clock.use(lambda: ahead):
        _try(5)
        with reading(), pytest.raises(StationError, match="Too many attempts"):
            throttle.check("login:lin", limit=5, window=WINDOW)
    with reading():
        throttle.check("login:lin", limit=5, window=WINDOW)


def test_attempts_count_from_the_clock_as_it_was_set(app: Flask) -> None:
    """Setting it back must not switch the limit off until the old time comes again."""
    ahead = clock.now() + timedelta(days=3)
    with clock.use(lambda: ahead):
        _try(5)
    _try(4)
    with reading():
        throttle.check("login:lin", limit=5, window=WINDOW)
    _try(1)
    with reading(), pytest.raises(StationError, match="in 15 minutes"):
        throttle.check("login:lin", limit=5, window=WINDOW)


def test_attempts_of_a_clock_that_was_ahead_are_forgotten(app: Flask) -> None:
    ahead = clock.now() + timedelta(days=3)
    with clock.use(lambda: ahead):
        _try(1)
    with transaction():
        assert throttle.forget_old(clock.now()) == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
        (None, ""),
    ],
)
def test_who_has_a_whole_network_of_addresses_is_counted_once(address: str | None, counted: str) -> None:
    assert throttle.origin(address) == counted
