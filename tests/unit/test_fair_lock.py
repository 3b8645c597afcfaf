"""The lock SQLite's writers queue at."""

import threading

from station.core.sqlite import FairLock


def test_waiters_get_the_lock_in_the_order_in_which_they_asked() -> None:
    lock, order, started = FairLock(), [], []
    assert lock.acquire(1)

    def wait(number: int) -> None:
        started.append(number)
        assert lock.acquire(5)
        order.append(number)
        lock.release()

    threads = []
    for number in range(6):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        threads.append(thread)
        while len(lock._waiters) <= number:
            pass
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(6))


def test_a_waiter_whose_time_is_up_leaves_the_queue() -> None:
    lock = FairLock()
    assert lock.acquire(1)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0.01)
