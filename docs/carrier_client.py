"""A carrier's side of Stationmaster, runnable as it is with Python 3.11 alone: read, subscribe, and check what comes.

    python docs/carrier_client.py events    https://station.example TOKEN [CURSOR]
    python docs/carrier_client.py subscribe https://station.example TOKEN https://carrier.example/events
    python docs/carrier_client.py listen    PORT SECRET

`events` prints one event a line and the cursor to go on from; `listen` is a receiver that takes signed requests, prints
each event once, however often it comes, and refuses what is not signed or too old. docs/api.md says what things mean.
"""

import hashlib
import hmac
import json
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TOO_OLD_S = 300  # a request signed longer ago may be an old one that somebody sends again
ANSWER_S = 30  # how long a station may take
LARGEST_BODY = 100_000  # bytes; a delivery has some hundred
KEPT = 10_000  # delivery ids that are remembered; a real receiver keeps them in its database


def ask(station: str, token: str, path: str, **query: str) -> Any:
    """Read from the API."""
    return _answer(Request(f"{station}/api/v1{path}?{urlencode(query)}", headers=_headers(token)))


def tell(station: str, token: str, path: str, body: Mapping[str, Any]) -> Any:
    """Write to the API. After a time-out send the same again with the same key: it acts once."""
    headers = _headers(token) | {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    return _answer(Request(f"{station}/api/v1{path}", json.dumps(body).encode(), headers))


def events(station: str, token: str, after: str = "0") -> Iterator[dict[str, Any]]:
    """Yield what happened behind a cursor, oldest first; each holds the cursor to go on from."""
    has_more = True
    while has_more:
        page = ask(station, token, "/events", after=after)
        yield from page["events"]
        after, has_more = page["next_cursor"], page["has_more"]


def is_genuine(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Tell whether a request was signed with our secret, and not long ago. The body is taken as it came."""
    stamp = headers.get("Stationmaster-Timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > TOO_OLD_S:
        return False
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    sent = headers.get("Stationmaster-Signature", "")
    return hmac.compare_digest(f"v1={expected}".encode(), sent.encode("latin-1", "replace"))


class Receiver(BaseHTTPRequestHandler):
    """Takes deliveries. The same one may come twice (its answer was lost): it is answered, and not told again."""

    secret = ""
    seen: dict[str, None] = {}  # noqa: RUF012 - one receiver is one process

    def do_POST(self) -> None:
        """Answer 204 for a delivery, 401 for what nobody signed, 413 for what is no delivery."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self._close(413)
            return
        body = self.rfile.read(length)
        if not is_genuine(self.headers, body, self.secret, time.time()):  # type: ignore[arg-type] # a Message
            self._close(401)
            return
        delivery = json.loads(body)
        if delivery["delivery_id"] not in self.seen:
            print(json.dumps(delivery["event"], ensure_ascii=False), flush=True)
            self._remember(delivery["delivery_id"])
        self._close(204)  # only now: what was not kept has to come again

    def _remember(self, delivery_id: str) -> None:
        self.seen[delivery_id] = None
        while len(self.seen) > KEPT:
            del self.seen[next(iter(self.seen))]

    def _close(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing: what is printed are the events."""


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def _answer(request: Request) -> Any:
    with urlopen(request, timeout=ANSWER_S) as answer:
        return json.load(answer)


def _listen(port: int, secret: str) -> None:
    Receiver.secret = secret
    with HTTPServer(("127.0.0.1", port), Receiver) as server:
        print(f"listening on {server.server_port}", file=sys.stderr, flush=True)
        server.serve_forever()


def main(said: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    match said:
        case ["events", station, token, *after] if len(after) < 2:
            cursor = after[0] if after else "0"
            for event in events(station, token, cursor):
                print(json.dumps(event, ensure_ascii=False))
                cursor = event["cursor"]
            print(f"cursor {cursor}", file=sys.stderr)
        case ["subscribe", station, token, url]:
            print(json.dumps(tell(station, token, "/webhooks", {"url": url})))
        case ["listen", port, secret]:
            _listen(int(port), secret)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
