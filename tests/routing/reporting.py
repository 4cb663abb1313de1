"""Short ways to report in the village, shared by the tests of every road of reporting."""

from typing import Any

from sqlalchemy import select

from routing import filing
from routing.filing import Addition, Report
from routing.model import Case, ChatId, ChatKind, Media, MediaKind, WordsKind
from storage.stores import Stores
from storage.tables import outbox
from tests.routing.village import BOT, GRID, WANG, Village

LAMP = "3号楼楼道灯坏了，没人修"
NOISE = "楼下广场舞音响噪音太大，睡不着"
GAS = "3号楼有燃气泄漏，味道很大"
TIP = "小区里有人聚众赌博"


async def group(town: Village) -> ChatId:
    return await town.store.read(lambda stores: stores.chats.of_unit(GRID, ChatKind.RESIDENTS).id)  # type: ignore[union-attr]  # bound in the village


async def private(town: Village, who: int = WANG) -> ChatId:
    return await town.store.read(lambda stores: stores.chats.find(BOT, who).id)  # type: ignore[union-attr]  # met in the village


async def reports(town: Village, text: str = LAMP, message: int = 1, who: int = WANG, **fields: Any) -> Case:
    fields = {"person": town.people[who], "grid": GRID, "at": town.now, "chat": await group(town), **fields}
    return await town.work(filing.file_report, Report(text=text, message_id=message, **fields))


async def adds(town: Village, case: Case, text: str, who: int = WANG, message: int = 50, **fields: Any) -> Case:
    addition = Addition(
        person=town.people[who], at=town.now, text=text, chat=await group(town), message_id=message, **fields
    )
    return await town.work(filing.add_more, case.id, addition)


async def edits(town: Village, text: str, message: int = 1, who: int = WANG) -> Case | None:
    return await town.work(filing.edit_report, await group(town), message, town.people[who], text, town.now)


async def texts(town: Village, case: Case, kind: WordsKind = WordsKind.REPORT) -> list[str]:
    return await town.store.read(lambda stores: [one.text for one in stores.words.of(case.id, kind)])


async def promised(town: Village, view: str) -> list[int]:
    """Telegram ids of the chats to which a view was promised."""

    def question(stores: Stores) -> list[int]:
        rows = stores.connection.execute(select(outbox.c.chat).where(outbox.c.view == view).order_by(outbox.c.id))
        return [stores.chats.get(chat).telegram_id for (chat,) in rows]

    return await town.store.read(question)


async def cases(town: Village) -> list[Case]:
    return await town.store.read(lambda stores: list(stores.cases.open_in([GRID], limit=100)))


def photo(number: int) -> Media:
    return Media(MediaKind.PHOTO, BOT, f"file:{number}", f"u{number}", 1000)
