"""The printable page of a grid's door-code slips: A4, ten to a sheet, nothing to fetch from anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import segno

from routing.model import Appointment

_STYLE: Final = """
@page { size: A4; margin: 8mm }
* { box-sizing: border-box }
body { margin: 0; color: #16202c; font: 9.5pt/1.3 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }
main { display: grid; grid-template-columns: 1fr 1fr; max-width: 194mm; margin: auto }
article { height: 56mm; border: 0.2mm dashed #8a97a3; padding: 3mm 4mm; overflow: hidden; display: grid;
  grid-template-columns: 1fr 29mm; gap: 2mm; align-items: center; break-inside: avoid }
h1 { margin: 0; font-size: 13pt; line-height: 1.2; overflow-wrap: anywhere }
p { margin: 1mm 0 0 } small { font-size: 7.5pt; color: #4a5a68 }
p.how, p.staff { font-size: 8.5pt; overflow-wrap: anywhere }
p.staff span { white-space: nowrap; margin-right: 1.5mm }
b.code { font: 600 17pt/1.3 monospace; letter-spacing: 0.5mm; color: #1f6f54; white-space: nowrap }
svg { width: 29mm; height: 29mm }
@media screen { body { background: #eef2f0; padding: 8mm } article { background: #fff } }
"""


@dataclass(frozen=True, slots=True)
class Slip:
    """One home: its door in words, and the code that stands for it."""

    door: str
    code: str


def page(grid: str, workers: Sequence[Appointment], slips: Sequence[Slip], username: str) -> str:
    """One HTML document.

    Args:
        grid: The grid's name.
        workers: Whose published names and duty phones stand on every slip.
        slips: In the order of the doors.
        username: The bot's, which the links open.
    """
    contacts = " ".join(f"<span>{escape(one.name)} {escape(one.phone)}</span>" for one in workers[:2])
    articles = "\n".join(_slip(grid, slip, username, contacts) for slip in slips)
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(grid)} · 门牌码 Door codes</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{articles}\n</main></body></html>\n"
    )


def _slip(grid: str, slip: Slip, username: str, contacts: str) -> str:
    code = f"{slip.code[:4]}-{slip.code[4:]}"
    link = f"https://t.me/{username}?start=h{slip.code}"
    staff = f'<p class="staff"><span>网格员 <small>Grid worker</small></span>{contacts}</p>' if contacts else ""
    return (
        f"<article><div><h1>{escape(slip.door or grid)}</h1>"
        f'<p>{escape(grid)} · 门牌码 <small>Door code</small><br><b class="code">{code}</b></p>'
        f'<p class="how">扫码登记住户，或私聊 @{escape(username)} 发 /register 加门牌码；同住的人都可以登记。<br>'
        "<small>Scan to register. All who live here may.</small></p>"
        f"{staff}</div>{_qr(link)}</article>"
    )


def _qr(link: str) -> str:
    return segno.make_qr(link, error="m").svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
