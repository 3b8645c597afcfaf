"""Words for managers: why a carrier's system could not be told."""

from station.core.i18n import gettext as _

ANSWER = "answer "  # dispatch.py keeps the status behind it


def failure(kept: str) -> str:
    """Return why a delivery failed, as dispatch.py and deliveries.py keep it, in words."""
    if kept.startswith(ANSWER):
        return _("Their system refused it (%(status)s)", status=kept.removeprefix(ANSWER))
    if kept == "address not allowed":
        return _("The address leads into the house")
    if kept == "not settled":
        return _("Nobody knows whether it came")
    return _("Their system was not reached (%(error)s)", error=kept)
