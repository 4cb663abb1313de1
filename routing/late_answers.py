"""Words in private that may answer the bot's question, late and without replying to it: the person is asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from routing import drafting
from routing.drafts import Piece, Sheet
from routing.model import ChatId, PersonId
from routing.ports import Prompt, UnitOfWork

DOUBT: Final = timedelta(days=3)
"""So long after a question that was left open, new words in private may be meant for it."""
ENDING: Final = "resolve"
"""The purpose of the question how a case ended."""


def say(
    uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, piece: Piece, location: tuple[float, float] | None
) -> Sheet:
    """Put a message into the draft; one that it opens asks whether it was the answer to a question still open.

    Raises:
        DraftFull: it holds as many messages as one report may.
    """
    open_one = uow.notebook.prompt_for(chat, person, None)
    doubtful = open_one is not None and open_one.case and at < open_one.at + DOUBT
    return drafting.add(uow, chat, person, at, piece, location, open_one.key if open_one and doubtful else "")


def unsaid(uow: UnitOfWork, chat: ChatId, person: PersonId) -> bool:
    """Whether they were asked how a case ended and have not said it: then "it is mended" is no small talk."""
    return any(prompt.purpose == ENDING for prompt in uow.notebook.prompts_in(chat, person))


def question_of(uow: UnitOfWork, sheet: Sheet) -> Prompt | None:
    """The question that the words of the draft may have answered, while it is open."""
    asked = sheet.text or sheet.media
    return uow.notebook.prompt(sheet.question) if sheet.question and asked else None


def taken(uow: UnitOfWork, sheet: Sheet, at: datetime) -> None:
    """The words of the draft went to the question: the draft is over, unless they came too late to be kept."""
    words = uow.words.at(sheet.chat, sheet.pieces[0].message_id)
    if words is not None:
        drafting.follow_edits(uow, sheet, words.id, at)
        drafting.drop(uow, sheet, "draft.was_answer")
    else:
        drafting.keep(uow, replace(sheet, question=""), at)
