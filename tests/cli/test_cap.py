"""`huying cap` and `POST /cap`: the same door for a file and for a warning centre."""

import io
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from capvalidator import check_schema

from bot.cli import cap, import_
from bot.settings import Secret
from broadcasts.cap.model import MsgType
from broadcasts.cap.writing import write
from broadcasts.model import State
from tests.broadcasts.cap.samples import info, message
from tests.cli.conftest import UNITS, Run, table
from tests.cli.test_import import TREE
from tests.town import MONDAY, STREET, Town, town_in

TOKEN = "a-token-of-their-own"


@pytest.fixture
async def office_with_desk(office: Path, run: Run) -> Path:
    """A town whose street has a desk, and the warning as a file."""
    ran = await run(import_, table(office / "units.csv", UNITS, ("37", "City", "city", "", "", "", -100), *TREE[1:]))
    assert ran.err == ""
    (office / "warning.xml").write_bytes(write(message()))
    return office


async def test_a_file_becomes_a_draft_once_and_comes_out_as_valid_cap(office_with_desk: Path, run: Run) -> None:
    assert (await run(cap, office_with_desk / "warning.xml")).out == "#1 is a draft at its desk now\n"
    again = await run(cap, office_with_desk / "warning.xml")
    assert (again.code, again.out) == (0, "#1 stands for it already; nothing changed\n")
    ran = await run(cap, "--export", 1, "--out", office_with_desk / "out.xml")

    assert ran.code == 0
    content = (office_with_desk / "out.xml").read_bytes()
    assert check_schema(content).passed
    assert "暴雪" in content.decode()
    assert "orange" in (await run(cap, "--export", 1)).out
    assert (await run(cap, "--export", 1, "--out", office_with_desk / "out.xml")).code == 1
    assert (await run(cap, "--export", 2)).err == "huying: There is no broadcast of that number.\n"


async def test_every_fault_is_named_and_nothing_is_taken(office_with_desk: Path, run: Run) -> None:
    bad = office_with_desk / "bad.xml"
    bad.write_bytes(write(message()).replace(b"Severe", b"Orange").replace(b"<scope>Public</scope>", b""))
    ran = await run(cap, bad)

    assert ran.code == 1
    assert "alert/scope: is missing" in ran.err
    assert "alert/info[1]/severity" in ran.err
    assert "2 wrong; nothing was taken." in ran.err
    assert (await run(cap, office_with_desk / "none.xml")).code == 1


async def test_checking_takes_nothing(office_with_desk: Path, run: Run) -> None:
    assert "can be taken" in (await run(cap, office_with_desk / "warning.xml", "--check")).out
    assert (await run(cap, office_with_desk / "warning.xml")).out.startswith("#1 ")


async def post(town: Town, content: bytes, token: str | None = TOKEN, query: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://127.0.0.1:{town.app.http_port}/cap{query}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(content), headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def test_a_warning_centre_posts_and_the_desk_sees_the_draft(tmp_path: Path) -> None:
    async with town_in(tmp_path, cap_token=Secret(TOKEN)) as town:
        status, text = await post(town, write(message()), query=f"?unit={STREET}")
        await town.quiet()

        assert (status, '"fate":"drafted"' in text) == (201, True)
        assert any("暴雪" in said for said in town.said(town.street_desk))
        assert (await post(town, write(message())))[0] == 200
        assert (await post(town, b"<x/>"))[0] == 400
        assert "alert" in (await post(town, write(message()).replace(b"Severe", b"Bad")))[1]
        assert await post(town, write(message(identifier="y")), query="?unit=nowhere") == (
            422,
            '{"refused":"refusal.out_of_scope"}',
        )
        for token in (None, "wrong", TOKEN[:-1]):
            assert (await post(town, write(message()), token))[0] == 401
        assert (await post(town, b"x" * 2_000_000))[0] == 413


async def test_what_a_trusted_centre_posts_reaches_the_groups_and_ends_there_as_it_says(tmp_path: Path) -> None:
    """A warning, its update and its cancellation, by HTTP into six groups and out again as CAP."""
    policy = (files("routing") / "policies" / "default.toml").read_text("utf-8")
    (tmp_path / "policy.toml").write_text(f'{policy}\n[cap]\ntrusted = ["warnings@example.org"]\n', "utf-8")
    first = message(sent=MONDAY, info=(info(effective=MONDAY, expires=MONDAY + timedelta(days=1)),))
    later: dict[str, Any] = {"sent": MONDAY + timedelta(minutes=5), "references": (first.reference,)}
    update = replace(first, **later, identifier="second", msg_type=MsgType.UPDATE)
    cancel = replace(first, **later, identifier="third", msg_type=MsgType.CANCEL, info=())
    async with town_in(tmp_path, cap_token=Secret(TOKEN), policy=str(tmp_path / "policy.toml")) as town:
        for came, fate in ((first, "released"), (update, "released"), (cancel, "cancelled")):
            status, text = await post(town, write(came), query=f"?unit={STREET}")
            await town.tick()
            assert (status < 300, f'"fate":"{fate}"' in text) == (True, True)

        for grid in town.sample.grids:
            shown = [str(one.get("text", "")) for one in town.messages(town.sample.chats[grid])]
            assert any(text.startswith("🔄 本条已有更新") for text in shown)
            assert any(text.startswith("✅ 本条已解除") for text in shown)
            assert any("第 2 号已解除" in text for text in shown)
        assert (await town.read(lambda stores: stores.broadcasts.by_number(2))).state is State.CANCELLED
        ended = write(await town.read(cap.export, 2))
        assert check_schema(ended).passed
        assert b"<msgType>Cancel</msgType>" in ended


async def test_without_a_token_there_is_no_such_door(town: Town) -> None:
    assert (await post(town, write(message())))[0] == 404
