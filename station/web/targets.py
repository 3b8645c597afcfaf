"""Where a request may be sent on to: only to a path of this installation, never to another site."""

from urllib.parse import urlsplit

LIMIT = 500  # longer than any address of ours


def safe_target(target: str | None) -> str | None:
    r"""Return `target` when it is a plain path of ours with an optional query, else None.

    Browsers read a backslash as a slash and drop control characters, so `/\\host` and `/<tab>/host` would leave us
    (WHATWG URL Standard, section 4.4).
    """
    if not target or len(target) > LIMIT or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) < 33 or ord(character) == 127 for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
