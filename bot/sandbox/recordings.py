"""Sample recordings that really play: a chime of three seconds, a street lamp that comes on, a sticker.

`tests/tools/make_samples.py` computed the files in `samples/`.
"""

import io
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw

from bot.sandbox.params import Upload

SECONDS = 3
FRAME = {"width": 320, "height": 240}
_FILES = {
    "voice": ("voice.oga", "audio/ogg"),
    "audio": ("sound.mp3", "audio/mpeg"),
    "video": ("film.mp4", "video/mp4"),
    "animation": ("film.mp4", "video/mp4"),
    "video_note": ("film.mp4", "video/mp4"),
}


@cache
def recording(kind: str) -> Upload:
    """A sample of a voice, audio, video, animation, video_note, sticker or document."""
    if kind == "document":
        return Upload("sample.txt", "text/plain", b"A sample document.\n")
    if kind == "sticker":
        return Upload("sticker.webp", "image/webp", _sun())
    name, mime_type = _FILES[kind]
    return Upload(name, mime_type, (files("bot.sandbox") / "samples" / name).read_bytes())


def _sun() -> bytes:
    """A laughing sun, 512 pixels wide."""
    picture = Image.new("RGBA", (512, 512))
    pen = ImageDraw.Draw(picture)
    pen.regular_polygon((256, 256, 240), 12, fill=(246, 178, 66, 255))
    pen.ellipse((76, 76, 436, 436), (255, 214, 102, 255))
    for left in (164, 302):
        pen.ellipse((left, 190, left + 46, 250), (92, 66, 40, 255))
    pen.chord((156, 230, 356, 370), 10, 170, (176, 74, 62, 255))
    target = io.BytesIO()
    picture.save(target, "WEBP", quality=80)
    return target.getvalue()
