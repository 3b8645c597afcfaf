"""Labels drawn for tests: a Chinese label of 76 x 130 mm (DOMAIN.md 2.5) with its barcode, as a camera may see it."""

import io
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

SIZE = (760, 1300)
WHY_NOT = "no font with Chinese letters is installed (Debian: fonts-noto-cjk)"


@dataclass(frozen=True)
class Label:
    """What a drawn label says."""

    waybill: str = "YT1234567890123"
    carrier: str = "圆通速递"
    recipient: str = "陈晓明  13812344068"
    sender: str = "李四  170****5678"


@cache
def font_path() -> Path:
    """Return a font that has Chinese letters; skip the test where there is none, and fail in CI."""
    find = shutil.which("fc-match")
    command = [find or "fc-match", "-f", "%{file}", "Noto Sans CJK SC:lang=zh-cn"]
    found = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout) if find else None
    if found and found.exists() and "CJK" in found.name:
        return found
    if os.environ.get("CI"):
        pytest.fail(WHY_NOT)
    pytest.skip(WHY_NOT)


def draw(label: Label) -> Image.Image:
    """Draw a label, upright."""
    paper = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(paper)
    write(pen, (40, 30), label.carrier, 60)
    paper.paste(bars(label.waybill), (80, 140))
    write(pen, (200, 310), label.waybill, 36)
    write(pen, (40, 400), "342-081-00 052", 70)
    write(pen, (30, 530), "收", 50)
    write(pen, (110, 510), label.recipient, 40)
    write(pen, (110, 570), "浙江省杭州市余杭区文一西路969号", 34)
    write(pen, (30, 680), "寄", 40)
    write(pen, (110, 670), label.sender, 30)
    write(pen, (110, 715), "广东省深圳市南山区", 28)
    write(pen, (500, 900), "已验视", 40)
    return paper


def write(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> None:
    pen.text(at, text, font=ImageFont.truetype(str(font_path()), size), fill="black")


def bars(text: str) -> Image.Image:
    """Return a Code 128 of a waybill, as wide as a label has it."""
    zxingcpp = pytest.importorskip("zxingcpp", reason="the label reader is not installed (make ocr)")
    drawn = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128), scale=3
    )
    return Image.fromarray(drawn.__array__() if hasattr(drawn, "__array__") else drawn).resize((600, 160))


def encoded(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    """Return a picture as a file."""
    content = io.BytesIO()
    picture.save(content, kind, **how)  # type: ignore[arg-type]
    return content.getvalue()
