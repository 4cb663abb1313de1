"""Updates as Telegram makes them, with whatever people can put into them; and JSON of any other shape."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from telegram import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
)

from handlers._kit import presses
from handlers._kit.registry import discover
from tests.fuzz.hostile import json_values, texts

PEOPLE: Final = (1001, 1002, 1003)
BOT: Final = 1
USERNAME: Final = "huying_bench_bot"
WORDS: Final = texts(surrogates=False)
IDS: Final = st.integers(1, 40)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of *fields*, or none."""
    return st.fixed_dictionaries({}, optional=fields)


@cache
def users() -> st.SearchStrategy[dict[str, Any]]:
    names = WORDS.map(lambda text: text[:64] or "x")
    return st.sampled_from(PEOPLE).flatmap(
        lambda number: st.fixed_dictionaries(
            {"id": st.just(number), "is_bot": st.just(False), "first_name": names},
            optional={"last_name": names, "language_code": st.sampled_from(["zh", "en", "zh-hans", "xx", "", "请"])},
        )
    )


@cache
def chats(groups: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """A private chat, one of the town's groups, or one that nobody knows."""
    private = st.sampled_from(PEOPLE).map(lambda number: {"id": number, "type": "private", "first_name": "x"})
    known = st.sampled_from([*groups, -1_009_999_999_999])
    titled = st.tuples(known, WORDS).map(lambda pair: {"id": pair[0], "type": "supergroup", "title": pair[1][:128]})
    return private | titled


@cache
def media() -> st.SearchStrategy[dict[str, Any]]:
    file = {"file_id": "f", "file_unique_id": "u"}
    sized = {**file, "width": 9, "height": 9}
    return st.sampled_from(
        [
            {"photo": [sized, {**sized, "file_size": 2**40}]},
            {"photo": []},
            {"voice": {**file, "duration": 3}},
            {"video": {**sized, "duration": 3, "file_name": "../../x"}},
            {"video_note": {**file, "length": 9, "duration": 3}},
            {"document": {**file, "file_name": "\u202egpj.exe", "mime_type": "x/y"}},
            {"audio": {**file, "duration": 3}},
            {"animation": {**sized, "duration": 3}, "document": file},
            {"sticker": {**sized, "type": "regular", "is_animated": False, "is_video": False}},
            {"location": {"latitude": 90.0, "longitude": -180.0}},
            {"venue": {"location": {"latitude": 0.0, "longitude": 0.0}, "title": "<b>", "address": "="}},
            {"contact": {"phone_number": "13812345678", "first_name": "王"}},
            {"dice": {"emoji": "🎲", "value": 6}},
            {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                      "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
                      "allows_revoting": True, "members_only": False}},
            {"new_chat_members": [{"id": BOT, "is_bot": True, "first_name": "b"}]},
            {"new_chat_members": []},
            {"left_chat_member": {"id": 1001, "is_bot": False, "first_name": "x"}},
            {"migrate_to_chat_id": -1_008_888_888_888},
            {"migrate_from_chat_id": -8_888},
            {"group_chat_created": True},
            {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1001, "type": "private"}}},
            {"web_app_data": {"data": "x", "button_text": "y"}},
        ]
    )  # fmt: skip


@cache
def commands() -> tuple[str, ...]:
    """Every command, and some that nobody has."""
    return (*sorted(discover().commands), "nonsense", "START", "report_")


@cache
def spoken() -> st.SearchStrategy[dict[str, Any]]:
    """A text, a command with arguments, a deep link, or a caption, each with the entities that Telegram adds."""

    def command(parts: tuple[str, str, str]) -> dict[str, Any]:
        name, at, args = parts
        head = f"/{name}{at}"
        return {"text": f"{head} {args}", "entities": [{"type": "bot_command", "offset": 0, "length": len(head)}]}

    whom = st.sampled_from(["", f"@{USERNAME}", "@somebody_else_bot"])
    links = st.sampled_from(["h", "b", "p", "d", "i", "c", ""]).flatmap(lambda letter: WORDS.map(lambda t: letter + t))
    return (
        WORDS.map(lambda text: {"text": text})
        | WORDS.map(lambda text: {"text": f"@{USERNAME} {text}"})
        | st.tuples(st.sampled_from(commands()), whom, WORDS).map(command)
        | st.tuples(st.just("start"), st.just(""), links).map(command)
        | st.tuples(media(), WORDS).map(lambda pair: {**pair[0], "caption": pair[1][:1024]})
        | media()
    )


@cache
def messages(groups: tuple[int, ...], *, nested: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    extra: dict[str, st.SearchStrategy[Any]] = {
        "media_group_id": st.sampled_from(["a", "b"]),
        "sender_chat": st.sampled_from([{"id": g, "type": "supergroup", "title": "x"} for g in groups]),
        "via_bot": st.just({"id": 5, "is_bot": True, "first_name": "v"}),
        "message_thread_id": IDS,
        "is_topic_message": st.just(True),
        "has_protected_content": st.just(True),
        "forward_origin": st.just({"type": "hidden_user", "sender_user_name": "<b>", "date": 1}),
    }
    if nested:
        extra["reply_to_message"] = messages(groups, nested=False)
        extra["quote"] = WORDS.map(lambda text: {"text": text, "position": 0})
    base = st.fixed_dictionaries(
        {"message_id": IDS, "date": st.just(int(datetime.now(UTC).timestamp())), "chat": chats(groups)},
        optional={"from": users(), **extra},
    )
    return st.tuples(base, spoken()).map(lambda pair: pair[1] | pair[0])


@cache
def pressed() -> st.SearchStrategy[str]:
    """What a press carries: of a button that there is, with made-up parts, or anything else."""
    parts = st.lists(
        st.integers(0, 40).map(str) | st.sampled_from(["zzzzzzzzzzzzz", "", "yes", "no", "x", "-1", "١"]) | WORDS,
        max_size=4,
    )
    named = st.tuples(st.sampled_from(sorted(presses._PAYLOADS)), parts)
    return named.map(lambda pair: ":".join([pair[0], *pair[1]])[:64]) | WORDS.map(lambda text: text[:64])


@cache
def queries(groups: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    where = (
        messages(groups, nested=False)
        | st.tuples(IDS, chats(groups)).map(lambda pair: {"message_id": pair[0], "date": 0, "chat": pair[1]})
        | st.none()
    )

    def query(parts: tuple[Any, ...]) -> dict[str, Any]:
        user, data, message, number = parts
        made = {"id": str(number), "from": user, "chat_instance": "1", "data": data}
        return {**made, "message": message} if message else {**made, "inline_message_id": "1"}

    return st.tuples(users(), pressed(), where, st.integers(1, 10**9)).map(query)


@cache
def changes(groups: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    states = st.sampled_from(sorted(_STATES))

    def member(pair: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        return {**_fields(pair[0]), "status": pair[0], "user": pair[1]}

    who = st.tuples(states, users() | st.just({"id": BOT, "is_bot": True, "first_name": "b"})).map(member)
    return st.fixed_dictionaries(
        {"chat": chats(groups), "from": users(), "date": st.just(1), "old_chat_member": who, "new_chat_member": who}
    )


_STATES: Final = {
    "creator": ChatMemberOwner,
    "administrator": ChatMemberAdministrator,
    "member": ChatMemberMember,
    "restricted": ChatMemberRestricted,
    "left": ChatMemberLeft,
    "kicked": ChatMemberBanned,
}


@cache
def _fields(status: str) -> dict[str, Any]:
    """What Telegram tells of a member in that state."""
    names: tuple[str, ...] = getattr(_STATES[status], "__slots__")  # noqa: B009 - mypy does not know it of a class
    flags = {name: True for name in names if name.startswith(("can_", "is_"))}
    return flags | ({"until_date": 0} if "until_date" in names else {})


@cache
def updates(groups: tuple[int, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """An update that Telegram could send, without its number."""
    joins = st.fixed_dictionaries(
        {"chat": chats(groups), "from": users(), "date": st.just(1), "user_chat_id": st.sampled_from(PEOPLE)},
        optional={"bio": WORDS},
    )
    return (
        messages(groups).map(lambda one: {"message": one})
        | messages(groups).map(lambda one: {"edited_message": one | {"edit_date": 1}})
        | messages(groups).map(lambda one: {"channel_post": one})
        | queries(groups).map(lambda one: {"callback_query": one})
        | changes(groups).map(lambda one: {"my_chat_member": one})
        | changes(groups).map(lambda one: {"chat_member": one})
        | joins.map(lambda one: {"chat_join_request": one})
    )


@cache
def shapes(groups: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Updates of which some part is missing or is something else, and JSON that is no update at all."""
    kinds = st.sampled_from(
        ["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "chat_join_request", "x"]
    )

    @st.composite
    def bent(draw: st.DrawFn) -> dict[str, Any]:
        whole = deepcopy(draw(updates(groups)))  # its parts are shared with the next ones
        node: Any = whole
        for _ in range(draw(st.integers(1, 4))):
            inner = [key for key, value in node.items() if isinstance(value, dict) and value]
            if not inner or draw(st.booleans()):
                break
            node = node[draw(st.sampled_from(sorted(inner)))]
        field = draw(st.sampled_from(sorted(node)))
        if draw(st.booleans()):
            del node[field]
        else:
            node[field] = draw(json_values(5))
        return whole

    return bent() | st.dictionaries(kinds, json_values(), max_size=2)
