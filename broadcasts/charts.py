"""A summary drawn: the curve of confirmations and the grids that lag, as a PNG. It needs no screen and no network.

The font must know Chinese; where none is installed, the labels fall back to ones that every font has.
"""

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Heiti SC",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "Arial Unicode MS",
)
"""Families that hold Chinese, the best first. A collection is listed under its first face, hence the Japanese ones."""
PRESSED: Final = "#1f6f54"
TOLD: Final = "#7cc4a4"
MISSING: Final = "#d8dee4"
INK: Final = "#16202c"
_DRAWING: Final = threading.Lock()
"""matplotlib is not made for several threads at once."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Everything written on a chart; *grids* are the names of the bars, *marks* those of the shares reached."""

    title: str
    subtitle: str
    pressed: str
    told: str
    missing: str
    minutes: str
    households: str
    grids: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn.

    Args:
        target: How many households were to confirm.
        minutes: Since the start, ascending.
        pressed: How many had pressed by then.
        told: How many had been told at the door by then.
        marks: Minutes at which a share was reached, in the order of the labels.
        bars: Of each grid: pressed, told, missing.
    """

    target: int
    minutes: Sequence[float]
    pressed: Sequence[int]
    told: Sequence[int]
    marks: Sequence[float]
    bars: Sequence[tuple[int, int, int]]


def summary_png(chart: Chart, labels: Labels, plain: Labels) -> bytes:
    """Draw *chart*; takes some tenths of a second of processor time, so never on the loop.

    Args:
        chart: The figures.
        labels: In the reader's language.
        plain: In ASCII, used when no installed font has the characters of *labels*.

    Returns:
        A PNG of about 1200 × 630 pixels.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    family = cjk_font()
    said = labels if family is not None else plain
    fonts: dict[Any, Any] = {"font.family": [family or "DejaVu Sans"], "axes.unicode_minus": False, "font.size": 12}
    with _DRAWING, rc_context(fonts):
        figure = Figure(figsize=(10, 5.25), dpi=120, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        figure.suptitle(f"{_drawable(said.title)}\n{_drawable(said.subtitle)}", fontsize=16, color=INK)
        _curve(left, chart, said)
        _bars(right, chart, said)
        kinds = ((said.pressed, PRESSED), (said.told, TOLD), (said.missing, MISSING))
        patches = [Patch(color=colour, label=name) for name, colour in kinds]
        figure.legend(handles=patches, loc="outside lower center", ncols=3, frameon=False)
        out = io.BytesIO()
        figure.savefig(out, format="png")
    return out.getvalue()


@cache
def cjk_font() -> str | None:
    """The best installed family that holds Chinese, or ``None``."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return next((name for name in FONTS if name in installed), None)


def _curve(axes: "Axes", chart: Chart, labels: Labels) -> None:
    end = max(0.1, *chart.minutes, *chart.marks) * 1.04  # so that the last step is seen, too
    axes.stackplot(
        [*chart.minutes, end],
        [*chart.pressed, *chart.pressed[-1:]],
        [*chart.told, *chart.told[-1:]],
        labels=(labels.pressed, labels.told),
        colors=(PRESSED, TOLD),
        step="post",
    )
    axes.axhline(chart.target, color=INK, linewidth=1, linestyle="--")
    for place, (minute, name) in enumerate(zip(chart.marks, labels.marks, strict=True)):  # one above the other
        axes.axvline(minute, color=INK, linewidth=0.8, linestyle=":")
        where = (3, 4 + 13 * place)
        axes.annotate(name, (minute, chart.target), where, textcoords="offset points", fontsize=11, color=INK)
    axes.set_xlim(0, end)
    axes.set_ylim(0, max(1, chart.target) * 1.2)
    axes.set_xlabel(labels.minutes)
    axes.set_ylabel(labels.households)
    _bare(axes)


def _bars(axes: "Axes", chart: Chart, labels: Labels) -> None:
    places = range(len(chart.bars))
    done = [0] * len(chart.bars)
    for part, (name, colour) in enumerate(((labels.pressed, PRESSED), (labels.told, TOLD), (labels.missing, MISSING))):
        widths = [bar[part] for bar in chart.bars]
        axes.barh(places, widths, left=done, color=colour, label=name)
        done = [before + width for before, width in zip(done, widths, strict=True)]
    axes.set_yticks(places, [_drawable(name) for name in labels.grids])
    axes.invert_yaxis()
    axes.set_xlabel(labels.households)
    _bare(axes)


def _bare(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e6ebef", linewidth=0.6)
    axes.set_axisbelow(True)


def _drawable(text: str) -> str:
    """Text that is drawn as it stands: matplotlib takes what stands between dollar signs for mathematics."""
    return text.replace("$", r"\$")
