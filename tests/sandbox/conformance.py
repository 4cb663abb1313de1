"""Other people's types as the judge: aiogram's models and python-telegram-bot's parser read all that was sent.

aiogram takes seconds to import, so it is imported where something is judged, not by every process that collects tests.
"""

from functools import cache
from typing import Any

import telegram
from pydantic import BaseModel, TypeAdapter

from bot.sandbox import Sandbox

_PTB_TYPES: dict[str, type[telegram.TelegramObject]] = {
    "getchat": telegram.ChatFullInfo,
    "getchatmember": telegram.ChatMember,
    "getfile": telegram.File,
    "getme": telegram.User,
    "getwebhookinfo": telegram.WebhookInfo,
    "createchatinvitelink": telegram.ChatInviteLink,
    "createforumtopic": telegram.ForumTopic,
    "copymessage": telegram.MessageId,
    "stoppoll": telegram.Poll,
}


@cache
def _results() -> dict[str, Any]:
    """What each method returns, in aiogram's types."""
    from aiogram import methods
    from aiogram.methods.base import TelegramMethod

    return {
        method.__api_method__.lower(): method.__returning__
        for method in vars(methods).values()
        if isinstance(method, type) and issubclass(method, TelegramMethod) and method is not TelegramMethod
    }


def check_everything(sandbox: Sandbox) -> None:
    """Fail on anything in the record that either library would not have expected."""
    for record in sandbox.calls:
        if record.ok:
            check_answer(record.method, record.answer["result"])
        else:
            assert set(record.answer) <= {"ok", "error_code", "description", "parameters"}
    for queue in sandbox.exchange.queues.values():
        for update in queue.recent:
            check_update(update)


def check_answer(method: str, result: Any) -> None:
    """Read one result as both libraries would."""
    name = method.lower()
    value = TypeAdapter(_results()[name]).validate_python(result)
    _no_strangers(value, method)
    _no_nulls(result, method)
    kind = _PTB_TYPES.get(name) or (telegram.Message if isinstance(result, dict) and "date" in result else None)
    if kind is not None:
        parsed = kind.de_json(result, None)
        assert parsed is not None


def check_update(update: Any) -> None:
    """Read one update as both libraries would."""
    from aiogram.types import Update

    _no_strangers(Update.model_validate(update), "update")
    _no_nulls(update, "update")
    parsed = telegram.Update.de_json(update, None)
    assert parsed.update_id == update["update_id"]


def _no_strangers(value: Any, where: str) -> None:
    """No field that the documentation doesn't know."""
    if isinstance(value, BaseModel):
        assert not value.model_extra, f"{where}: unknown fields {value.model_extra}"
        for name in type(value).model_fields:
            _no_strangers(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            _no_strangers(item, where)


def _no_nulls(value: Any, where: str) -> None:
    """What is absent is left out, never null."""
    assert value is not None, f"{where} is null"
    if isinstance(value, dict):
        for name, item in value.items():
            _no_nulls(item, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            _no_nulls(item, where)
