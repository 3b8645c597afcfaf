"""What the demo shows of parcels that go back: a manifest a courier signed, an open one, an unclaimable parcel."""

import math
import struct
import zlib
from datetime import timedelta
from functools import partial

from station.parcels import handling
from station.parcels import queries as parcels
from station.returns import manifests, queries, unclaimed
from station.simulator.run import Simulation
from station.simulator.world import World

COURIER = "赵师傅 Zhao"
# Hours before now; by then demo.py's parcels of these carriers are on their way back, and the storage time is over.
_SIGNED_H = 6
_REGISTERED_H = 3
_OPENED_H = 0.4
_SIGNED_BY, _OPEN_FOR, _UNCLAIMED_OF = "sf", "yto", "zto"
_WIDTH, _HEIGHT = 240, 80  # pixels of the drawn signature


def plan(simulation: Simulation) -> None:
    """Plan what is shown, by the services; what is refused is left out, as in life."""
    world, now = simulation.world, simulation.until
    shown = (
        (_SIGNED_H, "manifests signed", _sign),
        (_REGISTERED_H, "unclaimable", _register),
        (_OPENED_H, "manifests opened", _leave_open),
    )
    for hours, word, act in shown:
        world.agenda.plan(now - timedelta(hours=hours), partial(world.attempt, word, partial(act, world)))


def _sign(world: World) -> None:
    manifest_id = _fill(world, _SIGNED_BY)
    manifests.sign(world.staff[0], manifest_id, courier_name=COURIER, signature=scribble())


def _leave_open(world: World) -> None:
    _fill(world, _OPEN_FOR)


def _fill(world: World, carrier: str) -> int:
    """Put what goes back to a carrier on its manifest."""
    clerk = world.staff[0]
    manifest_id = manifests.open_manifest(clerk, carrier)
    for one in queries.going_back(parcels.clock_of(world.station_id)):
        if one.row.carrier == carrier and one.row.hold_reason is None and one.manifest_id is None:
            manifests.add(clerk, manifest_id, one.row.waybill)
    return manifest_id


def _register(world: World) -> None:
    """Enter the parcel of _UNCLAIMED_OF that has waited longest, its return begun if its time is not quite over."""
    wanted = parcels.Filter(carrier=_UNCLAIMED_OF)
    waiting = parcels.page(parcels.clock_of(world.station_id), wanted).rows
    parcel = next(one for one in waiting if one.hold_reason is None)
    if queries.why(parcel) is None:
        handling.start_return(world.staff[0], parcel.id, reason="not_collected")
    unclaimed.enter(world.staff[0], parcel.waybill, reason="carrier_refused")


def scribble() -> bytes:
    """Return a drawn line as a PNG (ISO/IEC 15948): white paper, a black wave."""
    rows = []
    for y in range(_HEIGHT):
        ink = (0 if abs(y - 40 - 25 * math.sin(x / 9) * math.cos(x / 31)) < 3 else 255 for x in range(_WIDTH))
        rows.append(b"\0" + bytes(ink))
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)  # 8 bits of grey
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
