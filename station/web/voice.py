"""The web shell's spoken words: a sound file per language, made by espeak-ng, and where each word lies in it.

Run as `python -m station.web.voice` on a developer's machine that has espeak-ng and the development packages;
the results in static/voice are committed, so a station needs neither. The pages join the clips when they play
them. The running station does not import this module.
"""

import io
import json
import shutil
import string
import subprocess
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent / "static" / "voice"

# 8-bit mono WAV plays in every browser and needs no encoder. 12 kHz carries sound up to 6 kHz, which keeps F and S
# apart (they differ most above 4 kHz), and both languages together, counter and kiosk, stay below the megabyte that
# UI.md section 7 allows.
RATE_HZ = 12_000
QUIET = 0.005  # of a clip's peak: what lies below it at both ends is breath, not speech
MARGIN_S = 0.02
GAP_S = 0.05  # between clips, so that a player that stops a little late touches no neighbour
PEAK = 0.95

# espeak-ng 1.51's Mandarin voice spells most Chinese characters in English (seen with `espeak-ng -v cmn -x`);
# from pinyin with tone numbers it speaks Mandarin. Letters are said in English in both languages.
ENGLISH_VOICE = "en"
PINYIN_VOICE = "cmn-latn-pinyin"

# Words per minute as espeak-ng counts them, chosen by the measured lengths: about 5 syllables a second in
# phrases of both languages, and no Chinese digit, which is one syllable, below 0.3 s.
ENGLISH_PACE = 170
PINYIN_PACE = 220
PINYIN_DIGIT_PACE = 130

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Clip:
    """One thing to say. `says` is for people to read, `spoken` is what espeak-ng's `voice` is given."""

    key: str
    says: str
    spoken: str
    voice: str = ENGLISH_VOICE
    pace: int = ENGLISH_PACE


@dataclass(frozen=True)
class Language:
    """A language's clips, and the order in which they tell a pickup code.

    `tag` names clips; `{shelf}`, `{layer}` and `{number}` stand for the digits and letters of those parts.
    """

    name: str
    tag: tuple[str, ...]
    clips: tuple[Clip, ...]


CHINESE_DIGITS = (
    ("零", "ling2"),
    ("一", "yi1"),
    ("二", "er4"),
    ("三", "san1"),
    ("四", "si4"),
    ("五", "wu3"),
    ("六", "liu4"),
    ("七", "qi1"),
    ("八", "ba1"),
    ("九", "jiu3"),
)

# key, English, Chinese, the Chinese in pinyin; the wordings are those of UI.md section 5 where it has them
PHRASES = (
    ("shelf", "shelf", "号架", "hao4 jia4"),
    ("layer", "layer", "层", "ceng2"),
    ("number", "number", "号码", "hao4 ma3"),
    ("checked_in", "checked in", "入库成功", "ru4 ku4 cheng2 gong1"),
    ("already_checked_in", "already checked in", "重复入库", "chong2 fu4 ru4 ku4"),
    ("no_phone", "no phone number", "没有手机号", "mei2 you3 shou3 ji1 hao4"),
    ("unknown_carrier", "unknown carrier", "快递公司不明", "kuai4 di4 gong1 si1 bu4 ming2"),
    ("shelf_full", "shelf full", "货架已满", "huo4 jia4 yi3 man3"),
    ("set_aside", "set aside", "放到一边", "fang4 dao4 yi4 bian1"),
    ("undone", "undone", "已撤销", "yi3 che4 xiao1"),
    ("not_found", "not found", "没有找到", "mei2 you3 zhao3 dao4"),
    ("handed_over", "handed over", "已出库", "yi3 chu1 ku4"),
    ("already_handed_over", "already handed over", "重复出库", "chong2 fu4 chu1 ku4"),
    ("scan_shelf_first", "scan a shelf card first", "请先扫货架码", "qing3 xian1 sao3 huo4 jia4 ma3"),
    ("damaged", "damaged", "包裹破损", "bao1 guo3 po4 sun3"),
    ("consent_missing", "consent missing", "未取得同意", "wei4 qu3 de2 tong2 yi4"),
    ("wrong_code", "wrong code", "取件码不对", "qu3 jian4 ma3 bu2 dui4"),
    ("look_at_screen", "look at the screen", "请看屏幕", "qing3 kan4 ping2 mu4"),
    ("welcome", "welcome", "欢迎光临", "huan1 ying2 guang1 lin2"),
    ("show_code", "show your code", "请出示身份码", "qing3 chu1 shi4 shen1 fen4 ma3"),
    ("scan_each", "scan each parcel", "请逐件扫描", "qing3 zhu2 jian4 sao3 miao2"),
    ("not_yours", "not yours, put it back", "不是您的，请放回", "bu2 shi4 nin2 de5, qing3 fang4 hui2"),
    ("still_there", "still there", "您还在吗", "nin2 hai2 zai4 ma5"),
    ("staff_called", "staff are coming", "店员马上来", "dian4 yuan2 ma3 shang4 lai2"),
    ("look_at_camera", "look at the camera", "请看摄像头", "qing3 kan4 she4 xiang4 tou2"),
    ("turn_left", "turn left", "向左转头", "xiang4 zuo3 zhuan3 tou2"),
    ("turn_right", "turn right", "向右转头", "xiang4 you4 zhuan3 tou2"),
    ("phone_tail", "last four digits of your phone", "手机尾号后四位", "shou3 ji1 wei3 hao4 hou4 si4 wei4"),
    ("thank_you", "thank you", "谢谢", "xie4 xie5"),
)

LETTERS = tuple(Clip(letter, letter, letter) for letter in string.ascii_uppercase)

ENGLISH = Language(
    name="en",
    tag=("shelf", "{shelf}", "layer", "{layer}", "number", "{number}"),
    clips=(
        *(Clip(digit, digit, digit) for digit in string.digits),
        *LETTERS,
        *(Clip(key, english, english) for key, english, _, _ in PHRASES),
    ),
)
CHINESE = Language(
    name="zh",
    tag=("{shelf}", "shelf", "ordinal", "{layer}", "layer", "number", "{number}"),
    clips=(
        *(
            Clip(str(digit), says, pinyin, PINYIN_VOICE, PINYIN_DIGIT_PACE)
            for digit, (says, pinyin) in enumerate(CHINESE_DIGITS)
        ),
        *LETTERS,
        Clip("ordinal", "第", "di4", PINYIN_VOICE, PINYIN_PACE),
        *(Clip(key, chinese, pinyin, PINYIN_VOICE, PINYIN_PACE) for key, _, chinese, pinyin in PHRASES),
    ),
)


def main() -> None:
    """Make both languages' files in static/voice again.

    Raises SystemExit when espeak-ng is missing.
    """
    espeak = shutil.which("espeak-ng")
    if espeak is None:
        raise SystemExit("espeak-ng was not found. On Debian or Ubuntu: sudo apt install espeak-ng")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in (ENGLISH, CHINESE):
        sounds = [loud(trimmed(resampled(*speak(espeak, clip)))) for clip in language.clips]
        (FOLDER / f"{language.name}.wav").write_bytes(wav(joined(sounds)))
        (FOLDER / f"{language.name}.json").write_text(index(language, sounds), encoding="utf-8")
        print(f"{language.name}: {len(sounds)} clips, {sum(map(len, sounds)) / RATE_HZ:.1f} s of speech")


def speak(espeak: str, clip: Clip) -> tuple[Samples, int]:
    """Return what espeak-ng says for `clip` (mono, -1 to 1) and its rate in Hz."""
    command = [espeak, "-v", clip.voice, "-s", str(clip.pace), "--stdout", clip.spoken]
    answer = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - words from this file
    with wave.open(io.BytesIO(answer.stdout)) as file:
        rate = file.getframerate()
        frames = file.readframes(file.getnframes())  # a stream's header gives no true length: all there is
    samples: Samples = np.frombuffer(frames, dtype="<i2") / 2.0**15
    return samples, rate


def resampled(samples: Samples, rate: int) -> Samples:
    """Return `samples` of `rate` Hz at RATE_HZ, by leaving out the spectrum above half of it."""
    length = round(len(samples) * RATE_HZ / rate)
    spectrum = np.fft.rfft(samples)[: length // 2 + 1]
    shortened: Samples = np.fft.irfft(spectrum, length)
    return shortened * (length / len(samples))


def trimmed(samples: Samples) -> Samples:
    """Return `samples` without the silence at both ends, but for MARGIN_S of it."""
    heard = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    margin = round(MARGIN_S * RATE_HZ)
    return samples[max(heard[0] - margin, 0) : heard[-1] + margin]


def loud(samples: Samples) -> Samples:
    """Return `samples` with the peak at PEAK, so that no word is softer than another."""
    gain: float = PEAK / np.abs(samples).max()
    return samples * gain


def joined(sounds: Iterable[Samples]) -> Samples:
    """Return the clips one after the other, each followed by GAP_S of silence."""
    gap = np.zeros(round(GAP_S * RATE_HZ))
    return np.concatenate([part for sound in sounds for part in (sound, gap)])


def wav(samples: Samples) -> bytes:
    """Return an 8-bit mono WAV file; 8-bit samples are unsigned with silence at 128 (RIFF MCI, 1991)."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE_HZ)
        file.writeframes((np.round(samples * 127) + 128).astype(np.uint8).tobytes())
    return out.getvalue()


def index(language: Language, sounds: list[Samples]) -> str:
    """Return the JSON beside a sound file: the order of a tag, and start and duration (s) of each clip."""
    clips: dict[str, dict[str, str | float]] = {}
    start = 0
    for clip, sound in zip(language.clips, sounds, strict=True):
        clips[clip.key] = {
            "start_s": round(start / RATE_HZ, 4),
            "duration_s": round(len(sound) / RATE_HZ, 4),
            "says": clip.says,
        }
        start += len(sound) + round(GAP_S * RATE_HZ)
    return json.dumps({"tag": language.tag, "clips": clips}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    main()
