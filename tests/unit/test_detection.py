"""Waybills: forms, ranking, canonical text, glued scans. Numbers are made up or from public test suites."""

import re

import pytest

from station.carriers.catalogue import CARRIERS, COMPANIES, LABEL_SIZES, PATTERNS, REASONS, Era, weight_of
from station.carriers.detection import (
    Candidate,
    canonical_waybill,
    detect,
    is_own,
    is_s10,
    looks_glued,
    own_check_digit,
    own_number,
    s10_check_digit,
)

CURRENT = {
    "SF1385628716739": "sf",
    "SFA385628716739": "sf",
    "73610555582883": "zto",
    "78010555582883": "zto",
    "YT8962646785389": "yto",
    "773277027280336": "sto",
    "77327702728033": "sto",
    "432770272803361": "sto",
    "463431409940372": "yunda",
    "5634314099403": "yunda",
    "JDX024407261700": "jd",
    "JDVA11408814483": "jd",
    "JDK012345678901": "jd",
    "1207119765021": "ems",
    "9807119765021": "ems",
    "PA12345678901": "ems",
    "JT5261988016578": "jt",
    "DPK202252612836": "deppon",
    "621123456789012": "cainiao",
    "RB123456785GB": "s10",
    "EA123456785CN": "ems",
    "YT2229521272164446": "other",
}

LEGACY = {
    "300527476792": {"sf", "zto", "sto", "yto"},
    "268527476792": {"sto", "sf", "zto", "yto"},
    "AB12345678": {"yto"},
    "612345678901234567": {"yto"},
    "YT12345678": {"yto"},
    "2123456789012": {"yunda", "sto", "ems"},
    "4309597495550": {"ems", "sto", "yunda"},
    "212345678901234": {"yunda"},
    "JT526198801657": {"jt"},
    "12345678": {"deppon"},
    "75812345678901": {"zto"},
}


@pytest.mark.parametrize(("number", "carrier"), CURRENT.items())
def test_detect_puts_a_current_form_first(number, carrier):
    assert detect(number)[0].carrier == carrier


@pytest.mark.parametrize(("number", "carriers"), LEGACY.items())
def test_detect_names_every_carrier_of_a_legacy_form(number, carriers):
    assert {candidate.carrier for candidate in detect(number)} == carriers


@pytest.mark.parametrize(
    "number",
    [
        "",
        "X",
        "SHELF12345",
        "5685685685685685",
        "SF12345",
        "ABCDEFGHIJ",
        "sf1385628716739",
        "SF１３８５６２８７１６７３９",
    ],
)
def test_detect_of_what_fits_nothing_is_empty(number):
    assert detect(number) == ()


def test_yunexpress_comes_before_yto_and_yto_stays_a_candidate():
    assert [c.carrier for c in detect("YT2229521272164446")] == ["other", "yto"]
    assert [c.carrier for c in detect("YT8962646785389")] == ["yto"]


def test_prior_decides_between_ambiguous_forms():
    assert [c.carrier for c in detect("432770272803361")] == ["sto", "yunda"]
    assert detect("432770272803361", prior="yunda")[0].carrier == "yunda"
    assert detect("300527476792", prior="zto")[0].carrier == "zto"


def test_prior_on_a_mere_length_yields_to_a_specific_form():
    assert [c.carrier for c in detect("773277027280336", prior="yunda")] == ["sto", "yunda"]


@pytest.mark.parametrize("prior", ["sf", "nobody", ""])
def test_prior_of_a_carrier_that_does_not_fit_changes_nothing(prior):
    assert detect("463431409940372", prior=prior) == detect("463431409940372")


def test_equal_scores_keep_the_order_of_the_catalogue():
    assert [c.carrier for c in detect("300527476792")] == ["sf", "zto", "yto", "sto"]


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (1, 1), (0, 0), (-1, 0), (9, 4)])
def test_limit_cuts_the_list(limit, count):
    assert len(detect("300527476792", limit=limit)) == count


def test_candidates_are_never_cut_by_the_usual_limit():
    assert all(len(detect(number, limit=99)) <= 5 for number in [*CURRENT, *LEGACY])


@pytest.mark.parametrize(
    ("serial", "check"),
    [("12345678", 5), ("47312482", 9), ("00000000", 5), ("00004000", 0), ("10000000", 3)],
)
def test_s10_check_digit_follows_the_standard(serial, check):
    assert s10_check_digit(serial) == check


def test_s10_with_a_wrong_check_digit_is_no_candidate():
    assert is_s10("RB123456785US")
    assert not is_s10("RB123456786US")
    assert detect("RB123456786US") == ()


def test_s10_is_the_only_certainty_and_china_post_brings_foreign_post():
    assert detect("RB123456785US") == (
        Candidate("s10", 1.0, "s10_foreign"),
        Candidate("ems", 0.5, "s10_inbound"),
    )
    assert detect("RB123456785CN") == (Candidate("ems", 1.0, "s10_china"),)
    assert all(c.score < 1 for number in CURRENT for c in detect(number) if not is_s10(number))


@pytest.mark.parametrize(("digits", "check"), [("0794", 5), ("0000000000", 1)])
def test_the_check_digit_of_our_own_numbers_follows_the_standard(digits, check):
    # 0794 and its 5 are the example of ISO/IEC 7064; ten zeros were followed through its recursion by hand.
    assert own_check_digit(digits) == check


def test_our_own_numbers_are_known_with_certainty_and_a_wrong_digit_is_no_number_of_ours():
    number = own_number(1234567890)
    assert number == "GB12345678903"
    assert detect(number) == (Candidate("own", 1.0, "own"),)
    assert detect(number, prior="sf") == (Candidate("own", 1.0, "own"),)
    assert detect(number, limit=0) == ()
    for place in range(2, len(number)):
        for digit in set("0123456789") - {number[place]}:
            assert not is_own(number[:place] + digit + number[place + 1 :])


def test_our_own_serials_have_at_most_ten_digits():
    with pytest.raises(ValueError, match="digits"):
        own_number(10**10)


def test_nobody_can_choose_the_station_itself_as_a_carrier():
    assert CARRIERS.keys() - COMPANIES.keys() == {"own"}


def test_every_reason_has_a_text_and_every_carrier_a_name():
    used = {pattern.reason for pattern in PATTERNS} | {
        "s10",
        "s10_china",
        "s10_foreign",
        "s10_inbound",
        "own",
    }
    assert used == set(REASONS)
    assert {pattern.carrier for pattern in PATTERNS} <= set(CARRIERS)
    for facts in CARRIERS.values():
        assert facts.name("en").isascii()
        assert facts.short_name("en").isascii()
        assert re.search("[\u4e00-\u9fff]", facts.name("zh"))
        assert re.search("[\u4e00-\u9fff]", facts.short_name("zh"))
        assert set(facts.label_sizes) <= set(LABEL_SIZES)
        assert facts.service_phone is None or facts.service_phone.isdigit()


def test_current_forms_rank_above_legacy_ones():
    lowest_current = min(pattern.weight for pattern in PATTERNS if pattern.era is Era.CURRENT)
    highest_legacy = max(pattern.weight for pattern in PATTERNS if pattern.era is Era.LEGACY)
    assert highest_legacy < lowest_current
    assert weight_of(1e-9, Era.CURRENT) < 1


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("SF1385628716739", "SF1385628716739"),
        (" sf1385628716739\r\n", "SF1385628716739"),
        ("SF13 8562 8716 739", "SF1385628716739"),
        ("ＳＦ１３８５６２８７１６７３９", "SF1385628716739"),
        ("7361\u00a00555\u30005828-83", "73610555582883"),
        ("7361–0555—582883", "73610555582883"),
        ("JDX058278770023-1-1-", "JDX058278770023"),
        ("jdva11408814483-1-1-", "JDVA11408814483"),
        ("JDX058278770023-1-2-", "JDX05827877002312"),
        ("JDX058278770023-2-2-", "JDX05827877002322"),
        ("12345678", "12345678"),
        ("1234-5678-9012", "123456789012"),
    ],
)
def test_canonical_waybill_has_one_spelling(raw, canonical):
    assert canonical_waybill(raw) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "-------------",
        "1234567",
        "1" * 33,
        "1" * 10_000,
        "SHELF:12",
        "CMD:UNDO12345",
        "ID:ABCDEF123456",
        "15-1-7231",
        "109-6-4006",
        "12-10-13210",
        "ABCDEFGHIJK",
        "SF138562871673😀",
        "SF13856\x00716739",
        "SF1385628716739\nSF1385628716740",
        "SF1385628716739\tSF13856",
        "138****4068",
        "陈晓明12345678",
        "١٢٣٤٥٦٧٨٩٠١٢",
        "ıı12345678",
        "-1234567.5",
    ],
)
def test_canonical_waybill_refuses_what_is_none(raw):
    assert canonical_waybill(raw) is None


def test_a_box_of_several_is_still_jd():
    box = canonical_waybill("JDX058278770023-1-2-")
    assert [c.carrier for c in detect(box)] == ["jd"]


@pytest.mark.parametrize(
    "raw",
    [
        "SF1385628716739SF1385628716740",
        "SF1385628716739YT8962646785389",
        "YT8962646785389773277027280336",
        "773277027280336YT8962646785389",
        "7361055558288373610555582884",
        "463431409940372463431409940388",
        "12071197650211207119765022",
        "RB123456785GBRB123456785GB",
        "JDX058278770023-1-1-JDX058278770024-1-1-",
        "300527476792300527476792",
        "1234567812345678",
        "SF1385628716739 SF1385628716740",
        "SF1385628716739\nSF1385628716740",
        "SF1385628716739\t300527476792\r\n",
    ],
)
def test_two_scans_are_seen(raw):
    assert looks_glued(raw)


@pytest.mark.parametrize(
    "raw",
    [
        *CURRENT,
        *LEGACY,
        "SF1385628716739\r\n",
        "YT2229521272164446",
        "YT12345678901234567890",
        "612345678612345678",
        "7712345677123456",
        "420941019400111899223197428490",
        "9205590164917312751089",
        "SF1385628716739SF13856287",
        "SF1385628716739SF1385628716740" * 3,
        "15-1-7231",
        "",
        "hello\nworld",
    ],
)
def test_one_scan_is_not_taken_for_two(raw):
    assert not looks_glued(raw)
