"""Measuring how many flat pictures pass the head turn."""

import cv2

from kiosk.__main__ import main
from kiosk.faces import embedder, flats
from kiosk.faces.liveness import Pose
from tests.kiosk.faces_kit import TEXTURE, FakeEmbedder, face


class Turning(FakeEmbedder):
    """Sees a frontal face in the first picture, and a turned one in every other."""

    def find(self, image):
        self.embedded += 1
        return (face(0.0 if self.embedded == 1 else 0.3),)


def test_a_picture_that_always_looks_turned_is_counted():
    poses, pictures = flats.measure(iter([TEXTURE]), Turning())

    assert poses.wrong == poses.tries > 0
    assert (pictures.wrong, pictures.tries) == (1, 1)


def test_a_picture_that_never_does_is_not():
    poses, pictures = flats.measure(iter([TEXTURE]), FakeEmbedder(faces=(face(0.0),)))

    assert poses.wrong == pictures.wrong == 0
    assert poses.tries > 0


def test_who_looks_away_is_no_attack():
    poses, pictures = flats.measure(iter([TEXTURE]), FakeEmbedder(faces=(face(0.2),)))

    assert poses.tries == pictures.tries == 0


def test_either_side_counts():
    start = Pose(0.0, 0.0)

    assert flats.is_turned(start, Pose(0.3, -0.3))
    assert flats.is_turned(start, Pose(-0.3, 0.3))
    assert not flats.is_turned(start, Pose(0.3, 0.3))


def test_a_picture_held_straight_is_itself():
    assert cv2.absdiff(flats.held(TEXTURE, 0, 0, 2.5), TEXTURE).mean() < 1


def test_the_command_prints_the_rates(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(embedder, "load", lambda: FakeEmbedder(faces=(face(0.0),)))
    (tmp_path / "strangers").mkdir()
    cv2.imwrite(str(tmp_path / "strangers" / "a.png"), TEXTURE)

    assert main(["faces", "flats", str(tmp_path)]) == 0
    assert "1 frontal pictures" in capsys.readouterr().out
