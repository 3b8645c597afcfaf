"""The line between a kiosk and the real station, in one process, and what can happen to it."""

import io
from contextvars import copy_context
from enum import Enum

import requests
from flask.globals import _cv_app


class Loss(Enum):
    """What happens to one request."""

    NONE = "none"
    BEFORE = "before"  # it never arrives
    AFTER = "after"  # it is acted on, and the answer never comes back
    TWICE = "twice"  # it arrives twice, as a line that repeats makes it
    LATE = "late"  # the kiosk gives up on it, and it arrives behind later ones


OVERTAKEN_BY = 2  # requests that arrive before a late one


class Line:
    """Sends as requests.Session does, to a Flask application. `losses` are used up one by one, then all goes well."""

    def __init__(self, app):
        self._app = app
        self.losses = []
        self._of_path = {}
        self.is_cut = False
        self._late = []
        self.on_loss = lambda: None  # when an answer is lost
        self.sent = []

    def request(self, method, url, *, headers=None, json=None, params=None, timeout=0, **_options):
        """Send one request, unless something happens to it."""
        assert timeout > 0
        path = "/" + url.split("/", 3)[3]
        loss = self._loss(path.rpartition("/kiosks")[2])
        if self.is_cut or loss is Loss.BEFORE:
            raise requests.ConnectionError("cut")
        asked = {"method": method, "headers": headers, "json": json, "query_string": params}
        if loss is Loss.LATE:
            self._late.append([OVERTAKEN_BY, path, asked])
            raise requests.ReadTimeout("no answer")
        self.sent.append((method, path.rpartition("/kiosks")[2], json))
        answer = copy_context().run(self._open, path, asked)
        if loss is Loss.TWICE:
            answer = copy_context().run(self._open, path, asked)
        self._overtake()
        if loss is Loss.AFTER:
            self.on_loss()
            raise requests.ReadTimeout("no answer")
        return _response(answer)

    def _overtake(self):
        """Let late requests arrive that enough others have overtaken."""
        for late in self._late:
            late[0] -= 1
        arriving = [late for late in self._late if late[0] <= 0]
        self._late = [late for late in self._late if late[0] > 0]
        for _, path, asked in arriving:
            copy_context().run(self._open, path, asked)

    def lose(self, path, *losses):
        """Let these happen to the next requests of one endpoint."""
        self._of_path.setdefault(path, []).extend(losses)

    def _loss(self, path):
        losses = self._of_path.get(path) or self.losses
        return losses.pop(0) if losses else Loss.NONE

    def posts(self, path):
        """Return the bodies that were sent to an endpoint."""
        return [body for method, sent, body in self.sent if method == "POST" and sent == path]

    def _open(self, path, asked):
        _cv_app.set(None)
        return self._app.test_client().open(path, **asked)


def _response(answer):
    made = requests.Response()
    made.status_code = answer.status_code
    made.headers.update(dict(answer.headers))
    made.raw = io.BytesIO(answer.data)
    return made
