"""No sentence is asked for that is not there, none is there that nobody asks for, and none is left half filled."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcasts.model import Chase, Class, Door, Level, ReceiptState, State
from broadcasts.plan_model import Asked, DoerState
from handlers._kit import naming, words
from handlers._kit.registry import discover
from handlers.broadcast.form import PARTS
from handlers.broadcast.live import KNOWN_REASONS
from handlers.broadcast.presses import Deed, Wanted
from handlers.broadcast.templates import TEMPLATES
from handlers.card import tells
from handlers.lang.commands import Language
from handlers.monthly import sheet
from handlers.outcome import files
from handlers.rollcall.calling import Steer
from routing import events
from routing.boards import Only
from routing.catalogue import Catalogue
from routing.events import Event, Fault, NoteKind, RefusalReason, ReturnReason, SupervisionKind
from routing.model import AssistState, ChatState, MediaKind, Post, Rating, Status, Told, WordsKind
from routing.policy import CLASSES, Policy, presets
from routing.refusals import Refusal
from routing.stages import Stage, Step
from tests.handlers.kit import scan

REGISTRY = discover()
ASKED_OTHERWISE = {"answer", "door", "broadcast"}
"""The reporter's answer is asked for by the holder's own words, a door code and a draft by views of their own."""


def all_refusals(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    yield base
    for below in base.__subclasses__():
        yield from all_refusals(below)


def every_event() -> list[str]:
    return [
        name
        for name, one in inspect.getmembers(events, inspect.isclass)
        if issubclass(one, Event) and one is not Event and not name.startswith("_")
    ]


LEVELS = [one.value for one in Level]


def parts_of(kind: Class) -> Iterator[tuple[str, str]]:
    """Every sentence of the templates of that kind of broadcast."""
    for code in TEMPLATES[kind]:
        yield from (
            (code, part) for part in (("name", "matter", "action") if kind is Class.ALERT else ("name", "text"))
        )


FAMILIES: dict[str, list[str]] = {
    "status.": [one.value for one in Status],
    "stage.": [one.value for one in (*Stage, *Step)],
    "event.": every_event(),
    "happened.": every_event(),
    "rating.": [one.value for one in Rating],
    "rating.thanks_": [one.value for one in Rating],
    "act.": [one.value for one in Rating],
    "act.told_": [one.value for one in Told],
    "told.": [one.value for one in Told],
    "bulletin.": [one.value for one in Fault],
    "tell.bulletin_": [one.value for one in Fault if one not in (Fault.ABSENT, Fault.UNCALLED)],
    "duty.": ["begins", "ended"],
    "summary.": ["night", "away"],
    "noted.": [one.value for one in NoteKind],
    "words.": [one.value for one in WordsKind],
    "refuse_reason.": [one.value for one in RefusalReason],
    "refuse_route.": [*(one.value for one in RefusalReason), "by_law"],
    "supervision.": [one.value for one in SupervisionKind],
    "strike.": ["whistled", "checked_in", "late", "absent"],
    "assist.": [one.value for one in AssistState],
    "return_reason.": [one.value for one in ReturnReason],
    "contacts.post_": [Post.WORKER.value, Post.LEADER.value, Post.HELPER.value],
    "draft.": [one.value for one in MediaKind],
    "lang.": [one.value for one in Language],
    "offer.switched_": ["on", "off"],
    "menu.": sorted(name for name, command in REGISTRY.commands.items() if command.menus),
    "ask.": sorted((REGISTRY.prompts.keys() - ASKED_OTHERWISE) | scan.other_questions()),
    "bind.above_": [one.value for one in (ChatState.OK, ChatState.KICKED, ChatState.MUTED, ChatState.GONE)],
    "class_group.": sorted({code[:2] for code in Catalogue.load().matters}),
    "why.": ["word", "none", "place", "nobody", "conflict", "person", "duty"],
    "emergency.state.": [*(one.value for one in Asked if one is not Asked.ASKED), "withdrawn"],
    "rollcall.steered.": [one.value for one in Steer],
    "tasks.state.": [one.value for one in DoerState],
    "coverage.list_": ["bound", "unbound"],
    "outcome.column.": list(files.COLUMNS),
    "monthly.column.": list(sheet.COLUMNS),
    "outcome.state.": [one.value for one in ReceiptState],
    "outcome.door.": [one.value for one in Door],
    "top.": list(CLASSES),
    "colour.": LEVELS,
    "colour_icon.": LEVELS,
    "colour_button.": LEVELS,
    "colour_chosen.": LEVELS,
    "broadcast_kind.": [one.value for one in Class],
    "broadcast_state.": [one.value for one in State],
    "desk.only_": [one.value for one in Only],
    "chase_now.": [*Chase, "absent"],
    "chase_step.": [*Chase, "absent"],
    "broadcast_done.": [one.value for one in Deed],
    "broadcast_reason.": sorted([*KNOWN_REASONS, "other"]),
    "broadcast_kinds.": ["all", "basic", "special"],
    "broadcast_post.": ["all", "worker", "leader"],
    "broadcast.": ["area", "matter", "action", "kinds", "post", "window", "window_none", "repeat", "repeat_none"],
    "ask_broadcast.": [one.value for one in Wanted],
    "form.": [*PARTS, "text", "send_at"],
    "template.": [f"{code}.{part}" for kind in Class for code, part in parts_of(kind)],
    "door_found.": [one.value for one in Door],
    "door_done.": [one.value for one in Door],
    "door_mark.": ["away", "refused"],
    "level.": sorted({level for name in presets() for level in Policy.load(name).levels}),
}
"""Keys whose end changes, and every end that it can have."""


def test_every_key_in_the_code_has_a_sentence() -> None:
    assert len(scan.literals()) > 250
    assert [f"{use.place}: {use.key}" for use in scan.literals() if not words.has(use.key)] == []


def test_every_key_with_a_changing_end_is_of_a_known_family() -> None:
    assert len(scan.changing()) > 10
    assert [f"{use.place}: {use.key}" for use in scan.changing() if use.key not in FAMILIES] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_has_a_sentence(family: str) -> None:
    assert FAMILIES[family]
    assert [end for end in FAMILIES[family] if not words.has(f"{family}{end}")] == []


def test_no_sentence_is_left_that_nobody_says() -> None:
    said = {use.key for use in scan.literals()}
    said |= {f"{family}{end}" for family, ends in FAMILIES.items() for end in ends}
    said |= {f"menu.{name}" for name in REGISTRY.commands}  # described, whether or not a menu shows it today

    assert sorted(words.sentences("zh").keys() - said) == []


def test_every_refusal_has_its_own_sentence() -> None:
    keys = [one.key for one in all_refusals()]

    assert len(keys) > 40
    assert [key for key in keys if not words.has(key)] == []
    assert len(set(keys)) == len(keys)


def test_every_status_has_an_icon() -> None:
    assert naming.STATUS_ICON.keys() == {one.value for one in Status}


def test_every_sentence_about_a_case_is_filled_by_what_the_card_knows() -> None:
    source = ast.parse(inspect.getsource(tells.values))
    table = next(node.value for node in ast.walk(source) if isinstance(node, ast.Return))
    assert isinstance(table, ast.Dict)
    known = {str(key.value) for key in table.keys if isinstance(key, ast.Constant)}
    sentences = {key: one for key, one in words.sentences("zh").items() if key.startswith("tell.")}

    assert len(sentences) > 40
    assert {
        key: words.placeholders(one) - known for key, one in sentences.items() if words.placeholders(one) - known
    } == {}


def test_every_call_fills_the_placeholders_of_its_sentence() -> None:
    seen = [use for use in scan.calls() if use.filled is not None]
    wrong = [
        f"{use.place}: {use.key} needs {sorted(needed - (use.filled or frozenset()))}"
        for use in seen
        if (needed := words.placeholders(words.sentences("zh")[use.key])) - (use.filled or frozenset())
    ]

    assert len(seen) > 150
    assert wrong == []


def test_every_refusal_brings_the_values_that_its_sentence_names() -> None:
    named = {one.__name__: words.placeholders(words.sentences("zh")[one.key]) for one in all_refusals()}
    needing = {name: needed for name, needed in named.items() if needed and name != "NotNow"}  # it fills its own
    uses = [
        (place, name, given) for place, name, given in refusals_made() if name in needing and not needing[name] <= given
    ]

    assert {"AlreadyClaimed", "TooManyReports", "NoPostHere"} <= needing.keys()
    assert [f"{place}: {name} lacks {sorted(needing[name] - given)}" for place, name, given in uses] == []


def refusals_made() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where a refusal is raised or returned, which one, and the values that it is given."""
    known = {one.__name__ for one in all_refusals()}
    for file, tree in scan.trees().items():
        for node in ast.walk(tree):
            made = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Return) else None
            call = made if isinstance(made, ast.Call) else None
            kind = call.func if call is not None else made
            name = kind.attr if isinstance(kind, ast.Attribute) else kind.id if isinstance(kind, ast.Name) else ""
            if name in known:
                given = frozenset(str(one.arg) for one in call.keywords) if call is not None else frozenset()
                yield f"{file}:{node.lineno if isinstance(node, ast.stmt) else 0}", name, given


def test_a_key_without_a_sentence_is_a_fault_of_the_program() -> None:
    with pytest.raises(words.WordsMissing, match=r"zh:no\.such"):
        words.say("no.such", "zh")
    with pytest.raises(words.WordsMissing, match="unit"):
        words.plain("bind.done", "en")


def test_two_features_cannot_bring_the_same_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for feature in ("one", "two"):
        (tmp_path / feature / "strings").mkdir(parents=True)
        (tmp_path / feature / "strings" / "zh.toml").write_text('[menu]\nhi = "你好"\n', "utf-8")
    monkeypatch.setattr(words, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"menu\.hi exists in another feature"):
        words.sentences.__wrapped__("zh")
