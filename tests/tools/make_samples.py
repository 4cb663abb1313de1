"""Make the sample recordings of the sandbox: a chime of three seconds as Opus and MP3, and a film of a lamp.

`python -m tests.tools.make_samples` writes `bot/sandbox/samples/`. It needs PyAV (`pip install av numpy`), which no
other part does, so the finished files are kept beside the code. Sound and picture are computed, nothing is borrowed.
"""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from PIL import Image

from bot.sandbox.files import sample_photo

FOLDER: Final = Path(__file__).resolve().parents[2] / "bot" / "sandbox" / "samples"
RATE: Final = 48_000
SECONDS: Final = 3
NOTES_HZ: Final = (523.25, 659.25, 783.99)
FRAMES: Final = 24
FRAMES_PER_S: Final = 8


def main() -> None:
    """Write all three files."""
    FOLDER.mkdir(exist_ok=True)
    _write_sound(FOLDER / "voice.oga", "ogg", "libopus", 20_000)
    _write_sound(FOLDER / "sound.mp3", "mp3", "libmp3lame", 32_000)
    _write_film(FOLDER / "film.mp4")


def _chime() -> Any:
    """Three notes, one a second, that ring out; samples from -32,768 to 32,767."""
    moment = np.arange(RATE) / RATE
    fading = np.exp(-3.5 * moment) * np.minimum(1, moment * 200)
    notes = [np.sin(2 * np.pi * pitch * moment) + 0.3 * np.sin(4 * np.pi * pitch * moment) for pitch in NOTES_HZ]
    return np.concatenate([(note * fading * 11_000).astype(np.int16) for note in notes])


def _write_sound(path: Path, container: str, codec: str, bits_per_s: int) -> None:
    with av.open(path, "w", format=container) as target:
        stream = target.add_stream(codec, rate=RATE, layout="mono")
        stream.bit_rate = bits_per_s
        frame = av.AudioFrame.from_ndarray(_chime().reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def _pictures() -> Iterator[Image.Image]:
    """A street at night in which the lamp comes on."""
    dark, lit = (Image.open(io.BytesIO(sample_photo(number, 320, 240))) for number in (2, 4))
    for number in range(FRAMES):
        yield Image.blend(dark, lit, min(1.0, max(0.0, (number - 6) / 8)))


def _write_film(path: Path) -> None:
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as target:
        stream = target.add_stream("libx264", rate=FRAMES_PER_S, options={"crf": "30", "preset": "veryslow"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = Fraction(1, FRAMES_PER_S)
        for picture in _pictures():
            target.mux(stream.encode(av.VideoFrame.from_image(picture)))
        target.mux(stream.encode(None))


if __name__ == "__main__":
    main()
