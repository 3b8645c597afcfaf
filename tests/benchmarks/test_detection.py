"""Detection: mixed numbers of a day's carriers, beside one compiled alternation of all forms over the same numbers."""

import random
import re

from station.carriers.catalogue import PATTERNS
from station.carriers.detection import canonical_waybill, detect
from station.simulator.traffic import CARRIERS, waybill
from tests.benchmarks.measure import median_of, result

NUMBERS = 20_000
ROUNDS = 9
SEED = 20261121
# Beside today's forms: older ones that several carriers share, and texts that fit nothing.
ODD = ("300527476792", "2123456789012", "212345678901234", "RB123456786US", "SHELF12345", "SF12345")
ODD_SHARE = 0.1


def mixed() -> list[str]:
    """Return numbers in the shares of a neighbourhood's carriers (simulator/traffic.py), the odd ones among them."""
    rng = random.Random(SEED)
    codes = rng.choices(list(CARRIERS), list(CARRIERS.values()), k=NUMBERS)
    return [rng.choice(ODD) if rng.random() < ODD_SHARE else waybill(rng, code) for code in codes]


def test_detection_beside_one_alternation() -> None:
    numbers = mixed()
    alternation = re.compile("|".join(f"(?:{form.regex.pattern})" for form in PATTERNS), re.ASCII)

    def bare() -> None:
        for number in numbers:
            alternation.fullmatch(number)

    def ranked() -> None:
        for number in numbers:
            detect(number, prior="zto")

    def scanned() -> None:
        for number in numbers:
            detect(canonical_waybill(number) or "", prior="zto")

    limit, ours, whole = (median_of(act, ROUNDS) / NUMBERS for act in (bare, ranked, scanned))
    rate = f"{1 / limit:,.0f}/s"
    result(
        "detection, ranked candidates, against one alternation",
        f"{1 / ours:,.0f}/s",
        rate,
        f"{limit / ours:.2f}",
        "≥ 50,000/s",
    )
    result("of a raw scan, made canonical first", f"{1 / whole:,.0f}/s", rate, f"{limit / whole:.2f}", "")
    assert all(detect(number) for number in numbers if number not in ODD)
