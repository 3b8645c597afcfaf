"""E-mail: what the mail says, that nobody can slip a header in, and what each answer of the server means."""

import re
import ssl

import pytest
from aiosmtpd.smtp import AuthResult

from station.core.phones import parse
from station.notices import wire
from station.notices.channel_email import EmailChannel, EmailOptions, is_address, mail_of
from station.notices.channels import ChannelError, Message, RefusedError
from tests.gateways import mailbox

PHONE = parse("13812344068")


def options(port=25, **changes):
    values = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "maple@station.example"}
    return EmailOptions(**values | {"sender_name": "Maple Court 枫林苑"} | changes)


def message(**changes):
    values = {"subject": "凭 12-3-3210 取件", "email": "chen@example.com"} | changes
    return Message(7, PHONE, "凭 12-3-3210 取件\nCome before 9 pm.", **values)


def send(box, *, rule=wire.anywhere, to=None, **changes):
    EmailChannel(options(box.port, **changes), rule).send(to or message())


def test_mail_arrives_as_it_was_written():
    with mailbox() as box:
        send(box, to=message(link="https://station.example/m/abc"))

    [mail] = box.mails
    assert box.recipients == [["chen@example.com"]]
    assert mail["Message-ID"] == "<7@station.example>"
    assert mail["From"].addresses[0].display_name == "Maple Court 枫林苑"
    assert mail["Subject"] == "凭 12-3-3210 取件"
    assert mail["List-Unsubscribe"] == "<https://station.example/m/abc>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == ["凭 12-3-3210 取件", "Come before 9 pm."]


def test_same_message_has_the_same_id_again():
    with mailbox() as box:
        send(box)
        send(box)

    assert {mail["Message-ID"] for mail in box.mails} == {"<7@station.example>"}


def test_without_a_link_there_is_no_unsubscribe():
    assert "List-Unsubscribe" not in mail_of(message(), options())


@pytest.mark.parametrize("nasty", ["a\r\nBcc: eve@example.com", "a\nX: 1", "a\u2028b", "a\x00b", "x" * 500])
def test_no_text_becomes_a_header(nasty):
    mail = mail_of(message(subject=nasty, link=f"https://x.example/{nasty}"), options(sender_name=nasty))
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]

    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert not re.search(rb"^(Bcc|X):", head, re.MULTILINE)
    assert max(map(len, head.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "address",
    [
        "",
        "chen",
        "a@b",
        "a@example.com\r\nBcc: eve@example.com",
        "a@example.com, eve@example.com",
        "<a@example.com>",
        "a b@example.com",
        "a@example.com>",
        '"a\n"@example.com',
        "陈@example.com",
        "a@-example.com",
        "a@example..com",
        f"{'a' * 250}@example.com",
    ],
)
def test_address_that_is_none_is_refused_for_good(address):
    assert not is_address(address)
    with mailbox() as box, pytest.raises(RefusedError, match="address_refused"):
        send(box, to=message(email=address))
    assert box.mails == []


@pytest.mark.parametrize("address", ["a@example.com", "chen.xm+parcel@mail.example.com.cn", "1@x-y.cn"])
def test_address_of_a_person(address):
    assert is_address(address)


@pytest.mark.parametrize(
    ("step", "reply", "kind", "reason"),
    [
        ("RCPT", "550 no such user", RefusedError, "address_refused"),
        ("RCPT", "450 greylisted", ChannelError, "gateway_busy"),
        ("DATA", "554 looks like spam", RefusedError, "text_refused"),
        ("DATA", "452 full", ChannelError, "gateway_busy"),
    ],
)
def test_answers_of_the_server(step, reply, kind, reason):
    with mailbox(replies={step: reply}) as box, pytest.raises(ChannelError, match=reason) as caught:
        send(box)
    assert type(caught.value) is kind
    assert caught.value.answer == reply


def test_nobody_listens():
    with mailbox() as box:
        pass
    with pytest.raises(ChannelError, match="gateway_unreachable"):
        send(box)


def test_private_server_is_refused_unless_allowed():
    with mailbox() as box, pytest.raises(ChannelError, match="gateway_settings"):
        send(box, rule=wire.public_only)
    assert box.mails == []


def test_server_that_hangs_is_cut_off(monkeypatch):
    monkeypatch.setattr(wire, "WHOLE_S", 0.2)
    with mailbox(delay_s=0.5) as box, pytest.raises(ChannelError, match="gateway_unreachable"):
        send(box)


def check(server, session, envelope, mechanism, data):
    is_right = (data.login, data.password) == (b"maple", b"right")
    return AuthResult(success=is_right, handled=False)


def test_starttls_and_sign_in(mail_certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_certificate.authority))
    with mailbox(tls_context=mail_certificate.server, authenticator=check, auth_required=True) as box:
        send(box, security="starttls", user="maple", password="right")
        with pytest.raises(ChannelError, match="gateway_settings"):
            send(box, security="starttls", user="maple", password="wrong")
    assert len(box.mails) == 1


def test_tls_from_the_first_byte(mail_certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_certificate.authority))
    with mailbox(ssl_context=mail_certificate.server) as box:
        send(box, security="tls")
    assert len(box.mails) == 1


def test_unknown_certificate_is_not_accepted(mail_certificate):
    unknown = pytest.raises(ChannelError, match="gateway_settings")
    with mailbox(tls_context=mail_certificate.server) as box, unknown:
        send(box, security="starttls")
    assert box.mails == []


def test_server_without_starttls_gets_no_password():
    with mailbox() as box, pytest.raises(ChannelError, match="gateway_settings"):
        send(box, security="starttls", user="maple", password="right")
    assert box.mails == []


def test_only_people_with_an_address_are_reached():
    channel = EmailChannel(options(), wire.anywhere)

    assert channel.reaches(PHONE, "chen@example.com")
    assert not channel.reaches(PHONE, None)


def test_password_shows_in_no_trace():
    assert "right" not in repr(options(password="right"))
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
