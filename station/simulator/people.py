"""Made-up people of the neighbourhood: names, phone numbers, wishes. Nobody of them exists.

Everything is drawn from the `random.Random` of the run, so one seed gives one neighbourhood: the simulator is the only
place where predictable randomness is what we want; secrets come from `secrets`.
"""

import random
from dataclasses import dataclass

from station.core.phones import Phone, parse

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅晓晨宇航梓涵子轩欣怡雨桐思远嘉宁若溪一诺浩然"
COMPOUND_SURNAMES = ("欧阳", "上官", "司马", "诸葛")
FOREIGN_NAMES = ("Anna Keller", "David Okafor", "Maria Santos", "Tom Becker", "Yuki Tanaka", "Olga Ivanova")
MOBILE_PREFIXES = (
    "130",
    "135",
    "136",
    "138",
    "139",
    "150",
    "155",
    "158",
    "166",
    "176",
    "180",
    "186",
    "188",
    "199",
)
PRIVACY_PREFIXES = ("170", "171", "184")
# All made-up numbers share one block in the middle, so that they are recognised as made up wherever they turn up.
BLOCK = "0000"

# Shares of the people (source: ours, chosen so that every case is seen in a demo of a few hundred parcels).
SHARES_PHONE = 0.10  # with somebody of another name
HAS_PRIVACY_NUMBER = 0.15
IS_FOREIGN = 0.03
HAS_COMPOUND_SURNAME = 0.02
WISHES = {"station": 0.75, "door": 0.03, "ask": 0.02}  # the rest never said


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gets parcels. `wish`: where they want them left, once they are asked; None: they do not say."""

    name: str
    phone: Phone
    wish: str | None


class Town:
    """The people around a station: neighbours who come again and again, and newcomers seen once."""

    def __init__(self, rng: random.Random, neighbours: int) -> None:
        self._rng = rng
        self._neighbours: list[Person] = []
        for _ in range(neighbours):
            self._neighbours.append(self.newcomer())

    def neighbours(self) -> list[Person]:
        """Return all neighbours."""
        return list(self._neighbours)

    def neighbour(self) -> Person:
        """Return one of the neighbours."""
        return self._rng.choice(self._neighbours)

    def newcomer(self) -> Person:
        """Return somebody new, now and then of a neighbour's household."""
        if self._neighbours and self._rng.random() < SHARES_PHONE:
            phone = self._rng.choice(self._neighbours).phone
        else:
            phone = _phone(self._rng)
        return Person(_name(self._rng), phone, _wish(self._rng))


def _name(rng: random.Random) -> str:
    kind = rng.random()
    if kind < IS_FOREIGN:
        return rng.choice(FOREIGN_NAMES)
    is_compound = kind < IS_FOREIGN + HAS_COMPOUND_SURNAME
    surname = rng.choice(COMPOUND_SURNAMES if is_compound else SURNAMES)
    return surname + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2, 2))))


def _phone(rng: random.Random) -> Phone:
    tail = f"{rng.randrange(10_000):04d}"
    if rng.random() < HAS_PRIVACY_NUMBER:
        text = f"{rng.choice(PRIVACY_PREFIXES)}{BLOCK}{tail},{rng.randrange(10_000):04d}"
    else:
        text = f"{rng.choice(MOBILE_PREFIXES)}{BLOCK}{tail}"
    phone = parse(text)
    if phone is None:
        raise ValueError("a made-up number is none")
    return phone


def _wish(rng: random.Random) -> str | None:
    wishes = [*WISHES, None]
    return rng.choices(wishes, [*WISHES.values(), 1 - sum(WISHES.values())])[0]
