"""The forms that may carry more than a photo, and how much: known before anything reads the request."""

from flask import Flask, request

LARGER = {  # bytes: a file of the largest size that is read, and the form around it
    "group_claims.make": 25 * 1024 * 1024,  # three photos of core.photos.LARGEST
    "me_group_claims.make": 25 * 1024 * 1024,
    "manifests.upload": 25 * 1024 * 1024,  # manifests.sheets.LARGEST
    "reconciliation.upload": 6 * 1024 * 1024,  # payments.alipay_bill.MOST_PACKED
}


def install(app: Flask) -> None:
    """Let those forms through. Comes before the CSRF check, which reads the form."""
    app.before_request(_allow)


def _allow() -> None:
    if request.endpoint in LARGER:
        request.max_content_length = LARGER[request.endpoint]
