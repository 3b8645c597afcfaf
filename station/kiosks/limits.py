"""Limits on guessing at kiosks: a target that was missed five times is locked, and a kiosk may miss twenty an hour."""

from datetime import timedelta

from station.core import throttle
from station.core.actor import Actor

# Source: DESIGN.md section 6: five failures lock the target for 15 minutes.
FAILURES = 5
LOCK = timedelta(minutes=15)
# Ours: people mistype in a queue; whoever goes from code to code is stopped after twenty, a day's 480 of 10,000 tails.
PER_KIOSK = 20
HOUR = timedelta(hours=1)


def check(kiosk: Actor, target: str) -> None:
    """Raise StationError `too_many_attempts` while a target is locked, or the kiosk has missed enough."""
    throttle.check(_lock(kiosk, target), limit=1, window=LOCK)
    throttle.check(_kiosk(kiosk), limit=PER_KIOSK, window=HOUR)


def miss(kiosk: Actor, target: str) -> None:
    """Count a failure; the fifth at a target locks it from now on. The caller lets the transaction commit."""
    throttle.count(_kiosk(kiosk), window=HOUR)
    throttle.count(_failures(kiosk, target), window=LOCK)
    if throttle.is_spent(_failures(kiosk, target), limit=FAILURES, window=LOCK):
        throttle.forgive(_failures(kiosk, target))
        throttle.forgive(_lock(kiosk, target))
        throttle.count(_lock(kiosk, target), window=LOCK)


def hit(kiosk: Actor, target: str) -> None:
    """Forget the failures at a target: it was proved."""
    throttle.forgive(_failures(kiosk, target))


def _failures(kiosk: Actor, target: str) -> str:
    return f"kiosk-miss:{kiosk.station_id}:{target}"


def _lock(kiosk: Actor, target: str) -> str:
    return f"kiosk-lock:{kiosk.station_id}:{target}"


def _kiosk(kiosk: Actor) -> str:
    return f"kiosk:{kiosk.station_id}:{kiosk.id}"
