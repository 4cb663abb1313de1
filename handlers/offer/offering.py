"""Making an offer, answering it, switching it off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import collector, on_command, on_edit, on_message, on_press, view
from handlers._kit.said import Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from handlers._kit.words import Html
from routing import albums, filing, offers, refusals
from routing.albums import Intent, Part
from routing.model import Case, ChatId, PersonId
from routing.ports import UnitOfWork

collector(offers.collect)
BETWEEN_WORDS: Final = "+"
"""What stands between the words that a hint rests on; the first of them is the trouble."""


@payload("offeryes")
@dataclass(frozen=True, slots=True)
class OfferTaken:
    """上报给网格员: the message it stands under is reported."""

    message: int


@payload("offerno")
@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """不用."""

    message: int


@on_message(35)
async def chatter(said: Said, ctx: GridContext) -> bool:
    """A group message that is addressed to nobody and reads like a report gets the offer."""
    if said.private or not said.text:
        return False
    return await ctx.work(_offer, said, ctx.services.bot.username, ctx.now)


def _offer(uow: UnitOfWork, said: Said, bot: str, at: datetime) -> bool:
    """Make the offer if it is due; the first part of an album is kept in any case, so that the others find it."""
    hint = offers.make(uow, said.chat, said.message_id, said.person, said.text, said.media, at)
    if said.album is not None:
        part = Part(
            person=said.person,
            chat=said.chat,
            album=said.album,
            message_id=said.message_id,
            text=said.text,
            media=said.media,
            bot=bot,
            intent=Intent.OFFER if hint else Intent.NOTHING,
        )
        albums.add_part(uow, part, at)
    return hint is not None or said.album is not None


@on_edit(30)
async def edited(said: Said, ctx: GridContext) -> bool:
    """What is reported in the end is the message as its author left it."""
    if said.private or not said.text:
        return False
    return bool(await ctx.work(offers.amend, said.chat, said.message_id, said.text))


@on_press(OfferTaken)
async def take(press: OfferTaken, ctx: GridContext) -> None:
    """File it for its author; the offer becomes the card."""
    case = await ctx.work(_accept, ctx.here.chat, press.message, ctx.presser, ctx.services.bot.username, ctx.now)
    await ctx.toast("offer.toast_taken", number=case.number)


def _accept(uow: UnitOfWork, chat: ChatId, message_id: int, by: PersonId, bot: str, at: datetime) -> Case:
    case = offers.accept(uow, chat, message_id, by, at)
    if case.confidential:
        filing.acknowledge_quietly(uow, case, chat, message_id, bot)
    return case


@on_press(OfferDeclined)
async def decline(press: OfferDeclined, ctx: GridContext) -> None:
    """Take the offer away and leave its author in peace for a day."""
    await ctx.work(offers.decline, ctx.here.chat, press.message, ctx.presser, ctx.now)
    await ctx.toast("offer.toast_declined")


@on_command("offer")
async def switch(said: Said, ctx: GridContext) -> None:
    """/offer on or /offer off: staff decide whether the bot may offer in their grid."""
    wish = said.args.strip().lower()
    if said.private:
        raise refusals.GroupOnly
    if wish in ("on", "off"):
        await ctx.work_and_say(f"offer.switched_{wish}", _switch, said, on=wish == "on")
    else:
        await ctx.reply("offer.usage")


def _switch(uow: UnitOfWork, said: Said, *, on: bool) -> None:
    offers.switch(uow, said.chat, said.person, on=on)


@view("offer")
def offer(look: Look) -> Outgoing | None:
    """One short line that names its reason, and the choice; nothing once it was answered."""
    message = int(str(look.params["message"]))
    if look.uow.notebook.draft(offers.key_of(look.chat.id, message)) is None:
        return None
    evidence, _, _ = str(look.params["evidence"]).partition(BETWEEN_WORDS)
    first = look.t("kit.danger") if look.params.get("danger") else ""
    text = Html("\n".join(filter(None, (first, look.t("offer.line", evidence=evidence)))))
    yes = Button("button.offer_yes", OfferTaken(message), style=MAIN)
    return look.message(text, [[yes, Button("button.offer_no", OfferDeclined(message))]])
