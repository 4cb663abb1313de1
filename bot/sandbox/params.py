"""Parameters of a Bot API call, from the query string, a form, JSON or multipart, read as Telegram reads them."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from aiohttp.multipart import BodyPartReader

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.world import Json

_INTEGER: Final = re.compile(r"-?\d+")
_TRUE: Final = frozenset({"true", "yes", "1"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime_type: str
    data: bytes


class Params:
    """What a call was given. Names are as the documentation spells them."""

    def __init__(self, values: Json, uploads: dict[str, Upload]) -> None:
        self.values = values
        self.uploads = uploads

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.uploads

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers and objects in JSON bodies become their text."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()

    def integer(self, name: str, default: int = 0) -> int:
        """An integer by its leading digits, as Telegram reads one; nothing legible is *default*."""
        match = _INTEGER.match(self.text(name).strip())
        return int(match[0]) if match else default

    def number(self, name: str) -> float:
        """A decimal number; nothing legible is 0."""
        match = re.match(r"-?\d+(\.\d+)?", self.text(name).strip())
        return float(match[0]) if match else 0.0

    def boolean(self, name: str) -> bool:
        """True for `true`, `yes` and `1` in any case, false for all else."""
        return self.text(name).strip().lower() in _TRUE

    def json(self, name: str, what: str = "") -> Any:
        """An object or array, given as JSON or as its text; None when it is absent or empty.

        Raises:
            ApiError: the text is no JSON; *what* names the thing in the message.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise bad_request(f"can't parse {what or name} JSON object") from error

    def user_id(self, name: str = "user_id") -> int:
        """A user's id.

        Raises:
            ApiError: it is missing or no number.
        """
        match = _INTEGER.match(self.text(name))
        if not match or int(match[0]) == 0:
            raise bad_request(f"invalid {name} specified")
        return int(match[0])

    def attached(self, reference: str) -> Upload | None:
        """The upload that `attach://name` refers to."""
        return self.uploads.get(reference.removeprefix("attach://")) if reference.startswith("attach://") else None


async def read_params(request: web.Request) -> Params:
    """Collect the parameters of *request*; the body wins over the query string.

    Raises:
        ApiError: the body can't be read.
    """
    values: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if not request.can_read_body:
        return Params(values, uploads)
    kind = request.content_type
    if kind == "application/json":
        values |= parse_object(await request.read())
    elif kind == "multipart/form-data":
        await _read_multipart(request, values, uploads)
    elif kind == "application/x-www-form-urlencoded":
        values |= dict(parse_qsl(await request.text(), keep_blank_values=True))  # of a GET, too
    return Params(values, uploads)


def parse_object(body: bytes) -> Json:
    """The JSON object in *body*; an empty body is an empty object.

    Raises:
        ApiError: it is no JSON object.
    """
    try:
        value = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "Bad Request: can't parse JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("can't parse JSON object")
    return value


async def _read_multipart(request: web.Request, values: Json, uploads: dict[str, Upload]) -> None:
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            data = bytes(await part.read(decode=True))
            if part.filename is None:
                values[part.name] = data.decode("utf-8", "replace")
            else:
                mime_type = part.headers.get("Content-Type", "application/octet-stream")
                uploads[part.name] = Upload(part.filename, mime_type, data)
    except ValueError as error:
        raise bad_request("can't parse multipart body") from error
