"""Which codes are believed: those that k of the last n frames read. Pure: no clock, no thread.

One frame may be wrong, or catch a parcel that is only carried past. What is believed is told once for each time it
appears: again only after it has been away. That it has gone is told once too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kiosk.codes.kinds import Meaning


@dataclass(frozen=True, slots=True)
class Rule:
    """How many frames must agree.

    Source: ours. At 15 frames a second three of five take 0.2 s, which nobody notices; a Code 128 of noise passes its
    check digit once in 103 readings (ISO/IEC 15417, annex A), three equal ones once in a million. With faces the loop
    runs at 5 frames a second: 0.6 s. `gone_s`: longer than a hand in front of the label, shorter than fetching the
    next parcel. What is gone was missed by the last `of` frames too: a camera that stood still for as long tells
    nothing about what lies before it.
    """

    needed: int = 3
    of: int = 5
    gone_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of one code: the numbers of the frames that read it, when last, and whether it was told."""

    frames: tuple[int, ...]
    last_s: float
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What one frame settled, each in the order of first reading."""

    believed: tuple[Meaning, ...] = ()
    gone: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """What the frames so far said. `frame` counts every frame that was read, with codes or without."""

    frame: int = 0
    traces: Mapping[Meaning, Trace] = field(default_factory=dict)


def hear(memory: Memory, seen: Iterable[Meaning], at_s: float, rule: Rule) -> tuple[Memory, Heard]:
    """Take in one frame: what it said, none or several. Return what is known now and what this frame settled.

    `at_s`: when the frame was taken, monotonic. A code seen twice in a frame counts once. What was believed is told as
    gone before it can be believed again.
    """
    number = memory.frame + 1
    read = dict.fromkeys(seen)
    away = {
        one: trace
        for one, trace in memory.traces.items()
        if at_s - trace.last_s >= rule.gone_s
        and not (trace.is_told and (one in read or number - trace.frames[-1] < rule.of))
    }
    traces = {one: trace for one, trace in memory.traces.items() if one not in away}
    believed = []
    for one in read:
        before = traces.get(one, Trace((), at_s))
        frames = (*(frame for frame in before.frames if frame > number - rule.of), number)
        is_agreed = len(frames) >= rule.needed
        if is_agreed and not before.is_told:
            believed.append(one)
        traces[one] = Trace(frames, at_s, before.is_told or is_agreed)
    gone = tuple(one for one, trace in away.items() if trace.is_told)
    return Memory(number, traces), Heard(tuple(believed), gone)
