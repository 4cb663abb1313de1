"""What people do: they report, press whatever they see, answer questions, give orders, come and go."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any, Final

from bot.sandbox.control import command, perform
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.world import Chat, Message, Person
from tests.handlers.broadcasting import FORM
from tests.town import CITY, COMMUNITY, GRID, MARKET, SECOND_GRID, STREET

if TYPE_CHECKING:
    from tests.simulation.world import World

PAUSE_S: Final = 0.8
LEAP_S: Final = 2 * 86_400.0
"""The furthest that the clock of the machine is set at once."""
LOOKS_BACK: Final = 12
"""So many of a chat's newest messages somebody looks at."""
TROUBLES: Final = (
    "3号楼楼道灯坏了", "楼下装修半夜施工，噪声太大", "2号楼门口井盖不见了", "电梯困人了，快来", "小区停水两天了",
    "有人占用消防通道停车", "垃圾堆了三天没人收", "隔壁超市卖过期食品", "路边大树要倒了",
)  # fmt: skip
TIP_OFFS: Final = (
    "举报李安收红包",
    "举报春风社区书记收红包",
    "举报示范街道收钱不办事",
    "举报隔壁超市卖过期食品，我电话13512345678",
)
PLAIN: Final = ("楼道灯又坏了，谁管管", "谢谢", "今天天气不错", "停水通知看到了", "井盖没了太危险了")
ANSWERS: Final = (
    "已到现场处理",
    "这栋楼归二网格管",
    "请再到现场核实一次",
    "在大门右手边",
    "还是没有解决",
    "明天 17:00",
    "3",
    FORM,
)
ORDERS: Final = (
    "/todo", "/mine", "/desk", "/case 1", "/case 2", "/contacts", "/help", "/lang en", "/lang zh", "/privacy",
    "/mydata", "/coverage", "/broadcasts", "/register", "/forget", "/bind 12345678", "/nonsense",
)  # fmt: skip
COMMANDS: Final = (
    "/broadcast", "/broadcast 今晚八点停水，请储水", "/task 清点铲雪工具并报数 17:30", "/emergency 暴雪橙色预警",
    "/rollcall 停水摸排 30\n家里存水够吗？\n家里几口人？|1/2/3/4/5以上", "/plan", "/emergency",
)  # fmt: skip


class People:
    """The town's people, each deed drawn from *rng*."""

    def __init__(self, world: "World", rng: Random) -> None:
        self._world, self._rng = world, rng
        town = world.town
        self._residents = [person for grid in (GRID, SECOND_GRID, MARKET) for person in town.residents(grid)[:4]]
        self._workers = [person for grid in (GRID, SECOND_GRID, MARKET) for person in town.staff(grid)]
        self._desks = [
            person for unit in (COMMUNITY, STREET, CITY, f"{STREET}901", f"{STREET}902") for person in town.staff(unit)
        ]
        self._deeds: list[tuple[Callable[[], str], int]] = [
            (self._reports, 12), (self._tips_off, 2), (self._says, 4), (self._shows, 4), (self._presses, 60),
            (self._answers, 22), (self._orders, 6), (self._commands, 4), (self._starts, 4), (self._edits, 1),
            (self._moves, 1), (self._blocks, 1), (self._repeats, 4), (self._time_leaps, 3),
        ]  # fmt: skip

    async def live(self, count: int) -> None:
        """Do *count* things, one after another, some at the same moment."""
        deeds, weights = zip(*self._deeds, strict=True)
        for _ in range(count):
            if self._rng.random() > 0.15:
                await asyncio.sleep(self._rng.expovariate(1 / PAUSE_S))
            (deed,) = self._rng.choices(deeds, weights)
            try:
                done = deed()
            except (Refused, ApiError) as error:
                done = f"refused: {error}"
            self._world.figures.deeds += 1
            self._world.note("deed", deed.__name__, done)

    def greet(self) -> None:
        """Most of those who work open their private chat with the bot."""
        for person in (*self._residents[:6], *self._workers, *self._desks):
            if self._rng.random() < 0.8:
                self._does(person, "start", bot=self._world.town.bot.username)

    def go_home(self) -> None:
        """Say a last word, which also lets go of what Telegram held back for the next one to overtake."""
        self._world.exchange.queue(self._world.town.bot).orders.clear()
        self._writes(self._residents[0], self._private(self._residents[0]), "/help")

    def _reports(self) -> str:
        who = self._rng.choice(self._residents)
        text = f"/report {self._rng.choice(TROUBLES)}"
        if self._rng.random() < 0.25:
            return self._writes(who, self._private(who), text)
        return self._writes(who, self._home(who), text)

    def _tips_off(self) -> str:
        who = self._rng.choice(self._residents)
        where = self._private(who) if self._rng.random() < 0.7 else self._home(who)
        return self._writes(who, where, f"/report {self._rng.choice(TIP_OFFS)}")

    def _says(self) -> str:
        who = self._anybody()
        return self._writes(who, self._rng.choice(self._chats(who)), self._rng.choice(PLAIN))

    def _shows(self) -> str:
        who, kind = self._anybody(), self._rng.choice(("photo", "album", "voice", "location", "video", "document"))
        fields: dict[str, Any] = (
            {"caption": f"/report {self._rng.choice(TROUBLES)}"} if self._rng.random() < 0.5 else {}
        )
        if kind == "location":
            fields |= {"latitude": 37.36, "longitude": 120.4}
        return self._does(who, f"send_{kind}", chat=self._name(self._rng.choice(self._chats(who))), **fields)

    def _presses(self) -> str:
        who = self._anybody()
        buttons = self._buttons(who)
        if not buttons:
            return "nothing to press"
        chat, message, data = self._rng.choice(buttons)
        again = {"again": True} if self._rng.random() < 0.05 else {}
        return self._does(who, "press", chat=self._name(chat), message=message.id, data=data, **again)

    def _answers(self) -> str:
        """Reply to a question that the bot asked, or to something it said."""
        who = self._anybody()
        asked = [
            (chat, message)
            for chat in self._chats(who)
            for message in self._newest(chat)
            if message.author == self._world.town.bot.id and "force_reply" in (message.markup or {})
        ]
        if asked and self._rng.random() < 0.8:
            chat, message = self._rng.choice(asked[-4:])
        else:
            chat = self._rng.choice(self._chats(who))
            newest = self._newest(chat)
            if not newest:
                return "nothing to answer"
            message = self._rng.choice(newest)
        if self._rng.random() < 0.25:
            return self._does(
                who, "send_photo", chat=self._name(chat), reply_to=message.id, caption=self._rng.choice(ANSWERS)
            )
        return self._writes(who, chat, self._rng.choice(ANSWERS), reply_to=message.id)

    def _orders(self) -> str:
        who = self._anybody()
        return self._writes(who, self._rng.choice(self._chats(who)), self._rng.choice(ORDERS))

    def _commands(self) -> str:
        who = self._rng.choice(self._desks)
        return self._writes(who, self._rng.choice(self._chats(who)), self._rng.choice(COMMANDS))

    def _starts(self) -> str:
        return self._does(self._anybody(), "start", bot=self._world.town.bot.username)

    def _edits(self) -> str:
        who = self._rng.choice(self._residents)
        chat = self._home(who)
        mine = [message for message in self._newest(chat) if message.author == who.id and "text" in message.content]
        if not mine:
            return "nothing to edit"
        text = f"{self._rng.choice(mine).content['text']}，补充一下"
        return self._does(who, "edit_text", chat=self._name(chat), message=mine[-1].id, text=text)

    def _moves(self) -> str:
        who = self._rng.choice(self._residents)
        home = self._home(who)
        return self._does(who, "leave" if home.holds(who.id) else "join", chat=home.id)

    def _blocks(self) -> str:
        who = self._anybody()
        blocked = self._private(who).blocked
        return self._does(who, "unblock" if blocked else "block", bot=self._world.town.bot.username)

    def _repeats(self) -> str:
        """Telegram delivers in another way than it should."""
        exchange, bot = self._world.exchange, self._world.town.bot
        how = self._rng.choice(("redeliver", "deliver_twice", "deliver_late", "deliver_swapped"))
        if how != "redeliver":
            fields = {"seconds": self._rng.uniform(1, 30)} if how == "deliver_late" else {}
            command(exchange, how, fields)
            return how
        recent = list(exchange.queue(bot).recent)
        if not recent:
            return "nothing to repeat"
        update = self._rng.choice(recent[-30:])
        exchange.queue(bot).redeliver(update["update_id"])
        return f"redeliver {update['update_id']}"

    def _time_leaps(self) -> str:
        """The machine sleeps for long, or its clock is set."""
        world = self._world
        world.figures.jumps += 1
        world.leapt()
        if self._rng.random() < 0.6:
            span_s = self._rng.choice((600.0, 3_600.0, 5 * 3_600.0, 26 * 3_600.0, 3 * 86_400.0))
            world.slept_s += span_s
            return f"sleeps {span_s}"
        step_s = (
            self._rng.choice((-LEAP_S, -3_600.0, -60.0, 60.0, 3_600.0, LEAP_S)) if world.skew_s == 0 else -world.skew_s
        )
        world.skew_s += step_s
        return f"clock set by {step_s}"

    def _writes(self, who: Person, chat: Chat, text: str, **fields: Any) -> str:
        return self._does(who, "send_text", chat=self._name(chat), text=text, **fields)

    def _does(self, who: Person, action: str, **fields: Any) -> str:
        done = perform(self._world.exchange, who.id, action, dict(fields))
        return f"{who.id} {action} {fields} {done.get('message_id', '')}"

    def _anybody(self) -> Person:
        return self._rng.choice(self._rng.choices((self._residents, self._workers, self._desks), (35, 40, 25))[0])

    def _home(self, who: Person) -> Chat:
        town = self._world.town
        return next(town.chats[grid] for grid in town.grids if who in (*town.residents(grid), *town.staff(grid)))

    def _private(self, who: Person) -> Chat:
        return self._world.exchange.world.private(who.id, self._world.town.bot.id)

    def _chats(self, who: Person) -> list[Chat]:
        groups = [chat for chat in self._world.town.chats.values() if chat.holds(who.id)]
        return [*groups, self._private(who)]

    def _name(self, chat: Chat) -> int | str:
        return f"private:{self._world.town.bot.username}" if chat.private else chat.id

    def _newest(self, chat: Chat) -> list[Message]:
        return list(chat.messages.values())[-LOOKS_BACK:]

    def _buttons(self, who: Person) -> list[tuple[Chat, Message, str]]:
        """What somebody can press, the buttons of newer messages more often than those of older ones."""
        found = []
        for chat in self._chats(who):
            for place, message in enumerate(self._newest(chat)):
                for row in (message.markup or {}).get("inline_keyboard", []):
                    found += [
                        (chat, message, button["callback_data"]) for button in row if "callback_data" in button
                    ] * (1 + place // 4)
        return found
