"""The draft's one message: what is in it, where it goes, and how it ended."""

from collections.abc import Iterator
from typing import Final

from handlers._kit import html
from handlers._kit.naming import unit_name
from handlers._kit.registry import view
from handlers._kit.views import MAIN, Button, Keyboard, Look, Outgoing
from handlers._kit.words import Html
from handlers.draft.buttons import (
    AddMorePressed,
    AnswerPressed,
    BackPressed,
    CancelPressed,
    GridPressed,
    HushPressed,
    PagePressed,
    SubmitPressed,
)
from routing import drafting, hints, late_answers
from routing.drafting import PAGE
from routing.drafts import Sheet
from routing.model import CaseId, MediaKind, PersonId
from routing.parcels import too_big

SHOWN: Final = 3000
"""Characters of the draft's text that its message repeats; all of it is kept."""


@view("draft")
def draft(look: Look) -> Outgoing | None:
    """What is in the draft, with 提交 / 补充 / 取消; or the choice of grids."""
    sheet = drafting.find(look.uow, look.chat.id, PersonId(int(str(look.params["person"]))))
    if sheet is None or sheet.serial != look.params["serial"]:
        return None
    if sheet.page is not None:
        lines = [look.t("draft.which_grid"), *([look.t("kit.privacy")] if sheet.notice else [])]
        return look.message(Html("\n".join(lines)), _choice(look, sheet, sheet.page))
    question = late_answers.question_of(look.uow, sheet)
    asked = None if question is None else look.uow.cases.get(question.case).number
    return look.message(Html("\n".join(_lines(look, sheet, asked))), _buttons(sheet, asked))


def _lines(look: Look, sheet: Sheet, asked: int | None) -> Iterator[Html]:
    empty = not sheet.pieces and sheet.location is None
    yield look.t("draft.empty" if empty else "draft.title")
    if sheet.grid is not None:
        place = " · ".join(filter(None, (unit_name(look.uow, sheet.grid), sheet.building)))
        yield look.t("draft.place", place=place)
    if sheet.text:
        text = html.tame(sheet.text)
        yield look.t("draft.text", text=text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
    kinds = [one.kind for one in sheet.media]
    for kind in MediaKind:
        if kind in kinds:
            yield look.t(f"draft.{kind.value}", count=kinds.count(kind))
    if sheet.location is not None:
        yield look.t("draft.located")
    if too_big(sheet.media):
        yield look.t("draft.big_file")
    if sheet.confidential:
        yield look.t("draft.hushed")
    if hints.names_danger(sheet.text, look.uow.catalogue):
        yield look.t("kit.danger")
    if asked is not None:
        yield look.t("draft.perhaps_answer", number=asked)
    missing = "draft.what_to_send" if empty else "draft.what_is_wrong"
    yield look.t("draft.go_on" if _tells(sheet) else missing)
    if sheet.notice:
        yield look.t("kit.privacy")


def _tells(sheet: Sheet) -> bool:
    """Whether there is something to submit: a place alone does not say what is wrong there."""
    return bool(sheet.text.strip() or sheet.media)


def _buttons(sheet: Sheet, asked: int | None) -> Keyboard:
    serial = sheet.serial
    hush = Button("button.draft_open" if sheet.confidential else "button.draft_hush", HushPressed(serial))
    cancel = Button("button.draft_cancel", CancelPressed(serial))
    if not _tells(sheet):
        return [[hush, cancel]]
    submit = Button("button.draft_submit", SubmitPressed(serial), style=MAIN)
    more = Button("button.draft_more", AddMorePressed(serial))
    grid = Button("button.draft_grid", PagePressed(serial, 0))
    answer = Button("button.draft_answer", AnswerPressed(serial), values={"number": asked})
    return [[answer] if asked is not None else [], [submit], [more, cancel], [hush, grid]]


def _choice(look: Look, sheet: Sheet, page: int) -> Keyboard:
    every = drafting.grids(look.uow)
    last = max(0, (len(every) - 1) // PAGE)
    page = min(page, last)
    shown = every[page * PAGE : (page + 1) * PAGE]
    rows = [
        [
            Button(
                "button.draft_name", GridPressed(sheet.serial, drafting.mark_of(unit.code)), values={"name": unit.name}
            )
        ]
        for unit in shown
    ]
    turns = []
    if page > 0:
        turns.append(Button("button.draft_before", PagePressed(sheet.serial, page - 1)))
    if page < last:
        turns.append(Button("button.draft_after", PagePressed(sheet.serial, page + 1)))
    return [*rows, turns, [Button("button.draft_back", BackPressed(sheet.serial))]]


@view("draft_end")
def draft_end(look: Look) -> Outgoing:
    """How it ended, without buttons; after 提交 the number, who has it, and until when somebody answers."""
    key = str(look.params["key"])
    if "case" not in look.params:
        return look.message(look.t(key))
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    when = look.due(case.respond_due_at or case.filed_at)
    return look.message(look.t(key, number=case.number, unit=unit_name(look.uow, case.unit), when=when))
