"""`huying doctor` before a Bot API that knows the essential methods only."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli import doctor
from tests.cli.conftest import Run

ME = {"id": 42, "is_bot": True, "first_name": "呼应", "username": "huying_bot"}


@pytest.fixture(params=["says nothing", "does not know"])
async def little(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A server that answers `getMe`; to the rest it says yes without an object, or that there is no such method."""

    async def answer(call: web.Request) -> web.Response:
        if call.path.endswith("/getMe"):
            return web.json_response({"ok": True, "result": ME})
        if request.param == "says nothing":
            return web.json_response({"ok": True, "result": True})
        return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)

    app = web.Application()
    app.router.add_route("*", "/{method:.*}", answer)
    async with TestServer(app) as server:
        monkeypatch.setenv("HUYING_API_URL", str(server.make_url("")).rstrip("/"))
        yield


async def test_a_server_without_webhooks_is_warned_of_and_its_token_is_accepted(little: None, run: Run) -> None:
    ran = await run(doctor, "--json")

    found = {one["check"]: one["level"] for one in json.loads(ran.out)["checks"]}
    assert (found["api"], found["token"], found["webhook"]) == ("ok", "ok", "warning")
