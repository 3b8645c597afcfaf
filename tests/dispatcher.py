"""`python -m tests.dispatcher MINUTES`: sends what will be due by then, and ends. A process that tests may kill."""

import sys
from datetime import timedelta
from functools import partial

from station.core import clock, ids
from station.core.settings import load_settings
from station.notices import channel_settings, dispatch
from station.web.factory import create_app


def main():
    settings = load_settings()
    app = create_app(settings)
    with app.app_context():
        ids.hold_node()
        now = clock.now() + timedelta(minutes=int(sys.argv[1]))
        dispatch.run_all(partial(channel_settings.channels_for, settings=settings), now)


if __name__ == "__main__":
    main()
