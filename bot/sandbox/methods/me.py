"""The bot about itself: who it is, its command menus, its names."""

import re
from typing import Any, Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.files import DOWNLOAD_LIMIT_BYTES, describe, for_bot
from bot.sandbox.wire import user_json
from bot.sandbox.world import ADMIN_RIGHTS, Json

_PLAIN_SCOPES: Final = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_TEXTS: Final = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


@method("getMe")
def get_me(call: Call) -> Json:
    """The bot's own `User`, with what it may do."""
    return user_json(call.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not call.bot.privacy,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_join_request_queries": False,
    }


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    """Set the command menu of one scope and language."""
    key = _scope_key(call)
    commands = call.params.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands JSON object: expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("too many commands specified")
    call.bot.commands[key] = [_command(item) for item in commands]
    call.exchange.hub.changed()
    return True


@method("getMyCommands")
def get_my_commands(call: Call) -> list[Json]:
    """The command menu of exactly this scope and language."""
    return call.bot.commands.get(_scope_key(call), [])


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    """Remove the command menu of exactly this scope and language."""
    call.bot.commands.pop(_scope_key(call), None)
    call.exchange.hub.changed()
    return True


@method("getFile")
def get_file(call: Call) -> Json:
    """Where a file can be downloaded for the next hour; at most 20 MB."""
    file = call.world.files.find(call.params.text("file_id"), call.bot.id)
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > DOWNLOAD_LIMIT_BYTES:
        raise bad_request("file is too big")
    about: Json = for_bot(describe(file), call.bot.id)
    known = {key: about[key] for key in ("file_id", "file_unique_id", "file_size") if key in about}
    call.exchange.open_link(call.bot, file.path)
    known.setdefault("file_size", len(call.world.files.content(file)))
    return known | {"file_path": file.path}


@method("getUserProfilePhotos")
def get_user_profile_photos(call: Call) -> Json:
    """Nobody here has a profile photo."""
    if call.world.user(call.params.user_id()) is None:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}


@method("getMyDefaultAdministratorRights")
def get_my_default_administrator_rights(call: Call) -> Json:
    """The rights that a link asks for when it names none."""
    wanted = call.bot.descriptions.get("default_rights", "").split()
    return {"is_anonymous": False} | {right: right in wanted for right in ADMIN_RIGHTS}


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(call: Call) -> bool:
    """Set the rights that a link asks for when it names none."""
    rights = call.params.json("rights", "rights") or {}
    call.bot.descriptions["default_rights"] = " ".join(right for right in ADMIN_RIGHTS if rights.get(right))
    return True


@method("setChatMenuButton")
def set_chat_menu_button(call: Call) -> bool:
    """Accepted; the menu button is not shown here."""
    return "menu_button" not in call.params or isinstance(call.params.json("menu_button"), dict)


@method("getChatMenuButton")
def get_chat_menu_button(call: Call) -> Json:
    """The commands, as everywhere here."""
    return {"type": "commands" if call.bot.commands else "default"}


def _add_text_methods(name: str, field: str, limit: int) -> None:
    """Define the pair of methods that set and get one of the bot's public texts."""

    def set_text(call: Call) -> bool:
        value = call.params.text(field)
        if len(value) > limit:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        call.bot.descriptions[f"{field}:{_language(call)}"] = value
        return True

    def get_text(call: Call) -> Json:
        default = call.bot.first_name if field == "name" else ""
        return {field: call.bot.descriptions.get(f"{field}:{_language(call)}", default)}

    method(f"setMy{name}")(set_text)
    method(f"getMy{name}")(get_text)


for _name, (_field, _limit) in _TEXTS.items():
    _add_text_methods(_name, _field, _limit)


def _scope_key(call: Call) -> str:
    """One string for the scope and language that a call names.

    Raises:
        ApiError: Telegram could not read them.
    """
    scope = call.params.json("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: expected an Object")
    kind = scope.get("type")
    key = str(kind)
    if kind in ("chat", "chat_administrators", "chat_member"):
        key += f":{_chat(call, scope.get('chat_id'))}"
        if kind == "chat_member":
            user = scope.get("user_id")
            if not str(user).isdigit():
                raise bad_request("can't parse BotCommandScope: invalid user_id specified")
            key += f":{user}"
    elif kind not in _PLAIN_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    return f"{key}/{_language(call)}"


def _chat(call: Call, wanted: Any) -> int:
    if wanted in (None, ""):
        raise bad_request("can't parse BotCommandScope: chat_id is empty")
    text = str(wanted)
    number = call.world.named(text) if text.startswith("@") else int(text) if text.lstrip("-").isdigit() else None
    if number in call.world.chats or (number, call.bot.id) in call.world.privates:
        return int(number or 0)
    raise bad_request("chat not found")


def _language(call: Call) -> str:
    code = call.params.text("language_code")
    if code and not re.fullmatch("[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _command(item: Any) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(item.get("command") or "").strip().removeprefix("/")
    text = str(item.get("description") or "").strip()
    if not name:
        raise bad_request("command must be non-empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not text:
        raise bad_request("command description must be non-empty")
    if len(text) > 256:
        raise bad_request("command description length must not exceed 256")
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    kept = {"command": name, "description": text}
    return kept | {"is_ephemeral": True} if item.get("is_ephemeral") else kept
