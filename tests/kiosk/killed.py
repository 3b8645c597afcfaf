"""A kiosk that dies: plays a scenario until the spool has committed a state, and is killed there and then.

Run as `python -m tests.kiosk.killed DATABASE`. Reads one line for each death (a pickled Death in base64), forks,
and prints how the fork ended. One process for all, since starting the program anew would be most of the time.
"""

import base64
import os
import pickle
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from kiosk.session.events import PersonKnown, Released
from kiosk.spool.intents import Intents
from kiosk.spool.lifecycle import State
from station.core import ids
from station.core.db import db, reading, transaction
from station.core.settings import Settings
from station.kiosks import unfinished
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.web.factory import create_app
from tests.conftest import TEST_KEYS
from tests.factories import Station
from tests.kiosk.kiosks import Kiosk, Time, World, hand_overs, ticking
from tests.kiosk.line import Loss

DOOR = "door-opened"  # a file in the kiosk's folder: a line for each time the door opened
NODE = 900  # of ids, so that they differ from those of the process that watches


@dataclass(frozen=True)
class Death:
    """Where to die, and in which scenario."""

    station: Station
    folder: Path
    token: str
    recipient_id: int
    parcel_id: int
    scenario: str
    state: State


class Scene:
    """A kiosk and its station, as the scenarios play with them."""

    def __init__(self, app: Flask, death: Death, time: Time) -> None:
        self.death, self.time = death, time
        self.world = World(app, death.station, time, death.folder.parent)
        self.kiosk = Kiosk(death.folder, app, death.token, time)
        self.person = None

    def come(self) -> None:
        known = self.kiosk.show(self.world.code(self.death.recipient_id))
        assert isinstance(known, PersonKnown), known
        self.person = known.person

    def release(self) -> bool:
        return isinstance(self.kiosk.release(self.person, self.person.parcels[0]), Released)

    def open(self) -> None:
        with (self.death.folder / DOOR).open("a") as door:
            door.write("open\n")
            door.flush()
            os.fsync(door.fileno())
        self.kiosk.releasing.opened(str(self.death.parcel_id))

    def take(self) -> None:
        assert self.release()
        self.open()

    def restart(self) -> None:
        self.kiosk = self.kiosk.restart()

    def hand_over_at_the_counter(self) -> None:
        with transaction():
            hand_over.hand_over(self.death.station.clerk, self.death.parcel_id, Taker("counter"))


def online(scene: Scene) -> None:
    scene.come()
    scene.take()


def acted_on_without_answer(scene: Scene) -> None:
    """Die although the station has acted: the answer is on its way."""
    scene.come()
    scene.kiosk.line.losses = [Loss.AFTER]
    scene.kiosk.line.on_loss = die
    scene.take()


def refused(scene: Scene) -> None:
    scene.come()
    scene.time.pass_(minutes=11)
    assert not scene.release()


def offline(scene: Scene) -> None:
    scene.kiosk.line.is_cut = True
    scene.come()
    scene.take()


def line_lost_on_the_way(scene: Scene) -> None:
    scene.come()
    scene.kiosk.line.losses = [Loss.AFTER, Loss.AFTER]
    scene.take()


def withheld(scene: Scene) -> None:
    scene.kiosk.line.is_cut = True
    scene.come()
    scene.kiosk.waiting.clear()
    assert not scene.release()


def doubtful(scene: Scene) -> None:
    scene.come()
    scene.kiosk.waiting.clear()
    scene.kiosk.line.losses = [Loss.AFTER, Loss.AFTER]
    assert not scene.release()


def doubtful_and_never_arrived(scene: Scene) -> None:
    scene.come()
    scene.kiosk.waiting.clear()
    scene.kiosk.line.losses = [Loss.BEFORE, Loss.BEFORE]
    assert not scene.release()


def replayed(scene: Scene) -> None:
    offline(scene)
    scene.kiosk.line.is_cut = False
    scene.kiosk.syncing.turn()


def conflicted(scene: Scene) -> None:
    offline(scene)
    scene.hand_over_at_the_counter()
    scene.kiosk.line.is_cut = False
    scene.kiosk.syncing.turn()


def unfinished_online(scene: Scene) -> None:
    scene.come()
    assert scene.release()
    scene.restart()


def unfinished_offline(scene: Scene) -> None:
    scene.kiosk.line.is_cut = True
    scene.come()
    assert scene.release()
    scene.restart()


def unfinished_then_replayed(scene: Scene) -> None:
    unfinished_offline(scene)
    scene.kiosk.syncing.turn()


def settled(scene: Scene) -> None:
    unfinished_online(scene)
    scene.kiosk.syncing.turn()
    with reading():
        hand_over_id = hand_overs(scene.death.parcel_id)[0]
    with transaction():
        unfinished.it_left(scene.death.station.clerk, hand_over_id)
    scene.kiosk.syncing.turn()


# Every state that the spool names, with each way of dying there.
SCENARIOS: dict[State, tuple[Callable[[Scene], None], ...]] = {
    State.WRITTEN: (online, offline),
    State.POSTED: (online, line_lost_on_the_way, acted_on_without_answer),
    State.ACCEPTED: (online,),
    State.REFUSED: (refused,),
    State.WITHHELD: (withheld,),
    State.ALLOWED_OFFLINE: (offline, line_lost_on_the_way),
    State.OPENED: (online,),
    State.OPENED_OFFLINE: (offline, line_lost_on_the_way),
    State.REPLAYED: (replayed,),
    State.CONFLICTED: (conflicted,),
    State.DOUBTFUL: (doubtful, doubtful_and_never_arrived),
    State.UNFINISHED_OFFLINE: (unfinished_offline,),
    State.UNFINISHED: (unfinished_online, unfinished_then_replayed),
    State.SETTLED: (settled,),
}
_BY_NAME = {scenario.__name__: scenario for many in SCENARIOS.values() for scenario in many}


def die() -> None:
    """End as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(state: State) -> None:
    """Die as soon as an intent is committed in this state."""
    write, act = Intents.write, Intents.act

    def written(self, draft, now):
        write(self, draft, now)
        if state is State.WRITTEN:
            die()

    def acted(self, key, action, now, **facts):
        became = act(self, key, action, now, **facts)
        if became is state:
            die()
        return became

    Intents.write, Intents.act = written, acted  # type: ignore[method-assign]


def play(app: Flask, death: Death) -> None:
    """Play a scenario; a fork that returns from here has not died where it should."""
    ids.use_node(NODE)
    time = Time()
    with app.app_context(), ticking(time):
        scene = Scene(app, death, time)
        if death.scenario != acted_on_without_answer.__name__:
            die_at(death.state)
        _BY_NAME[death.scenario](scene)
        db.session.remove()


def main(database: str) -> None:
    """Fork and die for each line that is read."""
    app = create_app(Settings(Path(database).parent, f"sqlite:///{database}", TEST_KEYS))
    print("ready", flush=True)
    for line in sys.stdin:
        death = pickle.loads(base64.b64decode(line))
        child = os.fork()
        if child == 0:
            play(app, death)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
