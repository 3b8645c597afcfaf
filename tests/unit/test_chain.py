"""The bytes of the custody chain, pinned: a change here makes every log in the world unverifiable."""

import hashlib
from datetime import UTC, datetime

from station.events.chain import GENESIS, Break, Link, anchor_message, canonical, first_break, link_hash

AT = datetime(2026, 11, 21, 8, 30, 0, 123456, tzinfo=UTC)
FIRST = Link(42, 1, AT, "checked_in", 7, "staff:5", '{"code":"12-3-3210"}')
FIRST_HASH = "bf94f080570a190c0e08b722976411ed4bc92a3734ba9d17e6cb97b9d70ae644"
SECOND_HASH = "cb86bec22126ffd334989a68d59e2d57999e18854032c7887d32176862f918ab"


def chain(count):
    links, previous = [], GENESIS
    for seq in range(1, count + 1):
        bare = Link(42, seq, AT, "moved", seq, "staff:5", "{}")
        previous = link_hash(previous, bare)
        links.append(Link(42, seq, AT, "moved", seq, "staff:5", "{}", previous))
    return links


def test_genesis_is_pinned():
    assert GENESIS.hex() == "2c2eb625a3168ff7e30fe80dd9534c13cc7588f36287ffa9fe4f848d320a983a"


def test_link_with_parcel_is_pinned():
    assert link_hash(GENESIS, FIRST).hex() == FIRST_HASH


def test_link_without_parcel_is_pinned():
    second = Link(42, 2, AT, "day_closed", None, "system:0", '{"地":"杭州"}')

    assert link_hash(bytes.fromhex(FIRST_HASH), second).hex() == SECOND_HASH


def test_link_hash_is_what_the_document_says():
    words = "stationmaster-custody-1|42|1|2026-11-21T08:30:00.123456Z|checked_in|7|staff:5|" + FIRST.data

    by_hand = hashlib.sha256(GENESIS + words.replace("|", "\x1f").encode()).hexdigest()

    assert by_hand == FIRST_HASH


def test_anchor_message_is_pinned():
    message = anchor_message(42, 9, b"\xab" * 32, AT)

    assert message == (
        b"stationmaster-custody-1\x1fanchor\x1f42\x1f9\x1f" + b"ab" * 32 + b"\x1f2026-11-21T08:30:00.123456Z"
    )


def test_canonical_sorts_keys_and_keeps_unicode():
    assert canonical({"b": 1, "a": "杭"}) == '{"a":"杭","b":1}'


def test_canonical_escapes_the_separator():
    assert "\x1f" not in canonical({"a": "x\x1fy"})


def test_first_break_passes_a_whole_chain():
    assert first_break(chain(5)) is None


def test_first_break_names_a_gap():
    links = chain(5)

    assert first_break(links[:2] + links[3:]) == Break(3, "gap")


def test_first_break_names_a_changed_link():
    links = chain(5)
    forged = Link(42, 3, AT, "moved", 99, "staff:5", "{}", links[2].hash)

    assert first_break([*links[:2], forged, *links[3:]]) == Break(3, "changed")
