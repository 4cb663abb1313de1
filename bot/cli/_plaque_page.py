"""The printable page of a grid's plaques: A4, four to a sheet, nothing to fetch from anywhere."""

from collections.abc import Sequence
from html import escape
from typing import Final

import segno

from routing.model import Appointment

_STYLE: Final = """
@page { size: A4; margin: 10mm }
* { box-sizing: border-box }
body { margin: 0; color: #16202c; font: 11pt/1.35 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 6mm; max-width: 190mm; margin: auto }
article { height: 132mm; border: 0.5mm solid #1f6f54; border-radius: 4mm; padding: 5mm; overflow: hidden;
  display: flex; flex-direction: column; align-items: center; text-align: center; break-inside: avoid }
h1 { margin: 0; font-size: 19pt; line-height: 1.2; color: #1f6f54 }
h2 { margin: 2mm 0 0; font-size: 14pt; line-height: 1.2; overflow-wrap: anywhere }
p { margin: 0 } small { font-size: 8.5pt; color: #4a5a68 }
svg { width: 52mm; height: 52mm; flex: none }
ul { margin: auto 0; padding: 0; list-style: none; overflow-wrap: anywhere } li b { font-weight: 600 }
@media screen { body { background: #eef2f0; padding: 8mm } article { background: #fff } }
"""


def page(grid: str, workers: Sequence[Appointment], plaques: Sequence[tuple[str, str]]) -> str:
    """One HTML document.

    Args:
        grid: The grid's name.
        workers: Whose published names and duty phones stand on every plaque.
        plaques: Building and link of each; an empty building is the whole grid.
    """
    contacts = "".join(f"<li><b>{escape(one.name)}</b> {escape(one.phone)}</li>" for one in workers)
    articles = "\n".join(_plaque(grid, building, link, contacts) for building, link in plaques)
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(grid)} · 上报码 Plaques</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{articles}\n</main></body></html>\n"
    )


def _plaque(grid: str, building: str, link: str, contacts: str) -> str:
    place = escape(f"{grid} · {building}" if building else grid)
    staff = f"<p>网格员 <small>Grid worker</small></p>{contacts}" if contacts else ""
    return (
        "<article><h1>扫码上报，件件有回应</h1><p><small>Scan to report. Every call is answered.</small></p>"
        f"<h2>{place}</h2>{_qr(link)}"
        "<p>扫码 → 点「开始」→ 说一句或拍一张 → 提交</p>"
        "<p><small>Scan, press Start, say it or snap it, send. Needs Telegram.</small></p>"
        f"<ul>{staff}</ul>"
        "<p><small>危及人身安全请先拨打 110、119、120<br>In danger call 110, 119 or 120 first</small></p></article>"
    )


def _qr(link: str) -> str:
    """The code as inline SVG; a quarter of it may be scratched away and it still reads."""
    return segno.make_qr(link, error="q").svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
