"""SMS parts by 3GPP TS 23.038 and 23.040."""

import pytest

from station.notices import sms
from station.notices.sms import Size


@pytest.mark.parametrize(
    ("text", "units", "parts", "is_ucs2"),
    [
        ("", 0, 1, False),
        ("a" * 160, 160, 1, False),
        ("a" * 161, 161, 2, False),
        ("a" * 306, 306, 2, False),
        ("a" * 307, 307, 3, False),
        ("€" * 80, 160, 1, False),
        ("[" * 81, 162, 2, False),
        ("a" * 152 + "[" + "a" * 152, 306, 3, False),  # the bracket does not fit into the first part
        ("件" * 70, 70, 1, True),
        ("件" * 71, 71, 2, True),
        ("件" * 134, 134, 2, True),
        ("件" * 135, 135, 3, True),
        ("a" * 69 + "件", 70, 1, True),
        ("😀" * 35, 70, 1, True),
        ("件" * 66 + "😀" + "件" * 66, 134, 3, True),  # nor half an emoji
        ("`", 1, 1, True),
    ],
)
def test_size(text, units, parts, is_ucs2):
    assert sms.size(text) == Size(units, parts, is_ucs2)


def test_alphabet_is_complete():
    assert len(sms.BASIC) == 127  # 128 positions less the escape
    assert len(sms.EXTENDED) == 10
