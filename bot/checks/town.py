"""The town as it stands in the database: who has no chat, nobody to act, or never heard of the bot."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot import clock
from bot.checks.finding import Finding, failure, ok, some, warning
from bot.clock import Clock
from routing.in_line import Contacts
from routing.model import Appointment, Chat, ChatKind, ChatState, PersonId, Post, Unit, UnitCode, UnitKind
from routing.town import BESIDE
from storage.stores import Stores

LATE: Final = timedelta(minutes=10)
_GRIDS: Final = (UnitKind.BASIC, UnitKind.SPECIAL)
_DESKLESS: Final = (*_GRIDS, UnitKind.MICRO)


@dataclass(frozen=True, slots=True)
class Town:
    """What is asked of the database.

    Args:
        now: The town's time.
        oldest_promise: Since when the oldest unsent message waits.
        poison: Updates that were set aside, as ``bot:update id``.
        policy: The name of the one in force, `levels`, its levels, and `reviewing`, the one where it has replies
            reviewed, if it names one.
        own_policy: Whether that is the town's own; another one, which stands in for it, says nothing of its units.
    """

    now: datetime
    units: Sequence[Unit] = ()
    staff: Sequence[Appointment] = ()
    chats: Sequence[Chat] = ()
    oldest_promise: datetime | None = None
    poison: Sequence[str] = ()
    contacts: Contacts = field(default_factory=Contacts)
    policy: str = ""
    levels: Sequence[str] = ()
    reviewing: str | None = None
    own_policy: bool = True

    @property
    def names(self) -> Mapping[UnitCode, str]:
        """Units by code."""
        return {unit.code: unit.name for unit in self.units}

    @property
    def bound(self) -> Sequence[Chat]:
        """Groups that serve a unit."""
        return [chat for chat in self.chats if chat.unit is not None]


def town_time(stores: Stores, speed: float) -> datetime:
    """The town's time as the running bot tells it; a rehearsal's runs *speed* times as fast."""
    told = Clock(speed)
    told.resume(stores.notebook.setting(clock.SETTING))
    return told.now()


def gather(stores: Stores, speed: float) -> Town:
    """Ask the database, from an open transaction."""
    units = stores.units.all()
    waiting = [since for _, since in stores.sending.waiting().values()]
    return Town(
        town_time(stores, speed),
        units,
        [one for unit in units for one in stores.people.staff_of(unit.code)],
        stores.chats.all(),
        min(waiting, default=None),
        [f"{update.bot}:{update.update_id}" for update in stores.inbox.poisoned()],
        stores.policy.contacts,
        stores.policy.name,
        stores.policy.levels,
        stores.policy.review_at,
    )


def judge(town: Town) -> Iterator[Finding]:
    """Everything that can be said of the town."""
    if not town.units:
        yield failure("town", "No units are known.", "Run `huying import units.csv staff.csv households.csv`.")
    else:
        yield ok("town", f"{len(town.units)} units, {len(town.staff)} posts, {len(town.bound)} bound chats.")
        if town.own_policy:
            yield levels(town)
        yield unbound(town)
        yield desks(town)
        yield workers(town)
        yield judges(town)
        if town.own_policy:
            yield reviewers(town)
            yield contacts(town)
        yield strangers(town)
        yield lost(town)
    yield poison(town.poison)
    yield promises(town.oldest_promise, town.now)


def levels(town: Town) -> Finding:
    """Units of another policy's levels: no limit is given there, so nothing that reaches them can be handled."""
    strange = [unit for unit in town.units if unit.level not in (*town.levels, *BESIDE)]
    if not strange:
        return ok("levels", "Every unit has a level that the policy knows.")
    says = f"{some(len(strange), 'unit has', 'units have')} a level that the policy {town.policy} does not know."
    mend = f"Set HUYING_POLICY to the policy of this town, or import them with one of {', '.join(town.levels)}."
    return failure("levels", says, mend, (f"{unit.name} ({unit.code}): {unit.level}" for unit in strange))


def unbound(town: Town) -> Finding:
    """Grids without a residents' chat."""
    served = {chat.unit for chat in town.bound if chat.kind is ChatKind.RESIDENTS}
    without = [unit for unit in town.units if unit.kind in _GRIDS and unit.code not in served]
    if not without:
        return ok("grids", "Every grid has its residents' chat.")
    says = f"{some(len(without), 'grid has', 'grids have')} no residents' chat, so nobody can report there."
    return warning("grids", says, "Let the unit above issue a code, and use /bind CODE in the group.", _named(without))


def desks(town: Town) -> Finding:
    """Units above the grids, or beside the tree, without a desk chat."""
    served = {chat.unit for chat in town.bound if chat.kind is ChatKind.DESK}
    without = [unit for unit in town.units if unit.kind not in _DESKLESS and unit.code not in served]
    if not without:
        return ok("desks", "Every unit above the grids has its desk chat.")
    says = f"{some(len(without), 'unit has', 'units have')} no desk chat, so nobody there sees what is late."
    return warning("desks", says, "Make a group of its staff, add the bot, and use /bind CODE in it.", _named(without))


def workers(town: Town) -> Finding:
    """Grids in which nobody could claim a case."""
    staffed = {one.unit for one in town.staff if one.post is Post.WORKER}
    without = [unit for unit in town.units if unit.kind in _GRIDS and unit.code not in staffed]
    if not without:
        return ok("workers", "Every grid has a worker.")
    says = f"{some(len(without), 'grid has', 'grids have')} no worker, so its reports wait until they are late."
    return failure("workers", says, "Import a staff table with the post `worker` for each.", _named(without))


def judges(town: Town) -> Finding:
    """Units with nobody above them in which nobody could judge what they did themselves."""
    staffed = {one.unit for one in town.staff if one.post in (Post.LEADER, Post.REVIEWER)}
    without = [unit for unit in town.units if unit.parent is None and unit.code not in staffed]
    if not without:
        return ok("judges", "Every unit at the top has somebody who could judge its work.")
    says = f"{some(len(without), 'unit', 'units')} at the top: no leader, no reviewer, so nobody could judge there."
    return failure(
        "judges", says, "Import a staff table with the post `leader` or `reviewer` for each.", _named(without)
    )


def reviewers(town: Town) -> Finding:
    """Units below the top of the level that reviews, without a reviewer: leaders do not review what their unit did."""
    staffed = {one.unit for one in town.staff if one.post is Post.REVIEWER}
    reviewing = [unit for unit in town.units if unit.level == town.reviewing and unit.parent is not None]
    without = [unit for unit in reviewing if unit.code not in staffed]
    if not without:
        return ok("reviewers", "Every reply that the policy has reviewed finds a reviewer.")
    says = f"{some(len(without), 'unit reviews', 'units review')} replies without a reviewer, so none may pass its own."
    mend = "Import a staff table with the post `reviewer` for each, or change `[review]` of the policy."
    return warning("reviewers", says, mend, _named(without))


def contacts(town: Town) -> Finding:
    """Units that lack one of the contacts to whom the policy sends reminders."""
    held = {(one.unit, one.post) for one in town.staff}
    lacking = [
        f"{unit.name} ({unit.code}): {', '.join(missing)}"
        for unit in town.units
        if unit.level in town.contacts.levels
        and (missing := [post for post in town.contacts.order if (unit.code, post) not in held])
    ]
    if not lacking:
        return ok("contacts", "Every unit has the contacts that the policy asks for.")
    says = f"{some(len(lacking), 'unit lacks', 'units lack')} contacts to whom the policy sends reminders."
    return warning(
        "contacts", says, "Import a staff table with those posts, or change `[contacts]` of the policy.", lacking
    )


def strangers(town: Town) -> Finding:
    """Staff to whom the bot cannot write, because they never started it or have blocked it; counted by unit."""
    known = {chat.person for chat in town.chats if chat.kind is ChatKind.PRIVATE and chat.state is ChatState.OK}
    away: set[tuple[UnitCode, PersonId]] = {(one.unit, one.person) for one in town.staff if one.person not in known}
    if not away:
        return ok("staff", "Every member of staff has started the bot.")
    people = len({person for _, person in away})
    who = {person: one.name for one in town.staff if (person := one.person)}
    by_unit: dict[UnitCode, list[str]] = {}
    for unit, person in sorted(away):
        by_unit.setdefault(unit, []).append(who[person])
    says = f"The bot cannot write to {some(people, 'member', 'members')} of staff: they never started it or blocked it."
    items = (f"{town.names[unit]} ({unit}): {', '.join(names)}" for unit, names in by_unit.items())
    return warning("staff", says, "Ask each of them to open the bot and press Start.", items)


def lost(town: Town) -> Finding:
    """Bound chats that the bot was thrown out of, may not write to, or that are gone, as far as Telegram told."""
    away = [chat for chat in town.bound if chat.state is not ChatState.OK]
    if not away:
        return ok("chats", "Telegram has told of no chat that was lost.")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(Counter(chat.state for chat in away).items()))
    return failure(
        "chats",
        f"The bot cannot write to {some(len(away), 'bound chat', 'bound chats')} ({counts}).",
        "Add the bot again with the right to send messages, or bind another group.",
        (f"{title(town, chat)}: {chat.state}" for chat in away),
    )


def unserved(town: Town, bots: Collection[int]) -> Finding:
    """Chats of bots that are not among *bots*, those of the settings."""
    away = Counter(chat.bot for chat in town.chats if chat.state is ChatState.OK and chat.bot not in bots)
    if not away:
        return ok("bots", "Every chat belongs to a bot of the settings.")
    says = f"{some(away.total(), 'chat belongs', 'chats belong')} to bots without a token; nothing can be said there."
    mend = "Put the token into HUYING_BOT_TOKEN, or, if the bot is gone for good, run `huying retire BOT`."
    return failure("bots", says, mend, (f"bot {bot}: {some(n, 'chat', 'chats')}" for bot, n in sorted(away.items())))


def poison(numbers: Sequence[str]) -> Finding:
    """Updates that could not be handled."""
    if not numbers:
        return ok("inbox", "Every update could be handled.")
    says = f"{some(len(numbers), 'update', 'updates')} could not be handled and wait for nobody any more."
    mend = "`huying inbox` tells why, lets them be tried again, or gives them up; report an error to the developers."
    return warning("inbox", says, mend, numbers)


def promises(oldest: datetime | None, now: datetime) -> Finding:
    """Messages that wait too long."""
    if oldest is None or now - oldest <= LATE:
        return ok("outbox", "No message waits for long.")
    minutes = int((now - oldest).total_seconds() // 60)
    return warning(
        "outbox",
        f"A message waits since {minutes} minutes.",
        "See that `huying run` is running; if it is, its log says what Telegram refuses.",
    )


def title(town: Town, chat: Chat) -> str:
    """A chat by the unit that it serves."""
    return f"{town.names.get(chat.unit or UnitCode(''), chat.title)} ({chat.telegram_id})"


def _named(units: Iterable[Unit]) -> Iterator[str]:
    return (f"{unit.name} ({unit.code})" for unit in units)
