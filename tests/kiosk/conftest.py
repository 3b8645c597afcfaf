"""What tests of the kiosk may ask for: a real station in this process, its clock standing still."""

from collections.abc import Iterator

import pytest

from tests import factories
from tests.kiosk import kiosks


@pytest.fixture
def world(web, tmp_path) -> Iterator[kiosks.World]:
    """A station whose kiosks may do everything."""
    time = kiosks.Time()
    with kiosks.ticking(time):
        made = kiosks.World(web, factories.make_station(), time, tmp_path)
        kiosks.allow(made, kiosks.ALL_WAYS)
        yield made
        made.close()
