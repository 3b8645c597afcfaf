"""`python -m kiosk COMMAND`: every command of the kiosk by its name."""

import importlib
import sys

COMMANDS = {
    "run": ("kiosk.run", "run the kiosk and its page"),
    "enrol": ("kiosk.enrolment", "URL CODE: tie this kiosk to a station"),
    "doctor": ("kiosk.doctor", "look whether everything here works, and say what to do"),
    "decode": ("kiosk.decode", "IMAGE... [--json]: read the codes in pictures"),
    "faces": ("kiosk.faces.command", "evaluate FOLDER: measure how safe which threshold is"),
    "replay": ("kiosk.replay", "FILE: play a recorded visit again"),
}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code; each module is imported only when it is asked for."""
    name = arguments[0] if arguments else ""
    if name in COMMANDS:
        return int(importlib.import_module(COMMANDS[name][0]).main(arguments[1:]))
    lines = [f"  python -m kiosk {command:8} {what}" for command, (_, what) in COMMANDS.items()]
    is_help = name in {"", "-h", "--help"}
    (sys.stdout if is_help else sys.stderr).write("\n".join(["Commands:", *lines]) + "\n")
    return 0 if is_help else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
