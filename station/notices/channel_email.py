"""Messages by e-mail, handed to the station's mail server (SMTP, RFC 5321)."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL
from email.utils import format_datetime
from enum import StrEnum

from station.core import clock
from station.core.phones import Phone
from station.notices import wire
from station.notices.channels import ChannelError, Medium, Message, RefusedError
from station.notices.wire import AddressRule

ADDRESS_LIMIT = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
SUBJECT_LIMIT = 78  # RFC 5322, section 2.1.1: what every screen shows in one line
# RFC 5321's Mailbox without quoted local parts, address literals and other alphabets: what providers give people.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_NOT_PRINTED = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Security(StrEnum):
    """How the connection is kept secret."""

    TLS = "tls"  # from the first byte (RFC 8314), port 465
    STARTTLS = "starttls"  # asked for, and refused to go on without (RFC 3207), port 587
    NONE = "none"  # for a server in the same house


@dataclass(frozen=True, slots=True)
class EmailOptions:
    """The mail server, and who writes."""

    host: str
    port: int
    security: str
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


class EmailChannel:
    """Send each message as a plain text mail."""

    name = "email"
    medium = Medium.EMAIL

    def __init__(self, options: EmailOptions, rule: AddressRule) -> None:
        self._options = options
        self._rule = rule

    def reaches(self, phone: Phone, email: str | None) -> bool:
        """Whoever gave an address."""
        return bool(email)

    def send(self, message: Message) -> None:
        """Hand `message` to the mail server. Raises ChannelError, RefusedError."""
        if not is_address(message.email or ""):
            raise RefusedError("address_refused")
        mail = mail_of(message, self._options)
        try:
            self._deliver(mail)
        except wire.ForbiddenAddressError as error:
            raise ChannelError("gateway_settings", wire.forbidden()) from error
        except ssl.SSLCertVerificationError as error:
            raise ChannelError("gateway_settings", error.verify_message) from error
        except smtplib.SMTPException as error:
            raise failure_of(error) from error
        except OSError as error:
            raise ChannelError("gateway_unreachable", type(error).__name__) from error

    def _deliver(self, mail: EmailMessage) -> None:
        options = self._options
        rule = wire.unencrypted(self._rule) if options.security == Security.NONE else self._rule
        with wire.line(options.host, options.port, rule) as line:
            client = _Client(line.socket, options)
            try:
                if options.security == Security.STARTTLS:
                    client.starttls(context=ssl.create_default_context())
                if options.user:
                    client.login(options.user, options.password)
                client.send_message(mail)
                with suppress(
                    OSError, smtplib.SMTPException
                ):  # it has the mail; how it says good-bye is its own
                    client.quit()
            finally:
                client.close()


class _Client(smtplib.SMTP):
    """Speaks over a connection that is open already."""

    def __init__(self, opened: socket.socket, options: EmailOptions) -> None:
        self._opened = opened
        self._is_tls = options.security == Security.TLS
        # Named after the sender, since asking this machine for its own full name may wait for a name server.
        super().__init__(
            options.host, options.port, local_hostname=domain_of(options.sender), timeout=wire.STEP_S
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        if not self._is_tls:
            return self._opened
        return wire.secured(self._opened, host)


def is_address(text: str) -> bool:
    """Tell whether `text` is an e-mail address and nothing else: no second one, no header, no command."""
    return len(text) <= ADDRESS_LIMIT and _ADDRESS.fullmatch(text) is not None


def domain_of(address: str) -> str:
    """Return what stands behind the @."""
    return address.rpartition("@")[2]


def mail_of(message: Message, options: EmailOptions) -> EmailMessage:
    """Return the mail of a message; the same message always has the same Message-ID."""
    mail = EmailMessage(policy=MAIL)
    mail["From"] = Address(_one_line(options.sender_name), addr_spec=options.sender)
    mail["To"] = message.email
    mail["Subject"] = _one_line(message.subject) or _one_line(message.text)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.id}@{domain_of(options.sender)}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: an answering machine does not answer it
    if message.link:
        mail["List-Unsubscribe"] = f"<{_NOT_PRINTED.sub('', message.link)}>"  # RFC 2369
    mail.set_content(message.text)
    return mail


def _one_line(text: str) -> str:
    plain = _NOT_PRINTED.sub(" ", text).strip()
    return plain if len(plain) <= SUBJECT_LIMIT else plain[: SUBJECT_LIMIT - 1] + "…"


def failure_of(error: smtplib.SMTPException) -> ChannelError:
    """Return what an SMTP failure means; codes 4xx are for now, 5xx for good (RFC 5321, section 4.2.1)."""
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
        return ChannelError("gateway_unreachable", type(error).__name__)
    code, said = _reply(error)
    if code is None or isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
        return ChannelError("gateway_settings", said)
    if code < 500:
        return ChannelError("gateway_busy", said)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return RefusedError("address_refused", said)
    if isinstance(error, smtplib.SMTPDataError):
        return RefusedError("text_refused", said)
    return ChannelError("gateway_failed", said)


def _reply(error: smtplib.SMTPException) -> tuple[int | None, str]:
    """Return code and words of the server's answer; no code when the failure is not an answer."""
    words: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        return None, type(error).__name__
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return code, f"{code} {text}"
