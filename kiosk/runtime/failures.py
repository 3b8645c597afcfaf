"""What a log may say of an error: its kind and where, never its words, which may hold somebody's code or name."""

import traceback


def describe(error: BaseException) -> str:
    """Return the error's type and the lines it came through."""
    return type(error).__name__ + "\n" + "".join(traceback.format_tb(error.__traceback__))
