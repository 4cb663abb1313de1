"""Reading `reply_markup`: inline keyboards are checked and kept, the others only remembered."""

from typing import Any, Final

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.html import checked_url
from bot.sandbox.world import Chat, Json

MAX_BUTTONS: Final = 100
_STYLES: Final = frozenset({"primary", "success", "danger"})
_ACTIONS: Final = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)


def read_markup(value: Any) -> tuple[Json | None, Json | None]:
    """Split a parsed `reply_markup` into an inline keyboard and any other keyboard.

    Raises:
        ApiError: a button can't be read. The length of its data is checked later, as Telegram does.
    """
    if value is None or value == {}:
        return None, None
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in value:
        return None, value
    rows = value["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    kept = [[_button(button) for button in row] for row in rows if row]
    return ({"inline_keyboard": kept} if kept else None), None


def check_markup(markup: Json | None, chat: Chat) -> None:
    """Check what Telegram checks only once the chat is known.

    Raises:
        ApiError: data beyond 64 bytes, too many buttons, or a button this kind of chat can't have.
    """
    if markup is None:
        return
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if len(button.get("callback_data", "").encode()) > 64:
            raise bad_request("BUTTON_DATA_INVALID")
        if "web_app" in button and not chat.private:
            raise bad_request("BUTTON_TYPE_INVALID")


def carries(markup: Json | None, data: str) -> bool:
    """Whether a button of *markup* sends *data*."""
    rows = markup["inline_keyboard"] if markup else []
    return any(button.get("callback_data") == data for row in rows for button in row)


def _button(button: Any) -> Json:
    """Keep the label, the looks and the first action that Telegram reads."""
    if not isinstance(button, dict):
        raise bad_request("can't parse InlineKeyboardButton: expected an Object")
    label = button.get("text")
    if not isinstance(label, str):
        raise _unreadable('Can\'t find field "text"')
    action = next((name for name in _ACTIONS if button.get(name) not in (None, "")), None)
    if action is None:
        raise _unreadable("Text buttons are not allowed in the inline keyboard")
    kept: Json = {"text": label}
    if button.get("icon_custom_emoji_id"):
        kept["icon_custom_emoji_id"] = button["icon_custom_emoji_id"]
    if button.get("style"):
        if button["style"] not in _STYLES:
            raise _unreadable("Invalid style specified")
        kept["style"] = button["style"]
    kept[action] = _checked(button[action]) if action == "url" else button[action]
    return kept


def _checked(url: Any) -> str:
    checked = checked_url(str(url))
    if checked is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return checked


def _unreadable(text: str) -> ApiError:
    return bad_request(f"can't parse InlineKeyboardButton: {text}")
