"""Agreement: nothing is believed before k of n frames say so, and everything is told once for each appearance."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes.agreement import Memory, Rule, hear
from kiosk.codes.kinds import Kind, Meaning

RULE = Rule(needed=3, of=5, gone_s=1.5)
STEP_S = 0.1
ONE, OTHER = (Meaning(Kind.WAYBILL, waybill) for waybill in ("SF1234567890123", "YT1234567890123"))

shows = st.lists(st.lists(st.sampled_from([ONE, OTHER]), max_size=3), max_size=60)


def told(frames, *, step_s=STEP_S, rule=RULE):
    """Return what was told with each frame; a frame is what it showed."""
    return [one.believed for one in heard(frames, step_s=step_s, rule=rule)]


def gone(frames, **more):
    """Return what was told as gone with each frame."""
    return [one.gone for one in heard(frames, **more)]


def heard(frames, *, step_s=STEP_S, rule=RULE):
    memory, answers = Memory(), []
    for number, seen in enumerate(frames):
        memory, answer = hear(memory, seen, number * step_s, rule)
        answers.append(answer)
    return answers


def test_the_third_of_three_frames_settles_it():
    assert told([[ONE], [ONE], [ONE], [ONE]]) == [(), (), (ONE,), ()]


def test_frames_between_may_miss_it():
    assert told([[ONE], [], [ONE], [], [ONE]])[-1] == (ONE,)


def test_too_many_misses_begin_again():
    assert told([[ONE], [], [], [ONE], [], [], [ONE]])[-1] == ()


def test_one_frame_is_never_believed_however_often_it_says_so():
    assert told([[ONE, ONE, ONE, ONE]]) == [()]


def test_two_parcels_are_told_together():
    assert told([[ONE, OTHER]] * 3)[-1] == (ONE, OTHER)


def test_what_stays_is_told_once():
    assert sum(len(believed) for believed in told([[ONE]] * 200)) == 1


def test_what_leaves_and_comes_back_is_told_again():
    away = int(RULE.gone_s / STEP_S) + 1
    assert sum(len(believed) for believed in told([[ONE]] * 5 + [[]] * away + [[ONE]] * 5)) == 2


def test_a_hand_before_it_is_no_new_appearance():
    away = int(RULE.gone_s / STEP_S) - 2
    assert sum(len(believed) for believed in told([[ONE]] * 5 + [[]] * away + [[ONE]] * 5)) == 1


def test_what_left_is_forgotten():
    memory, _ = hear(Memory(), [ONE], 0.0, RULE)
    for number in range(RULE.of):
        memory, _ = hear(memory, [], RULE.gone_s + number, RULE)
    assert not memory.traces


def test_what_was_believed_and_left_is_told_once_as_gone():
    away = int(RULE.gone_s / STEP_S)
    assert gone([[ONE, OTHER]] * 3 + [[OTHER]] * (away + 20)).count((ONE,)) == 1
    assert gone([[ONE]] * 3 + [[]] * away)[-2:] == [(), (ONE,)]


def test_what_was_never_believed_is_never_gone():
    assert not any(gone([[ONE]] * 2 + [[]] * 40))


def test_what_lies_there_after_the_camera_stood_still_is_not_gone():
    memory = Memory()
    for at_s in (0.0, 0.1, 0.2, 9.0, 9.1, 9.2, 9.3):
        memory, answer = hear(memory, [] if at_s == 9.0 else [ONE], at_s, RULE)
        assert not answer.gone


def test_frames_before_and_after_a_standstill_do_not_agree():
    memory = Memory()
    for at_s in (0.0, 0.1, 9.0, 9.1):
        memory, answer = hear(memory, [ONE], at_s, RULE)
        assert not answer.believed


def test_what_was_away_while_the_camera_stood_still_is_gone_after_enough_frames():
    memory, told_at = Memory(), []
    for at_s in (0.0, 0.1, 0.2, 9.0, 9.1, 9.2, 9.3, 9.4, 9.5):
        memory, answer = hear(memory, [ONE] if at_s < 1 else [], at_s, RULE)
        told_at += [at_s] * len(answer.gone)
    assert told_at == [9.4]


@given(shows)
def test_believed_and_gone_take_turns(frames):
    one_by_one = [
        what
        for answer in heard(frames)
        for what, said in (("gone", answer.gone), ("believed", answer.believed))
        if ONE in said
    ]
    assert one_by_one == ["believed", "gone"] * (len(one_by_one) // 2) + ["believed"] * (len(one_by_one) % 2)


@given(shows)
def test_nothing_is_told_without_enough_frames_behind_it(frames):
    for number, believed in enumerate(told(frames)):
        window = frames[max(0, number - RULE.of + 1) : number + 1]
        for one in believed:
            assert sum(one in seen for seen in window) >= RULE.needed
            assert one in frames[number]


@given(shows)
def test_between_two_tellings_it_was_away(frames):
    tellings = [number for number, believed in enumerate(told(frames)) if ONE in believed]
    for before, after in itertools.pairwise(tellings):
        seen = [number for number in range(before, after + 1) if ONE in frames[number]]
        gaps = [(later - earlier) * STEP_S for earlier, later in itertools.pairwise(seen)]
        assert max(gaps) >= RULE.gone_s - 1e-6


@given(shows)
def test_one_code_does_not_matter_to_another(frames):
    alone = [[one for one in seen if one is ONE] for seen in frames]
    assert [ONE in believed for believed in told(frames)] == [ONE in believed for believed in told(alone)]
