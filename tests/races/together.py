"""Lets two acts happen at the same moment, each in a thread with a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from station.core.db import db, transaction
from station.core.errors import StationError

WAIT_S = 300  # for a machine that is busy with everything else; what is awaited takes seconds


def together(app, *acts):
    """Run the acts at once, each in its own transaction; return what each returned or the error it refused with."""
    return at_once(app, *(lambda act=act: in_transaction(act) for act in acts))


def at_once(app, *acts):
    """Run the acts at once; they open their transactions themselves."""
    start = threading.Barrier(len(acts))

    def run(act):
        with app.app_context():
            try:
                start.wait(WAIT_S)
                return act()
            except StationError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(WAIT_S) for future in [pool.submit(run, act) for act in acts]]


def in_transaction(act):
    with transaction():
        return act()


def winners(results):
    """Return the results that are no refusals, and the codes of those that are."""
    refused = [result.code for result in results if isinstance(result, StationError)]
    return [result for result in results if not isinstance(result, StationError)], refused
