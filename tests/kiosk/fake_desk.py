"""A desk without a kiosk behind it, for tests of the page and for looking at it: every screen with lively values.

A test puts a session on it and reads what was touched.
"""

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PIL import Image, ImageDraw

from kiosk.model import Parcel, Person, Rules, Station, Way
from kiosk.runtime.desk import Snapshot
from kiosk.session.state import Asked, Look, Notice, Screen, Session

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)  # 17:42 in Shanghai
STATION = Station(
    "1",
    "Maple Court Station",
    "Asia/Shanghai",
    {"en": "Open until 21:00", "zh": "营业至 21:00"},
)
AGREEMENT = {
    "en": (
        "If you agree, you can enrol your face at a kiosk of this station and collect your own parcels by looking into"
        " its camera. It serves this purpose only.\n\n"
        "The kiosk makes a template, a row of numbers, from pictures of your face. Template and pictures stay in that"
        " one kiosk, encrypted; they are never sent anywhere. The pictures are not kept.\n\n"
        "You need not agree. Identity code, pickup code and the counter stay open to you, and nobody is served later"
        " or worse.\n\n"
        "You can withdraw at any time with one tap on your page. The kiosk deletes the template the next time it has"
        " contact with the station, and you get a message that it is gone.\n\n"
        "Facial data is sensitive: somebody who had it could try to pass for you. That is why it stays in the"
        " kiosk.\n\n"
        "For somebody under 14 a parent or guardian agrees, with their name and phone number."
    ),
    "zh": (
        "如您同意，您可以在本站的取件机上录入人脸，取件时看一下摄像头即可取走自己的包裹，仅用于这一目的。\n\n"
        "取件机根据您的面部图像生成一组数字（模板）。模板和图像只在这一台取件机内加密处理，从不向外传送；图像不保存。\n\n"
        "您可以不同意。身份码、取件码和柜台照常可用，服务不会因此变慢或变差。\n\n"
        "您随时可以在自己的页面上一键撤回。取件机下次与本站联系时删除模板，并向您发送已删除的消息。\n\n"
        "人脸信息属于敏感个人信息：他人得到后可能冒充您，因此它只留在取件机内。\n\n"
        "未满 14 周岁的，由父母或其他监护人同意，并填写监护人的姓名和电话。"
    ),
}
SHELVES = (("12", 3, 3210), ("5", 2, 9917), ("14", 1, 306), ("15", 4, 1188), ("2", 1, 7), ("A3", 2, 4521))
CARRIERS = ("sf", "yto", "zto")
NAMES = {"en": "Chen **", "zh": "陈**"}


def parcels(count: int) -> tuple[Parcel, ...]:
    """Return parcels as a public screen knows them."""
    return tuple(_parcel(index) for index in range(count))


def _parcel(index: int) -> Parcel:
    shelf, layer, number = SHELVES[index % len(SHELVES)]
    number += index // len(SHELVES)
    return Parcel(
        id=str(index + 1),
        waybill=f"SF10000000{index:04}",
        owner="somebody",
        pickup_code=f"{shelf}-{layer}-{number:04}",
        shelf=shelf,
        layer=layer,
        layers=4,
        carrier=CARRIERS[index % 3],
        size=("small", "large", "medium")[index % 3],
        until="2026-11-28",
        storage=(None, "chilled", "frozen")[index % 3],
    )


def person(count: int, language: str = "en") -> Person:
    """Return somebody known by their identity code."""
    return Person("s1", Way.IDENTITY_CODE, NAMES[language], parcels(count), "r1", may_enrol=True)


def scenes(language: str) -> dict[str, Session]:
    """Return every screen, some of them in more than one state, by name."""
    look = Look(language=language)
    here = replace(Session(), look=look, person=person(3, language))
    typing = Session(look=look)
    found = replace(here, screen=Screen.FOUND, taken=("1",))
    return {
        "home": Session(look=look),
        "home_offline": Session(look=look, is_offline=True),
        "pickup_code": replace(typing, screen=Screen.PICKUP_CODE, typed="12-3-32"),
        "pickup_code_tail": replace(
            typing,
            screen=Screen.PICKUP_CODE,
            typed_before="12-3-3210",
            typed="46",
            notice=Notice("refused_pickup_code_or_tail_wrong"),
        ),
        "six_digits": replace(typing, screen=Screen.SIX_DIGITS, typed_before="8462", typed="301"),
        "proxy_code": replace(typing, screen=Screen.PROXY_CODE, typed="K7M2"),
        "face": replace(typing, screen=Screen.FACE, turn_to="left"),
        "face_tail": replace(typing, screen=Screen.FACE_TAIL, typed="8"),
        "checking": replace(typing, screen=Screen.CHECKING),
        "who": replace(typing, screen=Screen.WHO, held=parcels(2)),
        "found": found,
        "found_six": replace(found, person=person(6, language), releasing=(Asked(1, "3"),), not_found=("5",)),
        "found_many": replace(found, person=person(20, language)),
        "wrong_parcel": replace(here, screen=Screen.WRONG_PARCEL, before=Screen.FOUND),
        "leftovers": replace(here, screen=Screen.LEFTOVERS, taken=("1",)),
        "done": replace(here, screen=Screen.DONE, until=NOW + timedelta(seconds=8), taken=("1", "2", "3")),
        "nothing": replace(here, screen=Screen.NOTHING, person=replace(person(0, language), has_face=True)),
        "refused": replace(typing, screen=Screen.REFUSED, notice=Notice("refused_pickup_code_or_tail_wrong")),
        "enrol_consent": replace(here, screen=Screen.ENROL_CONSENT),
        "enrol_guardian": replace(here, screen=Screen.ENROL_GUARDIAN),
        "enrol_face": replace(here, screen=Screen.ENROL_FACE, turn_to="right"),
        "enrol_done": replace(here, screen=Screen.ENROL_DONE),
        "still_there": replace(here, screen=Screen.STILL_THERE, until=NOW + timedelta(seconds=15)),
        "staff": replace(here, screen=Screen.STAFF, before=Screen.FOUND),
        "recover": Session(screen=Screen.RECOVER, look=look),
        "fault": Session(screen=Screen.FAULT, look=look, faults=frozenset({"camera"})),
    }


class FakeDesk:
    """Shows what a test puts on it and writes down what is touched."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._snapshot = Snapshot(1, Session(), STATION, Rules(), NOW, has_faces=True, is_demo=False)
        self.touched: list[tuple[str, str]] = []
        self.shown: list[str] = []
        self.pictures = 0
        self.is_dumb = False  # beats and screens stay away, as when the program hangs
        self._is_cut = False
        self._is_closed = False

    def put(self, session: Session, **others: object) -> None:
        """Show a session; `others` are fields of the snapshot."""
        with self._changed:
            agreement = AGREEMENT[session.look.language] if session.screen == Screen.ENROL_CONSENT else None
            values = {"agreement": agreement, "progress": 0.6, "sounds": ()} | others
            number = self._snapshot.number + 1
            self._snapshot = replace(self._snapshot, number=number, session=session, **values)  # type: ignore[arg-type]
            self._changed.notify_all()

    def snapshot(self) -> Snapshot:
        """Return what was put last."""
        return self._snapshot

    def changes(self, after: int, *, timeout_s: float) -> Snapshot | None:
        """Wait for what is put next."""
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot.number > after, timeout_s)
            while self.is_dumb:
                self._changed.wait(timeout_s)
            if self._is_cut or self._is_closed:
                self._is_cut = False
                raise ConnectionError("cut")
            return self._snapshot if self._snapshot.number > after else None

    def close(self) -> None:
        """End every stream, so that the threads that send them end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def cut(self) -> None:
        """End a stream in its middle, as when the program dies."""
        with self._changed:
            self._is_cut = True

    def touch(self, action: str, value: str) -> None:
        """Write a touch down."""
        self.touched.append((action, value))

    def preview(self) -> Iterator[bytes]:
        """Yield a drawn picture, again and again."""
        jpeg = picture()
        while not self._is_closed:
            self.pictures += 1
            yield jpeg
            time.sleep(0.1)

    def show_demo(self, scene: str) -> None:
        """Write a scene down."""
        self.shown.append(scene)


def picture() -> bytes:
    """Return a picture of a shelf with parcels, 1280x720, as JPEG."""
    image = Image.new("RGB", (1280, 720), "#2A3B36")
    draw = ImageDraw.Draw(image)
    for y in (160, 400, 640):
        draw.rectangle((0, y, 1280, y + 16), fill="#4C625B")
    for x, y, width, height in (
        (120, 60, 160, 100),
        (700, 40, 220, 120),
        (300, 300, 260, 100),
        (960, 520, 180, 120),
    ):
        draw.rectangle((x, y, x + width, y + height), fill="#50675F")
    draw.rounded_rectangle((520, 140, 760, 620), 30, fill="#0E1211")
    draw.rounded_rectangle((532, 154, 748, 606), 20, fill="#F4F2EC")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
