"""A hint that can be read: what is wrong with one frame only is not worth a word."""

FRAMES = 3  # ours: 0.6 s at the five frames a second of kiosk/runtime/face_work.py


class SteadyHint:
    """Follows the hints of the frames of one look."""

    def __init__(self) -> None:
        self._shown: str | None = None
        self._newest: str | None = None
        self._count = 0

    def see(self, hint: str | None) -> str | None:
        """Take in a frame's hint; return the one that held last for some frames, None where that was none."""
        self._count = self._count + 1 if hint == self._newest else 1
        self._newest = hint
        if self._count >= FRAMES:
            self._shown = hint
        return self._shown
