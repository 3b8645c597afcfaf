"""The WSGI entry (`gunicorn app:app`) and `python app.py`, which runs a station on this machine."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "app":
        from station.web.factory import create_app  # noqa: PLC0415 - `python app.py` must not make an application

        return create_app()
    raise AttributeError(name)


if __name__ == "__main__":
    from station.serve import main

    main()
