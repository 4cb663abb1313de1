"""An album for a broadcast: Telegram brings it in parts, and only one of them has the words."""

from datetime import datetime, timedelta
from typing import Final

from broadcasts import desk
from broadcasts.model import BroadcastId
from handlers._kit.albums import MOST_IN_ALBUM
from handlers._kit.broadcast_words import work_of
from handlers._kit.context import GridContext
from handlers._kit.registry import forgotten_after, on_message
from handlers._kit.said import Said
from routing import albums
from routing.effects import Json
from routing.model import ChatId, Media
from routing.ports import Draft, UnitOfWork

STEP: Final = "broadcast_album"
LIFE: Final = timedelta(minutes=10)
"""How long parts that come late still find their draft."""
FIRST: Final = 6
"""Before anything takes a message for a report: a part belongs to the draft that the part with the words began."""

forgotten_after(STEP, LIFE)


@on_message(FIRST)
async def later_part(said: Said, ctx: GridContext) -> bool:
    """Add a further part of an album to its draft."""
    if said.album is None or not said.media or await ctx.read(draft_of, said) is None:
        return False
    await ctx.work(take, said, ctx.now)
    return True


def together(uow: UnitOfWork, said: Said) -> tuple[Media, ...]:
    """What a message carries, behind the parts of its album that came before it."""
    if said.album is None:
        return said.media
    return (*albums.claim_parts(uow, said.chat, said.album, said.person), *said.media)[:MOST_IN_ALBUM]


def expect(uow: UnitOfWork, said: Said, broadcast: BroadcastId, at: datetime) -> None:
    """The further parts of the album, if the message is of one, belong to that draft."""
    if said.album is not None:
        data: dict[str, Json | list[Json]] = {"broadcast": broadcast}
        uow.notebook.keep_draft(Draft(_key(said.chat, said.album), said.person, said.chat, STEP, at, data))


def draft_of(uow: UnitOfWork, said: Said) -> BroadcastId | None:
    """The draft that the album of a message belongs to."""
    known = uow.notebook.draft(_key(said.chat, said.album)) if said.album is not None else None
    if known is None or known.person != said.person:
        return None
    return BroadcastId(int(str(known.data["broadcast"])))


def take(uow: UnitOfWork, said: Said, at: datetime) -> bool:
    """Add a further part to the draft of its album; whether it has one. What is beyond ten is left out.

    Raises:
        NotThen: it is no draft any more: who published it that soon hears that this part did not come along.
    """
    draft = draft_of(uow, said)
    if draft is None:
        return False
    current = work_of(uow).broadcasts.get(draft)
    there = {one.unique_id for one in current.media}
    fresh = [one for one in said.media if one.unique_id not in there]
    media = (*current.media, *fresh)[:MOST_IN_ALBUM]
    if media != current.media:
        desk.edit(work_of(uow), current.id, said.person, at, media=media)
    return True


def _key(chat: ChatId, album: str) -> str:
    return f"broadcast:{chat}:{album}"
