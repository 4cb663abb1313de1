"""Files that one bot was given and another one sends: uploaded once; what cannot be had is not sent."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from telegram import InputFile

from bot.failures import Kind
from bot.loans import Loans, NotLent
from bot.sandbox import Bot, Sandbox
from bot.sandbox.files import DOWNLOAD_LIMIT_BYTES, identifier
from bot.settings import Secret
from bot.telegram import Line, build, line_of
from handlers._kit.views import MOST_LENT_BYTES, Loan
from routing.model import Media, MediaKind

OTHER = "43:SANDBOX"


class Sent:
    """What the borrowing bot called, over the real line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.params: list[Mapping[str, Any]] = []

    async def __call__(self, params: Mapping[str, Any]) -> Any:
        self.params.append(params)
        return await self._line.call("sendPhoto", params)

    @property
    def uploads(self) -> int:
        return sum(isinstance(one["photo"], InputFile) for one in self.params)


@pytest.fixture
async def lines(sandbox: Sandbox) -> AsyncIterator[dict[int, Line]]:
    """The lines of two bots."""
    sandbox.add_bot("Other", "other_bot", token=OTHER, privacy=False)
    applications = [build(Secret(token), sandbox.url) for token in ("42:SANDBOX", OTHER)]
    for application in applications:
        await application.initialize()
    yield {line_of(application).id: line_of(application) for application in applications}
    for application in applications:
        await application.shutdown()


@pytest.fixture
async def photo(sandbox: Sandbox) -> Media:
    """A picture that the first bot was given."""
    li = sandbox.add_person("Li Wei")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    await sandbox.act(li, "send_photo", chat="private:huying_sample_bot")
    unique = sandbox.private(li, "huying_sample_bot")[-1]["photo"][-1]["file_unique_id"]
    return Media(MediaKind.PHOTO, 42, identifier(unique, 42), unique)


@pytest.fixture
async def chat(sandbox: Sandbox) -> int:
    """A group of the other bot."""
    wang = sandbox.add_person("Wang")
    other = next(bot for bot in sandbox.exchange.world.tokens.values() if bot.username == "other_bot")
    assert isinstance(other, Bot)
    group = sandbox.add_group("Grid", wang)
    sandbox.seat(group, other, admin=True)
    return group.id


async def test_of_many_at_once_the_first_uploads_it_and_the_others_send_its_number(
    lines: dict[int, Line], photo: Media, chat: int, sandbox: Sandbox
) -> None:
    loans, sent = Loans(lines), Sent(lines[43])
    await asyncio.gather(*(loans.carry({"chat_id": chat, "photo": Loan(photo)}, sent) for _ in range(4)))

    assert sent.uploads == 1
    assert sum("photo" in message for message in sandbox.messages(chat)) == 4
    assert sum(call.method == "getFile" for call in sandbox.calls) == 1


async def test_its_own_files_are_sent_as_they_are(lines: dict[int, Line], chat: int) -> None:
    sent: list[Mapping[str, Any]] = []

    async def send(params: Mapping[str, Any]) -> None:
        sent.append(params)

    await Loans(lines).carry({"chat_id": chat, "photo": "mine"}, send)
    assert sent == [{"chat_id": chat, "photo": "mine"}]


@pytest.mark.parametrize(
    ("bot", "file_id", "kind"),
    [(44, "whatever", Kind.REJECTED), (42, "forged", Kind.REJECTED), (43, "unreachable", Kind.OFFLINE)],
)
async def test_what_cannot_be_had_is_not_sent_and_the_failure_says_whether_to_wait(
    lines: dict[int, Line], chat: int, sandbox: Sandbox, bot: int, file_id: str, kind: Kind
) -> None:
    if kind is Kind.OFFLINE:
        sandbox.fail_next("getFile", "502", times=1)
    sent = Sent(lines[43])
    with pytest.raises(NotLent) as raised:
        await Loans(lines).carry({"photo": Loan(Media(MediaKind.PHOTO, bot, file_id, "u"))}, sent)

    assert raised.value.failure.kind is kind
    assert sent.params == []


def test_as_much_as_a_look_promises_can_be_fetched() -> None:
    assert MOST_LENT_BYTES <= DOWNLOAD_LIMIT_BYTES
