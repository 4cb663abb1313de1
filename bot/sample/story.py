"""The first hours of the sample town: a few cases at different stages, played by its people through their chats."""

from typing import Any

from bot.sample.town import SampleTown
from bot.sandbox import Chat, Person, Sandbox

Message = dict[str, Any]
PATIENCE_S = 30.0


class Stage:
    """People of the town doing what people do: write, wait for the bot, press."""

    def __init__(self, sandbox: Sandbox, town: SampleTown) -> None:
        self._sandbox, self._town = sandbox, town

    async def greet(self) -> None:
        """Everybody on the staff, and half of the residents, open a private chat with the bot."""
        staff = [person for unit in self._town.chats for person in self._town.staff(unit)]
        residents = [person for grid in self._town.grids for person in self._town.residents(grid)[::2]]
        for person in dict.fromkeys([*(one.id for one in staff), *(one.id for one in residents)]):
            await self._sandbox.act(person, "start", bot=self._town.bot.username)

    async def reports(self, who: Person, chat: Chat, text: str, *, photo: bool = False) -> Message:
        """Report in the group; returns the bot's card once it is there."""
        command = f"/report {text}"
        if photo:
            sent = await self._sandbox.act(who, "send_photo", chat=chat.id, caption=command)
        else:
            sent = await self._sandbox.act(who, "send_text", chat=chat.id, text=command)
        number = sent["message_id"]
        return await self.sees(chat, lambda message: _replies_to(message, number) and bool(_buttons(message)))

    async def presses(self, who: Person, chat: Chat, message: Message, words: str) -> None:
        """Press the button with *words* under the message, as soon as it is there."""
        number = message["message_id"]
        shown = await self.sees(chat, lambda one: one["message_id"] == number and _data(one, words) is not None)
        await self._sandbox.act(who, "press", chat=chat.id, message=number, data=_data(shown, words))

    async def answers_privately(self, who: Person, text: str, *, about: str, photo: bool = False) -> None:
        """Answer the bot's newest private question that mentions *about*."""
        bot = self._town.bot

        def asked(_: Sandbox) -> Message | None:
            messages = self._sandbox.private(who, bot)
            found = [one for one in messages if about in one.get("text", "") and _data(one, "取消") is not None]
            return found[-1] if found else None

        question = await self._sandbox.wait_for(asked, PATIENCE_S)
        action: dict[str, Any] = {"chat": f"private:{bot.username}", "reply_to": question["message_id"]}
        if photo:
            await self._sandbox.act(who, "send_photo", caption=text, **action)
        else:
            await self._sandbox.act(who, "send_text", text=text, **action)

    async def sees(self, chat: Chat, wanted: Any) -> Message:
        """Wait for a message of the chat that is *wanted*."""

        def found(sandbox: Sandbox) -> Message | None:
            return next((message for message in reversed(sandbox.messages(chat.id)) if wanted(message)), None)

        message: Message = await self._sandbox.wait_for(found, PATIENCE_S)
        return message


async def play(sandbox: Sandbox, town: SampleTown) -> None:
    """Play the opening: one case waits, one is claimed, one is solved and rated, one is urgent, one comes back."""
    stage = Stage(sandbox, town)
    first, second, third, fourth, fifth, market = town.grids
    await stage.reports(
        town.residents(second)[0], town.chats[second], "5号楼门口垃圾桶满了三天没人清，味道很大", photo=True
    )
    await _claimed(stage, town, first, "3号楼2单元楼道灯坏了，晚上老人不好走", photo=True)
    await _claimed(stage, town, market, "东厅消防通道被货物堵住了")
    await _urgent(stage, town, third)
    await _solved(stage, town, fourth, "小区北门路面破损，骑车容易摔", "满意")
    await _solved(stage, town, fifth, "楼下烧烤店深夜噪音扰民", "不满意")


async def _claimed(stage: Stage, town: SampleTown, grid: str, text: str, *, photo: bool = False) -> Message:
    chat = town.chats[grid]
    card = await stage.reports(town.residents(grid)[0], chat, text, photo=photo)
    await stage.presses(town.staff(grid)[0], chat, card, "接单")
    return card


async def _urgent(stage: Stage, town: SampleTown, grid: str) -> None:
    await stage.reports(town.residents(grid)[0], town.chats[grid], "8号楼1单元闻到煤气味，很浓")


async def _solved(stage: Stage, town: SampleTown, grid: str, text: str, rating: str) -> None:
    chat, worker = town.chats[grid], town.staff(grid)[0]
    card = await _claimed(stage, town, grid, text)
    await stage.presses(worker, chat, card, "办结")
    await stage.answers_privately(worker, "已到现场处理，附照片", about="#", photo=True)
    await stage.presses(town.residents(grid)[0], chat, card, rating)


def _replies_to(message: Message, number: int) -> bool:
    return bool(message.get("reply_to_message", {}).get("message_id") == number and message["from"]["is_bot"])


def _buttons(message: Message) -> list[dict[str, Any]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _data(message: Message, words: str) -> str | None:
    """What the button carries whose label ends with *words*; an emoji may stand before them."""
    for button in _buttons(message):
        if button["text"].split()[-1] == words and "callback_data" in button:
            return str(button["callback_data"])
    return None
