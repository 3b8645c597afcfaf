"""Ids: in the order of time, never twice, whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.core import clock
from station.core.ids import EPOCH, NODES, Generator

NOW = EPOCH + timedelta(days=500)


def test_id_fits_63_bits_and_holds_the_time() -> None:
    with clock.use(lambda: NOW):
        made = Generator(NODES - 1).next()
    assert 0 < made < 1 << 63
    assert EPOCH + timedelta(milliseconds=made >> 22) == NOW


@given(st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=200))
def test_ids_rise_even_when_the_clock_steps_back(steps: list[int]) -> None:
    generator, made = Generator(3), []
    for step in steps:
        with clock.use(lambda step=step: NOW + timedelta(milliseconds=step)):
            made.append(generator.next())
    assert made == sorted(set(made))


def test_a_sequence_that_is_full_borrows_from_the_next_millisecond() -> None:
    generator = Generator(0)
    with clock.use(lambda: NOW):
        made = [generator.next() for _ in range(10_000)]
    assert len(set(made)) == len(made)


def test_two_nodes_never_make_the_same_id() -> None:
    with clock.use(lambda: NOW):
        left, right = Generator(1), Generator(2)
        assert not {left.next() for _ in range(5_000)} & {right.next() for _ in range(5_000)}


def test_threads_never_get_the_same_id() -> None:
    generator = Generator(7)
    with ThreadPoolExecutor(4) as pool:
        made = [
            one
            for batch in pool.map(lambda _: [generator.next() for _ in range(2_000)], range(4))
            for one in batch
        ]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("node", [-1, NODES])
def test_a_node_outside_its_bits_is_refused(node: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        Generator(node)
