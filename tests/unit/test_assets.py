"""The front-end packages' set-up and the committed voice clips."""

import json
import re
import string
import wave
from pathlib import Path

import numpy as np
import pytest

from station.web import assets

ROOT = Path(__file__).parents[2]
VOICE = ROOT / "station/web/static/voice"
VOICE_BYTES = 1_000_000  # UI.md section 7

ICON = """<!-- tags: [box] -->
<svg
  xmlns="http://www.w3.org/2000/svg"
  viewBox="0 0 24 24"
>
  <path stroke="none" d="M0 0h24v24H0z" fill="none" />
  <path d="M12 21l-8 -4.5" />
  <path d="M12 12l8 -4.5" />
</svg>
"""


def test_drawing_keeps_only_what_is_seen():
    assert assets.drawing(ICON) == '<path d="M12 21l-8 -4.5" /><path d="M12 12l8 -4.5" />'


def test_drawing_of_another_file_is_refused():
    with pytest.raises(ValueError, match="not an SVG drawing"):
        assets.drawing("export default {}")


def test_sprite_names_each_icon(tmp_path):
    for name in ("box", "bell"):
        (tmp_path / f"{name}.svg").write_text(ICON)

    sprite = assets.sprite(tmp_path, ("box", "bell"))

    assert re.findall(r'<symbol id="([^"]+)" viewBox="0 0 24 24"', sprite) == ["i-box", "i-bell"]
    assert sprite.count("<path") == 4


def test_icons_are_named_once_and_in_order():
    assert list(assets.ICONS) == sorted(set(assets.ICONS))


def test_every_icon_a_template_names_is_in_the_sprite():
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    # icon('home') and pill('ok', 'check', …): the name follows an open bracket or the pill's kind.
    call = re.compile(r"""\b(?:icon\(|pill\((?:'[a-z]*'|"[a-z]*"),\s*)["']([a-z0-9-]+)["']""")
    named = {name for text in texts for name in call.findall(text)}

    assert named
    assert named - set(assets.ICONS) == set()


def test_vendor_folder_holds_what_the_pages_are_served():
    assert [name for name in assets.FILES.values() if not (assets.VENDOR / name).is_file()] == []
    sprite = (assets.VENDOR / "icons.svg").read_text(encoding="utf-8")
    assert re.findall(r'id="i-([^"]+)"', sprite) == list(assets.ICONS)


def test_vendor_folder_that_is_up_to_date_is_left_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    monkeypatch.setattr(assets, "run_npm", lambda *_: pytest.fail("fetched again"))
    (tmp_path / "stamp").write_text(assets.fingerprint())

    assets.build()


def test_vendor_folder_of_another_lock_is_made_again(monkeypatch, tmp_path):
    packages = tmp_path / "node_modules"
    for path in (*assets.FILES, *(assets.ICON_FOLDER / f"{icon}.svg" for icon in assets.ICONS)):
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text(ICON)
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "stamp").write_text("of an older lock")
    (vendor / "left-over.js").write_text("")
    calls = []
    monkeypatch.setattr(assets, "VENDOR", vendor)
    monkeypatch.setattr(assets, "PACKAGES", packages)
    monkeypatch.setattr(assets, "run_npm", lambda *arguments: calls.append(arguments))

    assets.build()

    assert calls == [("ci", "--ignore-scripts")]
    assert (vendor / "icons.svg").is_file()
    assert (vendor / "stamp").read_text() == assets.fingerprint()
    assert not (vendor / "left-over.js").exists()


def test_missing_npm_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(assets, "find_npm", lambda: None)

    with pytest.raises(SystemExit, match=r"^npm 10 or newer was not found: run `make assets`"):
        assets.run_npm("ci")


def test_failing_npm_is_told_with_its_reason(monkeypatch, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text(
        "#!/bin/sh\n[ $1 = --version ] && echo 10.8.2 && exit\necho 'npm error code E1' >&2\n"
        "echo 'npm error request failed' >&2\nexit 1\n"
    )
    npm.chmod(0o755)
    monkeypatch.setattr(assets, "find_npm", lambda: (str(npm),))

    with pytest.raises(SystemExit, match=r"front-end packages \(request failed\)\.$"):
        assets.run_npm("ci")


@pytest.mark.parametrize(("answer", "major"), [("10.8.2", 10), ("9.9.4", 9), ("", 0), ("not found", 0)])
def test_npm_is_asked_for_its_version(tmp_path, answer, major):
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho '{answer}'\n")
    npm.chmod(0o755)

    assert assets.npm_major((str(npm),)) == major


def test_npm_that_does_not_run_has_no_version(tmp_path):
    assert assets.npm_major((str(tmp_path / "npm"),)) == 0


def test_lock_keeps_versions_and_hashes_and_no_address():
    package = {
        "version": "1.0.0",
        "resolved": "https://x/y.tgz",
        "integrity": "sha512-z",
        "funding": {"url": "u"},
    }

    text = assets.without_addresses(json.dumps({"packages": {"node_modules/y": package}}))

    assert json.loads(text) == {"packages": {"node_modules/y": {"version": "1.0.0", "integrity": "sha512-z"}}}


def test_front_end_packages_are_pinned_exactly():
    content = json.loads((ROOT / "station/web/package.json").read_text())
    versions = content["dependencies"] | content["devDependencies"]

    assert versions["htmx.org"] == "2.0.11"
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def voice_index(language):
    return json.loads((VOICE / f"{language}.json").read_text(encoding="utf-8"))


def voice_samples(language):
    """The sound as numbers from -1 to 1, and its rate in Hz."""
    with wave.open(str(VOICE / f"{language}.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 1)
        frames = np.frombuffer(file.readframes(file.getnframes()), dtype=np.uint8)
        return (frames.astype(float) - 128) / 127, file.getframerate()


def test_voice_stays_within_its_size():
    assert sum(path.stat().st_size for path in VOICE.iterdir()) <= VOICE_BYTES


@pytest.mark.parametrize("language", ["en", "zh"])
def test_voice_says_every_digit_and_letter(language):
    assert set(string.digits + string.ascii_uppercase) <= set(voice_index(language)["clips"])


def test_voice_says_the_same_in_both_languages():
    english, chinese = (set(voice_index(language)["clips"]) for language in ("en", "zh"))

    assert chinese - english == {"ordinal"}
    assert english - chinese == set()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_voice_tells_a_tag_with_its_own_clips(language):
    content = voice_index(language)
    parts = {"{shelf}", "{layer}", "{number}"}

    assert parts <= set(content["tag"])
    assert set(content["tag"]) - parts <= set(content["clips"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_clip_is_heard_and_apart_from_the_next(language):
    samples, rate = voice_samples(language)
    end_before = 0.0

    for key, clip in voice_index(language)["clips"].items():
        first, last = (round(s * rate) for s in (clip["start_s"], clip["start_s"] + clip["duration_s"]))
        loudness = float(np.sqrt(np.mean(samples[first:last] ** 2)))
        assert 0.15 <= clip["duration_s"] <= 2, key
        assert loudness > 0.05, key
        assert clip["start_s"] >= end_before, key
        assert last <= len(samples), key
        end_before = clip["start_s"] + clip["duration_s"]
