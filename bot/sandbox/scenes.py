"""Sample pictures: a small street drawn with what residents photograph, by day and by night, and what mended it."""

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

_WIDE, _HIGH = 960, 720
_FINE: Final = 2
"""Everything is drawn this many times larger and made smaller at the end, which smooths the edges."""
_GROUND: Final = 520
_CURB: Final = 560

Colour = tuple[int, int, int]
_DAY: Final[dict[str, Colour]] = {
    "sky": (186, 216, 230),
    "low": (238, 240, 228),
    "walk": (205, 200, 190),
    "road": (132, 136, 138),
    "line": (236, 232, 220),
    "wall": (226, 205, 178),
    "other": (203, 215, 208),
    "glass": (150, 182, 196),
    "tree": (104, 146, 98),
    "post": (74, 84, 88),
}
_NIGHT: Final[dict[str, Colour]] = {
    "sky": (20, 28, 52),
    "low": (52, 60, 88),
    "walk": (64, 68, 82),
    "road": (40, 44, 54),
    "line": (92, 94, 100),
    "wall": (52, 54, 72),
    "other": (44, 52, 66),
    "glass": (34, 40, 58),
    "tree": (30, 44, 46),
    "post": (92, 98, 110),
}


class _Street:
    """A street in the light of day or night, measured in the pixels of the finished picture."""

    def __init__(self, colours: dict[str, Colour]) -> None:
        self.colours = colours
        self.night = colours is _NIGHT
        self.picture = Image.new("RGB", (_WIDE * _FINE, _HIGH * _FINE), colours["sky"])
        self._pen = ImageDraw.Draw(self.picture, "RGBA")
        self._sky()
        self._house(60, 120, 300, "wall")
        self._house(620, 180, 270, "other")
        self._tree(470, 430)
        self._ground()

    def box(self, left: float, top: float, right: float, bottom: float, fill: tuple[int, ...], round_: int = 0) -> None:
        """A filled rectangle, perhaps with round corners."""
        self._pen.rounded_rectangle(_fine(left, top, right, bottom), round_ * _FINE, fill)

    def oval(self, left: float, top: float, right: float, bottom: float, fill: tuple[int, ...]) -> None:
        """A filled ellipse."""
        self._pen.ellipse(_fine(left, top, right, bottom), fill)

    def shape(self, *points: float, fill: tuple[int, ...]) -> None:
        """A filled polygon."""
        self._pen.polygon(_fine(*points), fill)

    def line(self, *points: float, fill: tuple[int, ...], width: int) -> None:
        """A line through points."""
        self._pen.line(_fine(*points), fill, width * _FINE, joint="curve")

    def lamp(self, left: float, *, lit: bool) -> None:
        """A street lamp; a lit one lights the pavement under it."""
        post = self.colours["post"]
        self.box(left - 7, 190, left + 7, _CURB - 20, post, 4)
        self.box(left - 20, _CURB - 34, left + 20, _CURB - 16, post, 6)
        self.line(left, 200, left, 150, left + 96, 150, fill=post, width=12)
        self.box(left + 70, 140, left + 150, 164, post, 8)
        if not lit:
            self.box(left + 82, 162, left + 138, 174, (70, 74, 82), 5)
            return
        self.shape(left + 82, 168, left + 138, 168, left + 240, _CURB, left - 30, _CURB, fill=(255, 226, 150, 58))
        self.oval(left - 40, _CURB - 44, left + 250, _CURB + 24, (255, 226, 150, 66))
        self.box(left + 82, 160, left + 138, 176, (255, 240, 196), 6)

    def bins(self, *, full: bool) -> None:
        """Two bins at the kerb, with bags on and around them or with their lids closed."""
        for left, colour in ((330, (62, 122, 96)), (452, (70, 104, 148))):
            self.box(left, 420, left + 100, 560, colour, 10)
            self.box(left + 12, 450, left + 88, 456, (255, 255, 255, 70), 3)
            if not full:
                self.box(left - 6, 404, left + 106, 426, tuple(max(0, part - 22) for part in colour), 8)
        if full:
            for left, top, size in ((334, 366, 84), (396, 352, 70), (462, 364, 92), (560, 488, 96), (272, 500, 80)):
                self._bag(left, top, size)

    def hole(self, *, mended: bool) -> None:
        """A hole in the road with water in it, or the patch that closed it."""
        if mended:
            self.box(300, 602, 640, 676, (84, 88, 92), 18)
            return
        self.shape(290, 640, 340, 606, 450, 596, 560, 608, 640, 632, 600, 672, 480, 690, 350, 676, fill=(86, 84, 82))
        self.oval(350, 618, 580, 672, (120, 152, 168))
        self.oval(392, 628, 480, 646, (206, 224, 230, 150))

    def worker(self, left: float) -> None:
        """Somebody in a safety vest."""
        self.box(left + 12, 470, left + 32, 552, (58, 70, 92), 6)
        self.box(left + 40, 470, left + 60, 552, (58, 70, 92), 6)
        self.box(left, 380, left + 72, 486, (238, 132, 46), 18)
        self.box(left + 6, 424, left + 66, 438, (250, 240, 190), 3)
        self.oval(left + 14, 322, left + 58, 374, (226, 184, 150))
        self.shape(left + 8, 344, left + 14, 318, left + 58, 318, left + 66, 344, fill=(246, 196, 66))

    def jpeg(self, width: int, height: int) -> bytes:
        """The finished picture in *width* × *height* pixels."""
        target = io.BytesIO()
        self.picture.resize((width, height), Image.Resampling.LANCZOS).save(target, "JPEG", quality=82)
        return target.getvalue()

    def _sky(self) -> None:
        for top in range(0, _GROUND, 4):
            share = top / _GROUND
            low, high = self.colours["low"], self.colours["sky"]
            mixed = tuple(round(high[part] + (low[part] - high[part]) * share) for part in range(3))
            self.box(0, top, _WIDE, top + 4, mixed)
        if self.night:
            self.oval(800, 60, 850, 110, (238, 236, 214))
            for left, top in ((120, 60), (430, 90), (520, 40), (640, 110), (730, 50), (380, 36)):
                self.oval(left, top, left + 4, top + 4, (226, 230, 240))
        else:
            self.oval(780, 60, 860, 140, (255, 244, 206))

    def _house(self, left: int, top: int, width: int, wall: str) -> None:
        self.box(left, top, left + width, _GROUND, self.colours[wall])
        self.box(left - 8, top - 12, left + width + 8, top, self.colours["post"])
        for row, window_top in enumerate(range(top + 36, _GROUND - 90, 84)):
            for column, window_left in enumerate(range(left + 28, left + width - 50, 78)):
                shines = self.night and (row * 5 + column * 3 + left) % 4 == 0
                glass = (246, 208, 128) if shines else self.colours["glass"]
                self.box(window_left, window_top, window_left + 46, window_top + 54, glass, 3)
        self.box(left + width / 2 - 26, _GROUND - 74, left + width / 2 + 26, _GROUND, self.colours["post"], 3)

    def _tree(self, left: int, top: int) -> None:
        self.box(left + 42, top, left + 56, _GROUND + 6, (96, 82, 70) if not self.night else (40, 40, 46))
        for x, y, size in ((0, -90, 100), (-34, -44, 90), (36, -50, 92)):
            self.oval(left + x, top + y, left + x + size, top + y + size, self.colours["tree"])

    def _ground(self) -> None:
        self.box(0, _GROUND, _WIDE, _CURB, self.colours["walk"])
        self.box(0, _CURB, _WIDE, _CURB + 12, self.colours["line"])
        self.box(0, _CURB + 12, _WIDE, _HIGH, self.colours["road"])
        for left in range(-40, _WIDE, 220):
            self.box(left, _HIGH - 24, left + 120, _HIGH - 14, self.colours["line"])

    def _bag(self, left: float, top: float, size: float) -> None:
        self.oval(left, top, left + size, top + size * 0.86, (48, 52, 58))
        self.shape(
            left + size * 0.4, top + 6, left + size * 0.5, top - 14, left + size * 0.62, top + 6, fill=(48, 52, 58)
        )
        self.oval(left + size * 0.2, top + size * 0.2, left + size * 0.42, top + size * 0.36, (86, 92, 100))


def _fine(*measures: float) -> list[float]:
    return [measure * _FINE for measure in measures]


def _full_bins(street: _Street) -> None:
    street.bins(full=True)


def _dark_lamp(street: _Street) -> None:
    street.lamp(400, lit=False)


def _patched_road(street: _Street) -> None:
    street.hole(mended=True)
    street.worker(700)


def _lit_lamp(street: _Street) -> None:
    street.lamp(400, lit=True)


def _hole(street: _Street) -> None:
    street.hole(mended=False)


def _empty_bins(street: _Street) -> None:
    street.bins(full=False)
    street.worker(620)


_SCENES: Final[tuple[tuple[dict[str, Colour], Callable[[_Street], None]], ...]] = (
    (_DAY, _full_bins),
    (_NIGHT, _dark_lamp),
    (_DAY, _patched_road),
    (_NIGHT, _lit_lamp),
    (_DAY, _hole),
    (_DAY, _empty_bins),
)


@lru_cache(maxsize=len(_SCENES) * 2)
def _drawn(scene: int, width: int, height: int) -> bytes:
    colours, furnish = _SCENES[scene]
    street = _Street(colours)
    furnish(street)
    return street.jpeg(width, height)


def draw_scene(number: int, width: int, height: int) -> bytes:
    """A JPEG of *width* × *height* pixels that is plainly a drawing.

    From 1 on: full bins, a dark lamp, a patched road, a lit lamp, a hole in the road, empty bins; then from the start.
    """
    return _drawn((number - 1) % len(_SCENES), width, height)
