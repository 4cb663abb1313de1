"""A resident comes to town and files a report, by one of the roads; a long text goes on in replies."""

import time
from typing import Final

from bot.rehearsal.feed import Message, Private, Reply
from bot.rehearsal.figures import Sent
from bot.rehearsal.phrases import is_refusal, key_of
from bot.rehearsal.plan import Plan, Road
from bot.rehearsal.rows import Row
from bot.rehearsal.scene import Author, Scene, data_of
from handlers._kit.case_presses import ClaimPressed
from handlers.draft.buttons import SubmitPressed

LONGEST: Final = 4000
LONGEST_CAPTION: Final = 1000


class Refused(Exception):
    """The bot took the report not at all, and said why: *key*."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


async def file(scene: Scene, author: Author, row: Row, plan: Plan) -> tuple[Sent, Message]:
    """File the report; returns what was sent and the bot's first answer, which tells the number.

    Raises:
        Stuck: the bot did not answer in time.
        Refused: it said no.
    """
    await arrive(scene, author)
    scene.figures.roads[plan.road.value] += 1
    return await (_in_private if plan.road is Road.PRIVATE else _in_group)(scene, author, row.text, plan)


async def arrive(scene: Scene, author: Author) -> None:
    """Get an account, join the group of one's grid, and open a private chat if that is one's habit."""
    async with author.arriving:
        if author.id:
            return
        person = await scene.people.arrive(author.name[:64], author.habits.language)
        await scene.people.act(person, "join", chat=scene.chat(scene.town.grids[author.habits.grid]))
        author.id = person
        if author.habits.talks:
            await talk(scene, author)


async def talk(scene: Scene, author: Author, payload: str = "") -> None:
    """Open a private chat with the bot, and wait until it has greeted."""
    before = scene.feed.newest(author.id)
    await scene.people.act(author.id, "start", bot=scene.town.bot.username, payload=payload)
    await scene.feed.wait(Private(author.id), lambda one: one.id > before, "a greeting", author.id)
    author.talks = True


async def _in_group(scene: Scene, author: Author, text: str, plan: Plan) -> tuple[Sent, Message]:
    chat = scene.chat(scene.town.grids[author.habits.grid])
    person, begun = author.id, time.monotonic()
    if plan.road is Road.PHOTO:
        first, *rest = pieces(text, LONGEST_CAPTION)
        message = await scene.people.send_photo(person, chat, f"/report {first}", scene.photo)
    else:
        first, *rest = pieces(text, LONGEST)
        address = "/report" if plan.road is Road.COMMAND else f"@{scene.town.bot.username}"
        message = await scene.people.write(person, chat, f"{address} {first}")
    sent = Sent(chat, message)
    scene.figures.sent.append(sent)
    answer = await scene.feed.wait(Reply(chat, message), _settles, "an answer to the report", chat)
    _note(scene, sent, answer, begun)
    for piece in rest:
        sent.more[await scene.people.write(person, chat, piece, reply_to=message)] = piece
    return sent, answer


async def _in_private(scene: Scene, author: Author, text: str, plan: Plan) -> tuple[Sent, Message]:
    del plan
    person = author.id
    async with scene.busy(person):
        await talk(scene, author, scene.links[scene.town.grids[author.habits.grid]])
        first, *rest = pieces(text, LONGEST)
        message = await scene.people.write(person, person, first)
        sent = Sent(person, message)
        for piece in rest:
            sent.more[await scene.people.write(person, person, piece)] = piece
        draft = await scene.feed.wait(
            Private(person), lambda one: bool(data_of(one, SubmitPressed)), "the button Submit", person
        )
        begun = time.monotonic()
        scene.figures.sent.append(sent)
        key = await scene.press(person, draft, data_of(draft, SubmitPressed))
        if key is not None and is_refusal(key):
            sent.refused = key
            raise Refused(key)
        answer = await scene.feed.wait(
            Private(person), lambda one: one.id == draft.id and not one.data, "the number", person
        )
        _note(scene, sent, answer, begun)
    return sent, answer


def pieces(text: str, first: int, later: int = LONGEST) -> list[str]:
    """Cut a text so that each piece fits into a message, at a line's end where there is one near."""
    text = text.strip()
    cut, most = [], first
    while len(text) > most:
        at = text.rfind("\n", most // 2, most)
        at = most if at < 0 else at
        cut.append(text[:at].strip())
        text, most = text[at:].strip(), later
    return [piece for piece in (*cut, text) if piece]


def hidden(answer: Message) -> bool:
    """Whether there may be no card to claim in the group: it is somebody else's there, or was reported in private."""
    return answer.chat > 0 or not data_of(answer, ClaimPressed)


def hushed(answer: Message) -> bool:
    """Whether nothing more is said of it in the group: the reporter is asked in private, or not at all."""
    return answer.chat > 0 or key_of(answer.text) == "report.hushed"


def _settles(message: Message) -> bool:
    return number_in(message) is not None or is_refusal(key_of(message.text))


def number_in(message: Message) -> int | None:
    """The number of the case that a message of the bot is about."""
    _, _, after = message.text.partition("#")
    digits = after[: len(after) - len(after.lstrip("0123456789"))]
    return int(digits) if digits else None


def _note(scene: Scene, sent: Sent, answer: Message, begun: float) -> None:
    key = key_of(answer.text)
    if key is not None and is_refusal(key):
        sent.refused = key
        raise Refused(key)
    sent.number = number_in(answer)
    scene.figures.timed("report_to_card", answer.seen_at - begun)
