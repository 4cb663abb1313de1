"""How a bot gets its updates: by polling or by webhook, never both."""

import re
from typing import Final
from urllib.parse import urlsplit

from bot.sandbox.errors import bad_request, conflict
from bot.sandbox.exchange import Call, Described, method
from bot.sandbox.updates import DEFAULT_KINDS
from bot.sandbox.webhooks import Webhook
from bot.sandbox.world import Json

MAX_WAIT_S: Final = 50
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_BUSY: Final = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@method("getUpdates")
async def get_updates(call: Call) -> list[Json]:
    """Hand out what waits; an offset confirms what lies below it."""
    if call.bot.id in call.exchange.couriers:
        raise conflict(_BUSY)
    queue = call.exchange.queue(call.bot)
    queue.allow(call.params.json("allowed_updates", "allowed updates"))
    limit = call.params.integer("limit", 100)
    wait_s = max(0, min(call.params.integer("timeout"), MAX_WAIT_S))
    return await queue.poll(call.params.integer("offset"), limit if 1 <= limit <= 100 else 100, wait_s)


@method("setWebhook")
async def set_webhook(call: Call) -> Described:
    """Send updates to an address from now on; an empty one ends it. Any port and plain http will do here."""
    params, queue = call.params, call.exchange.queue(call.bot)
    url = params.text("url").strip()
    if not url:
        return await _end_webhook(call)
    call.exchange.limits.spend_webhook(call.bot.id)
    secret = params.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    hook = Webhook(
        _checked(url),
        secret,
        max(1, min(params.integer("max_connections", 40), 100)),
        params.text("ip_address"),
        certificate="certificate" in params.uploads,
    )
    queue.allow(params.json("allowed_updates", "allowed updates"))
    if params.boolean("drop_pending_updates"):
        queue.drop_all()
    current = call.exchange.couriers.get(call.bot.id)
    if current is not None and _same(current.hook, hook):
        return Described(result=True, description="Webhook is already set")
    await queue.end_poll("terminated by setWebhook request")
    await call.exchange.set_webhook(call.bot, hook)
    return Described(result=True, description="Webhook was set")


@method("deleteWebhook")
async def delete_webhook(call: Call) -> Described:
    """Go back to polling; what was not confirmed stays pending."""
    return await _end_webhook(call)


async def _end_webhook(call: Call) -> Described:
    if call.params.boolean("drop_pending_updates"):
        call.exchange.queue(call.bot).drop_all()
    if call.bot.id not in call.exchange.couriers:
        return Described(result=True, description="Webhook is already deleted")
    await call.exchange.set_webhook(call.bot, None)
    return Described(result=True, description="Webhook was deleted")


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> Json:
    """How delivery stands."""
    queue, courier = call.exchange.queue(call.bot), call.exchange.couriers.get(call.bot.id)
    info: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": sum(1 for _ in queue.alive()),
    }
    if courier is not None:
        hook = courier.hook
        info |= {
            "url": hook.url,
            "has_custom_certificate": hook.certificate,
            "max_connections": hook.max_connections,
            "ip_address": hook.ip_address or "127.0.0.1",
        }
        if hook.last_error_at is not None:
            info |= {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
    if queue.allowed != DEFAULT_KINDS:
        info["allowed_updates"] = sorted(queue.allowed)
    return info


def _checked(url: str) -> str:
    if "://" not in url:
        url = f"https://{url}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    return url


def _same(old: Webhook, new: Webhook) -> bool:
    return (old.url, old.secret, old.max_connections, old.ip_address) == (
        new.url,
        new.secret,
        new.max_connections,
        new.ip_address,
    )
