"""The texts of the separate agreements, in both languages and every version that was ever shown.

A text that was shown is never changed: somebody agreed to exactly that. A better one is a new version, which everybody
is asked about anew. Not gettext's, because a translation that is mended would change what was agreed to.
Source: DOMAIN.md section 3 (快递市场管理办法 art. 35: minimal data, no bundled or default consent; the face rules of
2025-06-01: notice, separate explicit consent, easy withdrawal, kept in the device, never the only way, a guardian for
those under 14).
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import insert, select

from station.core.db import connection
from station.residents.models import AgreementText


class Purpose(StrEnum):
    """What is agreed to, each by itself."""

    PHOTOS = "photos"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class Text:
    """One version of a text in one language; `paragraphs` are shown in their order."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        """The whole text as it is kept."""
        return "\n\n".join((self.title, *self.paragraphs))

    @property
    def sha256(self) -> bytes:
        """The SHA-256 (FIPS 180-4) of the body in UTF-8."""
        return hashlib.sha256(self.body.encode()).digest()


CURRENT = {Purpose.PHOTOS: 2, Purpose.FACE: 1}
"""The version that people are asked about now."""

TEXTS: dict[tuple[Purpose, int, str], Text] = {
    (Purpose.PHOTOS, 1, "en"): Text(
        "Photos when you collect by yourself",
        (
            "If you agree, the kiosk may take a photo while you collect parcels by yourself. It serves one purpose: to"
            " prove who took a parcel if somebody asks.",
            "Photos stay at this station. Its staff look at one only when a parcel is in dispute. Photos are erased"
            " after 90 days, unless a dispute about that parcel is still open.",
            "You need not agree. Without photos you collect as before, at the counter and at the kiosk.",
            "You can withdraw at any time with one tap on your page. From then on no photo is taken.",
            "For somebody under 14 a parent or guardian agrees, with their name and phone number.",
        ),
    ),
    (Purpose.PHOTOS, 1, "zh"): Text(
        "自助取件时拍照",
        (
            "如您同意，您自助取件时取件机可以拍照，仅用于一个目的：有人询问时，证明包裹由谁取走。",
            "照片只留在本站。只有包裹发生争议时店员才会查看。照片在 90 天后删除，除非该包裹的争议尚未了结。",
            "您可以不同意。不拍照，您仍可照常在柜台和取件机取件。",
            "您随时可以在自己的页面上一键撤回，撤回后不再拍照。",
            "未满 14 周岁的，由父母或其他监护人同意，并填写监护人的姓名和电话。",
        ),
    ),
    (Purpose.PHOTOS, 2, "en"): Text(
        "Your face in photos of your collections",
        (
            "Where this station has switched it on, the kiosk takes one photo of each parcel that is handed out: the"
            " parcel and the hands. Faces are made unrecognisable in the kiosk, before a photo is kept or sent.",
            "If you agree, your face may stay recognisable in the photos of your own collections. It serves one"
            " purpose: to prove who took a parcel if somebody asks.",
            "Photos stay at this station. Its staff look at one only when a parcel is in dispute. Photos are erased"
            " after 30 days.",
            "You need not agree. You collect as before, at the counter and at the kiosk.",
            "You can withdraw at any time with one tap on your page. From then on your face is made unrecognisable.",
            "For somebody under 14 a parent or guardian agrees, with their name and phone number.",
        ),
    ),
    (Purpose.PHOTOS, 2, "zh"): Text(
        "取件照片中的人脸",
        (
            "本站开启此功能时，取件机在每件包裹出库时拍一张照片，内容为包裹和手部。人脸在取件机内处理成无法辨认后，照片才会保存或上传。",
            "如您同意，您本人取件的照片中可以保留可辨认的人脸，仅用于一个目的：有人询问时，证明包裹由谁取走。",
            "照片只留在本站。只有包裹发生争议时店员才会查看。照片在 30 天后删除。",
            "您可以不同意。您仍可照常在柜台和取件机取件。",
            "您随时可以在自己的页面上一键撤回，此后照片中的人脸会处理成无法辨认。",
            "未满 14 周岁的，由父母或其他监护人同意，并填写监护人的姓名和电话。",
        ),
    ),
    (Purpose.FACE, 1, "en"): Text(
        "Collecting by face",
        (
            "If you agree, you can enrol your face at a kiosk of this station and collect your own parcels by looking"
            " into its camera. It serves this purpose only.",
            "The kiosk makes a template, a row of numbers, from pictures of your face. Template and pictures stay in"
            " that one kiosk, encrypted; they are never sent anywhere. The pictures are not kept.",
            "You need not agree. Identity code, pickup code and the counter stay open to you, and nobody is served"
            " later or worse.",
            "You can withdraw at any time with one tap on your page. The kiosk deletes the template the next time it"
            " has contact with the station, and you get a message that it is gone.",
            "Facial data is sensitive: somebody who had it could try to pass for you. That is why it stays in the"
            " kiosk.",
            "For somebody under 14 a parent or guardian agrees, with their name and phone number.",
        ),
    ),
    (Purpose.FACE, 1, "zh"): Text(
        "刷脸取件",
        (
            "如您同意，您可以在本站的取件机上录入人脸，取件时看一下摄像头即可取走自己的包裹，仅用于这一目的。",
            "取件机根据您的面部图像生成一组数字（模板）。模板和图像只在这一台取件机内加密处理，从不向外传送；图像不保存。",
            "您可以不同意。身份码、取件码和柜台照常可用，服务不会因此变慢或变差。",
            "您随时可以在自己的页面上一键撤回。取件机下次与本站联系时删除模板，并向您发送已删除的消息。",
            "人脸信息属于敏感个人信息：他人得到后可能冒充您，因此它只留在取件机内。",
            "未满 14 周岁的，由父母或其他监护人同意，并填写监护人的姓名和电话。",
        ),
    ),
}


def current(purpose: Purpose, language: str) -> Text:
    """Return the text that is shown now; English for a language that has none."""
    version = CURRENT[purpose]
    return TEXTS.get((purpose, version, language)) or TEXTS[purpose, version, "en"]


def fill_table() -> None:
    """Add the texts that the table lacks; those it has stay as they are. Idempotent."""
    keys = select(AgreementText.purpose, AgreementText.version, AgreementText.language)
    known = {tuple(row) for row in connection().execute(keys)}
    missing = [
        {
            "purpose": purpose,
            "version": version,
            "language": language,
            "body": text.body,
            "sha256": text.sha256,
        }
        for (purpose, version, language), text in TEXTS.items()
        if (purpose.value, version, language) not in known
    ]
    if missing:
        connection().execute(insert(AgreementText), missing)
