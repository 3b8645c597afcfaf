"""`python -m kiosk faces evaluate`: the rates, their intervals, and the folder they are read from."""

import csv
import importlib

import cv2
import numpy as np
import pytest

from kiosk.__main__ import main
from kiosk.cameras.drawn_face import draw_face
from kiosk.cameras.drawn_person import CAST
from kiosk.faces import command, embedder, evaluate, samples, settings
from kiosk.faces.rates import Rate, wilson
from tests.kiosk.faces_kit import real_embedder, someone

PEOPLE = 20


def crowd(spread):
    """Return people with six pictures each, and strangers with one."""
    known = [[someone(n, spread, grain) for grain in range(6)] for n in range(PEOPLE)]
    return known + [[someone(1000 + n)] for n in range(50)]


def test_people_far_apart_make_no_errors():
    rows = evaluate.measure(crowd(spread=0.1))

    assert {row.enrolled for row in rows} == {settings.ENROLLED_MIN, PEOPLE}
    four = next(row for row in rows if (row.rule, row.at, row.enrolled) == ("k", 4.0, PEOPLE))
    assert (four.frr.share, four.fnir.share) == (0, 0)
    assert four.far.share <= 0.002
    assert four.frr.tries == PEOPLE
    assert four.fpir.tries == 50
    assert four.far.tries == PEOPLE * (PEOPLE - 1) + 50 * PEOPLE


def test_a_stricter_threshold_accepts_less_and_misses_more():
    rows = [row for row in evaluate.measure(crowd(spread=0.6)) if (row.rule, row.enrolled) == ("k", PEOPLE)]

    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert [row.far.share for row in rows] == sorted((row.far.share for row in rows), reverse=True)
    assert [row.frr.share for row in rows] == sorted(row.frr.share for row in rows)
    assert all(row.fnir.wrong >= row.frr.wrong for row in rows)


def test_the_same_people_give_the_same_numbers():
    assert evaluate.measure(crowd(0.5)) == evaluate.measure(crowd(0.5))


def test_too_few_people_give_no_numbers():
    assert evaluate.measure(crowd(0.1)[: settings.ENROLLED_MIN - 1]) == ()


def test_an_interval_counts_people_not_comparisons():
    none_wrong = Rate(0, 100_000, 92)

    assert none_wrong.interval == (0.0, 3 / 92)
    assert Rate(0, 0, 0).interval == (0.0, 1.0)
    assert Rate(1, 10, 2).interval[1] > Rate(1, 10, 10).interval[1]


def test_wilson_is_that_of_the_textbook():
    low, high = wilson(0.1, 100)  # Brown, Cai, DasGupta (2001), Statistical Science 16: centre and width

    assert (low, high) == (pytest.approx(0.0552, abs=1e-4), pytest.approx(0.1744, abs=1e-4))


def test_a_folder_is_people_and_strangers(tmp_path):
    for name in ("known/a/1.jpg", "known/a/2.png", "known/b/1.jpg", "strangers/x.jpg", "strangers/y.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "known/a/notes.txt").touch()

    people = [[path.name for path in paths] for paths in samples.people_in(tmp_path)]

    assert people == [["1.jpg", "2.png"], ["1.jpg"], ["x.jpg"], ["y.jpg"]]


def test_a_folder_of_drawn_people_is_measured(tmp_path, capsys, monkeypatch):
    real_embedder()
    monkeypatch.setattr(evaluate, "LEAST", 2)
    monkeypatch.setattr(evaluate, "TEMPLATE_LEAST", 1)
    monkeypatch.setattr(settings, "ENROLLED_MIN", 3)
    for seed in CAST[:3]:
        (tmp_path / "known" / str(seed)).mkdir(parents=True)
        for yaw in (0, 12):
            file = tmp_path / "known" / str(seed) / f"{yaw}.png"
            cv2.imwrite(str(file), draw_face(seed, yaw, (400, 300)))
    (tmp_path / "strangers").mkdir()
    cv2.imwrite(str(tmp_path / "strangers" / "one.png"), draw_face(CAST[3], 0, (480, 360)))
    cv2.imwrite(str(tmp_path / "strangers" / "wall.png"), np.full((360, 480, 3), 128, np.uint8))

    code = main(["faces", "evaluate", str(tmp_path), "--csv", str(tmp_path / "out.csv")])

    said = capsys.readouterr().out
    assert code == 0
    assert "4 people, 3 with at least 2 pictures" in said
    assert "8 pictures, 1 without a face" in said
    assert all(name in said for name in command.HEAD)
    lines = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    assert len(lines) == 4 * (len(evaluate.KS) + len(evaluate.DISTANCES))
    assert {line["rate"] for line in lines} == {"FAR", "FRR", "FPIR", "FNIR"}


def test_a_folder_without_enough_people_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(embedder, "load", object)

    assert main(["faces", "evaluate", str(tmp_path)]) == 1
    assert "15 people" in capsys.readouterr().err


def test_a_wrong_folder_says_so(tmp_path, capsys):
    assert main(["faces", "evaluate", str(tmp_path / "nowhere")]) == 1
    assert "no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [ImportError("no"), SystemExit(1), RuntimeError("bad model"), OSError("gone")]
)
def test_broken_packages_switch_only_faces_off(tmp_path, capsys, monkeypatch, error):
    def fail(name):
        raise error

    monkeypatch.setattr(importlib, "import_module", fail)

    assert embedder.load() is None
    assert command.main(["evaluate", str(tmp_path)]) == 1
    assert "requirements/faces.txt" in capsys.readouterr().err
