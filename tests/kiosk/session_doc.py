"""Draws the table of screens as docs/kiosk-session.md shows it. `python -m tests.kiosk.session_doc` prints it."""

from kiosk.session.idle import LIMITS, PATIENT
from kiosk.session.state import Screen
from kiosk.session.table import ANYWHERE, SCREENS


def draw():
    """Return the table of screens, then the table of what holds on each of them."""
    lines = ["| screen | ends by itself | leads to |", "|---|---|---|"]
    lines += [f"| `{screen}` | {_time(screen)} | {_exits(rows)} |" for screen, rows in SCREENS.items()]
    lines += ["", "| anywhere | leads to |", "|---|---|"]
    lines += [f"| `{_name(cause)}` | {_targets(row.to) or 'stays'} |" for cause, row in ANYWHERE.items()]
    return "\n".join(lines) + "\n"


def _time(screen):
    if screen in PATIENT:
        return "`idle_s`, after a warning"
    if screen is Screen.STILL_THERE:
        return "`warning_s`"
    return f"{LIMITS[screen]} s" if screen in LIMITS else "rests"


def _exits(rows):
    """Return each set of targets with the causes that lead there; then the causes that stay."""
    causes = {}
    for cause, row in rows.items():
        causes.setdefault(_targets(row.to), []).append(f"`{_name(cause)}`")
    moving = [f"{', '.join(names)} → {targets}" for targets, names in causes.items() if targets]
    staying = [f"stays: {', '.join(causes[''])}"] if "" in causes else []
    return "; ".join(moving + staying)


def _targets(to):
    return ", ".join(to)


def _name(cause):
    return cause.__name__ if isinstance(cause, type) else cause.value


if __name__ == "__main__":
    print(draw())
