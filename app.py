"""The WSGI entry (`gunicorn app:app`) and `python app.py`, which runs a station on this machine."""

import sys
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "app":
        # Imported here: `python app.py` must not make an application, it prepares the station first.
        from station.core.settings import SettingsError  # noqa: PLC0415
        from station.web.factory import create_app  # noqa: PLC0415

        try:
            return create_app()
        except SettingsError as error:
            sys.exit(f"Stationmaster cannot start: {error}")
    raise AttributeError(name)


if __name__ == "__main__":
    from station.serve import main

    main()
