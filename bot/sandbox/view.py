"""The chat page: static files served beside the API, under a policy that lets nothing foreign in."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

import orjson
from aiohttp import web

from bot.sandbox.files import sample_photo

_CONTENT_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
_HEADERS: Final = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "media-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def add_page(app: web.Application, tour: Callable[[], dict[str, Any]] = dict) -> None:
    """Serve the chat page at `/`, its files at `/page/<file>` and what *tour* returns at `/page/tour.json`.

    The files are read once, here; a change on disk shows after the next start. The tour is asked for at every visit,
    `tour.js` says what it may hold, and an empty one is none.
    """
    page = files("bot.sandbox") / "page"
    pieces = {piece.name: piece.read_bytes() for piece in page.iterdir() if _content_type(piece.name)}

    async def show_index(_: web.Request) -> web.Response:
        return _answer("index.html", pieces["index.html"])

    async def show_piece(request: web.Request) -> web.Response:
        name = request.match_info["file"]
        if name not in pieces:
            raise web.HTTPNotFound
        return _answer(name, pieces[name])

    async def show_tour(_: web.Request) -> web.Response:
        return _answer("tour.json", orjson.dumps(tour()))

    async def show_sample(request: web.Request) -> web.Response:
        picture = sample_photo(int(request.match_info["number"]))
        return web.Response(body=picture, content_type="image/jpeg", headers=_HEADERS)

    app.router.add_get("/", show_index)
    app.router.add_get("/page/tour.json", show_tour)
    app.router.add_get(r"/page/sample/{number:\d{1,3}}", show_sample)
    app.router.add_get("/page/{file}", show_piece)


def _content_type(name: str) -> str | None:
    """The content type that a file's ending stands for, None for files that are no part of the page."""
    return next((kind for ending, kind in _CONTENT_TYPES.items() if name.endswith(ending)), None)


def _answer(name: str, content: bytes) -> web.Response:
    charset = None if name.endswith(".png") else "utf-8"
    return web.Response(body=content, content_type=_content_type(name), charset=charset, headers=_HEADERS)
