"""Forms as a browser sends them: each with a key of its own, unless a test says which."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

KEYS = count(1)


def post(
    browser: FlaskClient,
    path: str,
    data: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    **kwargs: Any,
) -> TestResponse:
    """Send a form."""
    return browser.post(path, data={"key": key or f"form-key-{next(KEYS)}", **(data or {})}, **kwargs)
