"""Gateways on this machine that remember what came in: HTTP (webhook and Aliyun) and SMTP."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict
    body: bytes

    @property
    def form(self):
        """Return the values in the address and in a form's body."""
        text = urlsplit(self.path).query + "&" + self.body.decode()
        return {name: values[0] for name, values in parse_qs(text).items()}

    @property
    def action(self):
        """Return what is asked of Aliyun."""
        return {name.lower(): value for name, value in self.headers.items()}["x-acs-action"]

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class HttpGateway:
    """Answers every request by `answer(request)`: status, body, further headers."""

    answer: object
    url: str = ""
    requests: list = field(default_factory=list)


@contextmanager
def http_gateway(answer=lambda request: (200, "", {})):
    gateway = HttpGateway(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.path, dict(self.headers), body)
            gateway.requests.append(request)
            status, text, headers = gateway.answer(request)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_peer: None  # a client that was killed takes no answer
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """Takes mail; `replies` are said instead of 250 at RCPT or DATA, `delay_s` is waited before DATA is answered."""

    port: int = 0
    mails: list = field(default_factory=list)
    recipients: list = field(default_factory=list)
    replies: dict = field(default_factory=dict)
    delay_s: float = 0
    on_mail: Callable[[], None] = lambda: None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.recipients.append(envelope.rcpt_tos)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        time.sleep(self.delay_s)
        self.on_mail()
        return "250 OK"


class AnyPort(Controller):
    """Listens where there is room."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mailbox(*, replies=None, delay_s=0.0, on_mail=lambda: None, **arguments):
    """Run an SMTP server; further `arguments` are aiosmtpd's (TLS, sign-in)."""
    box = Mailbox(replies=replies or {}, delay_s=delay_s, on_mail=on_mail)
    controller = AnyPort(box, hostname="127.0.0.1", port=0, **arguments)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
