"""An Alipay of the tests: keys made here, callbacks signed as Alipay signs, and a gateway on this machine."""

import base64
import io
import json
import threading
import zipfile
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)


@cache
def pair(whose):
    """Return a private key that is made once: `station` or `alipay`."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private(whose):
    """Return a private key as Alipay's key tool writes it: base64 alone."""
    der = pair(whose).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(der).decode()


def public(whose):
    """Return a public key as Alipay's pages show it."""
    der = pair(whose).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def options(**values):
    return {
        "app_id": APP_ID,
        "seller_id": SELLER_ID,
        "page": "link",
        "is_sandbox": True,
        "alipay_public_key": public("alipay"),
        "app_private_key": private("station"),
    } | values


def sign(text, whose="alipay"):
    """Sign as Alipay does: RSA2 (RSASSA-PKCS1-v1_5 with SHA-256), base64."""
    signature = pair(whose).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


def signed(fields, whose="alipay"):
    """Sign a callback's fields: all but sign and sign_type, sorted by name."""
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "sign_type")
    return {**fields, "sign": sign(text, whose)}


def notice(number, yuan="12.50", whose="alipay", **values):
    """Return the callback that tells of a payment."""
    fields = {
        "notify_time": "2026-11-21 17:00:03",
        "notify_type": "trade_status_sync",
        "notify_id": f"n{number}",
        "app_id": APP_ID,
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": f"2026{number}",
        "out_trade_no": str(number),
        "seller_id": SELLER_ID,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": yuan,
        "subject": "余额 & more=less",
    }
    return signed({**fields, **values}, whose)


def is_signed(query):
    """Tell whether a request to the gateway carries the station's signature."""
    fields = dict(parse_qsl(query))
    signature = base64.b64decode(fields.pop("sign"))
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
    pair("station").public_key().verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return fields


class Gateway:
    """Answers each method by what a test put there, signed by `whose`."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.addresses = []
        self.whose = "alipay"
        self.file = b""
        self.url = ""

    def answer(self, method, **values):
        self.answers[method] = {"code": "10000", "msg": "Success", **values}

    def respond(self, path, body):
        self.addresses.append(path)
        fields = is_signed(f"{urlsplit(path).query}&{body}")
        method = fields["method"]
        self.asked.append((method, json.loads(fields["biz_content"])))
        content = json.dumps(self.answers[method], ensure_ascii=False)
        name = method.replace(".", "_") + "_response"
        return f'{{"{name}":{content},"sign":"{sign(content, self.whose)}"}}'.encode()


@contextmanager
def gateway():
    """Run a gateway on this machine."""
    station = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(station.file)

        def do_POST(self):
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(station.respond(self.path, said))

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    station.url = f"http://127.0.0.1:{server.server_port}/gateway.do"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield station
    finally:
        server.shutdown()
        server.server_close()


def bill_row(ref, number, yuan, kind="交易", refund="", fee="0.00"):
    cells = [ref, number, kind, "余额", "2026-11-20 10:00:00", "2026-11-20 10:00:09", "", "", "", "", "张*"]
    return ",".join(
        f"{cell}\t"
        for cell in [*cells, yuan, yuan, *["0.00"] * 5, "", "0.00", "0.00", refund, fee, "0.00", ""]
    )


def bill(*rows):
    """Return the CSV of a bill as Alipay writes it."""
    lines = ["#支付宝业务明细查询", "#账号：[20880000000000010156]", "#-----业务明细列表-----", HEADER, *rows]
    return "\r\n".join([*lines, "#-----业务明细列表结束-----", "#交易合计：1笔", ""]).encode("gb18030")


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.csv", content)
    return out.getvalue()
