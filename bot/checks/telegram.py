"""Judging what Telegram said: tokens, clocks, webhooks, and the bots' rights in the chats."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.checks.api import BotFacts, Reach, Seat
from bot.checks.finding import Finding, failure, ok, some, warning
from bot.failures import Kind
from bot.telegram import ALLOWED_UPDATES
from routing.model import Chat, ChatKind

MOST_SKEW: Final = timedelta(seconds=30)
MANY_PENDING: Final = 100
LATELY: Final = timedelta(hours=1)
Title = Callable[[Chat], str]


def reached(fact: Reach) -> Iterator[Finding]:
    """Whether the API answers, and whether its clock and ours agree."""
    if fact.error is not None:
        yield failure(
            "api",
            f"{fact.url} cannot be reached ({fact.error}); tokens, webhooks and chats were not looked at.",
            "Check the network and HUYING_API_URL; behind a proxy set HTTPS_PROXY.",
        )
        return
    yield ok("api", f"{fact.url} answers.")
    if fact.skew is None:
        return
    seconds = abs(fact.skew).total_seconds()
    if abs(fact.skew) <= MOST_SKEW:
        yield ok("clock", f"The clocks here and there differ by {seconds:.0f} s.")
    else:
        side = "behind" if fact.skew > timedelta(0) else "ahead of"
        says = f"The clock of this machine is {seconds:.0f} s {side} the API's, so deadlines ring at wrong times."
        yield failure("clock", says, "Switch time synchronisation on, for instance `timedatectl set-ntp true`.")


def token(bot: BotFacts) -> Finding:
    """Whether the token opens the door."""
    if bot.me is not None:
        return ok("token", f"The token of @{bot.me.get('username')} ({bot.id}) is accepted.")
    if bot.failure is not None and bot.failure.kind is Kind.UNAUTHORISED:
        return failure(
            "token",
            f"The token of bot {bot.id} is not accepted.",
            "Copy it anew from @BotFather into HUYING_BOT_TOKEN.",
        )
    reason = bot.failure.reason if bot.failure else "no answer"
    return failure("token", f"Bot {bot.id} could not be asked: {reason}.", "Try again in a minute.")


def webhook(bot: BotFacts, base: str | None, now: datetime) -> Iterator[Finding]:
    """Whether updates come in the way that the settings say.

    Args:
        bot: What Telegram said.
        base: ``HUYING_WEBHOOK_URL``; ``None`` for polling.
        now: The machine's time.
    """
    info = bot.webhook
    if info is None:
        if bot.me is not None and bot.failure is not None:
            says = f"How the updates of bot {bot.id} come in could not be asked: {bot.failure.reason}."
            yield warning("webhook", says, "Run this again in a minute.")
        return
    wanted = f"{base}/telegram/{bot.id}" if base else ""
    if info.get("url", "") == wanted:
        yield ok("webhook", f"Bot {bot.id} is set to {'a webhook' if base else 'polling'}.")
    elif base is None:
        yield warning(
            "webhook",
            f"Bot {bot.id} has a webhook although HUYING_WEBHOOK_URL is not set.",
            "`huying run` removes it when it starts; if it comes back, stop the other program that uses this token.",
        )
    else:
        says = f"Bot {bot.id} has {'another' if info.get('url') else 'no'} webhook; {wanted} is wanted."
        yield warning("webhook", says, "`huying run` sets it when it starts; see that it is running.")
    deaf = sorted(set(ALLOWED_UPDATES) - set(info.get("allowed_updates", ALLOWED_UPDATES)))
    if base and info.get("url", "") == wanted and deaf:
        says = f"The webhook of bot {bot.id} does not bring {', '.join(deaf)}."
        yield warning("webhook", says, "Restart `huying run`: it says anew what it wants.")
    pending = int(info.get("pending_update_count", 0))
    if pending > MANY_PENDING:
        yield warning(
            "updates", f"{pending} updates wait at Telegram for bot {bot.id}.", "See that the bot is running."
        )
    failed_at = datetime.fromtimestamp(info.get("last_error_date", 0), UTC)
    if base and now - failed_at < LATELY:
        minutes = int((now - failed_at).total_seconds() // 60)
        yield warning(
            "webhook",
            f"{minutes} minutes ago Telegram could not deliver to bot {bot.id}: {info.get('last_error_message', '')}.",
            "See that the address is reachable from outside, with a valid certificate, and leads to HUYING_HTTP_PORT.",
        )


def chats(seats: Sequence[Seat], asked: int, title: Title, deaf_by_choice: Iterable[str] = ()) -> Iterator[Finding]:
    """Whether the bots are in their chats, hear what is said there, and may write and pin.

    Args:
        seats: What was found.
        asked: How many chats there are to look at.
        title: How an operator calls a chat.
        deaf_by_choice: Grids that listen to commands, mentions and replies only.
    """
    seen = [seat for seat in seats if seat.failure is None]
    lost = [seat for seat in seats if _is_lost(seat)]
    unseen = asked - len(seen) - sum(1 for seat in lost if seat.failure is not None)
    if lost:
        yield failure(
            "seats",
            f"The bot is not in {some(len(lost), 'bound chat', 'bound chats')}.",
            "Add it again, or bind another group.",
            (title(seat.chat) for seat in lost),
        )
    if unseen:
        says = f"Telegram said nothing about {some(unseen, 'bound chat', 'bound chats')}."
        yield warning("seats", says, "Run this again in a few minutes.")
    yield from _rights([seat for seat in seen if seat.there], title, frozenset(deaf_by_choice))


def _is_lost(seat: Seat) -> bool:
    return not seat.there if seat.failure is None else seat.failure.kind is Kind.CHAT_LOST


def _rights(there: Sequence[Seat], title: Title, deaf_by_choice: frozenset[str]) -> Iterator[Finding]:
    muted = [seat for seat in there if seat.muted]
    residents = [seat for seat in there if seat.chat.kind is ChatKind.RESIDENTS]
    listening = [one for one in residents if not one.admin and one.chat.unit not in deaf_by_choice]
    deaf = [one for one in listening if not one.hears_all]
    unproven = [one for one in listening if one.hears_all]  # Telegram tells of the bot, and not of each chat
    without_pin = [seat for seat in residents if not seat.pins]
    if muted:
        says = f"The bot may not write in {some(len(muted), 'chat', 'chats')}."
        yield failure("rights", says, "Give it the right to send messages.", (title(seat.chat) for seat in muted))
    if deaf:
        yield failure(
            "privacy",
            f"Privacy mode keeps what residents write from the bot in {some(len(deaf), 'chat', 'chats')}.",
            "Make the bot an administrator there; or switch privacy off (@BotFather, /setprivacy) and add it anew.",
            (title(seat.chat) for seat in deaf),
        )
    if unproven:
        yield ok(
            "privacy",
            "Privacy mode is off. The bot is deaf all the same where it joined before, which Telegram does not tell: "
            f"if residents' sentences go unnoticed in {'this one' if len(unproven) == 1 else 'one of these'}, "
            "add the bot anew there or make it an administrator.",
            (title(seat.chat) for seat in unproven),
        )
    if without_pin:
        yield warning(
            "pins",
            f"The bot cannot pin its menu in {some(len(without_pin), 'chat', 'chats')}.",
            "Give it the right to pin messages.",
            (title(seat.chat) for seat in without_pin),
        )
    if there and not (muted or deaf or without_pin):
        does = "writes and pins" if unproven else "hears, writes and pins"
        yield ok("rights", f"The bot {does} in {some(len(there), 'chat', 'chats')}.")
