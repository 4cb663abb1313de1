"""What is promised about a broadcast, in which chat. The courier keeps it after the commit, and makes the text then."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from broadcasts import commanding
from broadcasts.model import IN_DOUBT, Broadcast, Class, Target, TargetState, carrier_of
from broadcasts.ports import UnitOfWork
from broadcasts.rights import APPROVING
from routing.effects import Json
from routing.model import Chat, ChatId, ChatKind, ChatState, PersonId
from routing.ports import Doubt, Lane, Promise

LIVE: Final = "live"
DOORS: Final = "doors"


def lane_of(broadcast: Broadcast) -> Lane:
    """Red and orange go before everything, unless they are an exercise."""
    return Lane.EMERGENCY if broadcast.grave and broadcast.kind is Class.ALERT else Lane.NOTICE


def pins(broadcast: Broadcast) -> bool:
    """Whether it stays on top of the chat while it holds."""
    return broadcast.grave


def promise_message(
    uow: UnitOfWork, broadcast: Broadcast, target: Target, chat: ChatId, until: datetime | None
) -> None:
    """The message itself, to leave before *until*; an update answers the first of its chain, or what it replaces."""
    uow.outbox.promise(
        Promise(
            key=target.promise_key,
            chat=chat,
            view="broadcast",
            params={"broadcast": broadcast.id, "place": target.place},
            lane=lane_of(broadcast),
            not_after=until,
            doubt=Doubt.REPEAT if broadcast.grave else Doubt.RESEND,
            reply_to=_first_message(uow, broadcast, target, chat),
            pin=pins(broadcast),
        )
    )


def _first_message(uow: UnitOfWork, broadcast: Broadcast, target: Target, chat: ChatId) -> int | None:
    for one in (broadcast.first, broadcast.updates):
        before = uow.targets.get(one, target.place) if one is not None else None
        if before is not None and before.chat == chat and before.message_id is not None:
            return before.message_id
    return None


def promise_edit(uow: UnitOfWork, broadcast: Broadcast, target: Target, at: datetime, lane: Lane = Lane.DIGEST) -> None:
    """The message in that chat, as it is to look now; nothing where there is none that can be edited."""
    chat = _writable(uow, target.chat)
    carrier = carrier_of(broadcast.id)
    if chat is None or target.message_id is None or uow.outbox.carrier_of(chat.id, target.message_id) != carrier:
        return
    uow.outbox.promise(
        Promise(
            key=f"{carrier}:show:{target.place}:{at.isoformat()}",
            chat=chat.id,
            view="broadcast",
            params={"broadcast": broadcast.id, "place": target.place},
            lane=lane,
            carrier=carrier,
            doubt=Doubt.DROP,
        )
    )


def promise_end(uow: UnitOfWork, broadcast: Broadcast, target: Target, at: datetime, view: str | None) -> None:
    """Say in a chat that it is over: in the message, by taking the pin away, with *view* in a line of its own, too.

    Where nobody knows whether the message stands there, the line alone says it.
    """
    promise_edit(uow, broadcast, target, at, Lane.NOTICE)
    chat = _writable(uow, target.chat)
    if chat is None or (target.message_id is None and target.reason != IN_DOUBT):
        return
    if pins(broadcast) and target.message_id is not None:
        _once(uow, broadcast, target, chat, "unpin", {"message": target.message_id}, Lane.NOTICE)
    if view is not None:
        params: dict[str, Json] = {"broadcast": broadcast.id, "place": target.place}
        _once(uow, broadcast, target, chat, view, params, lane_of(broadcast), target.message_id)


def promise_nudge(uow: UnitOfWork, broadcast: Broadcast, target: Target) -> None:
    """Remind the group: how many have not answered yet."""
    chat = _writable(uow, target.chat)
    if chat is not None and target.state is TargetState.SENT:
        params: dict[str, Json] = {"broadcast": broadcast.id, "place": target.place}
        carrier = _nudge_of(broadcast, target)
        _once(uow, broadcast, target, chat, "broadcast_nudge", params, lane_of(broadcast), target.message_id, carrier)


def promise_reminder(uow: UnitOfWork, broadcast: Broadcast, target: Target, person: PersonId, chat: ChatId) -> None:
    """Remind one person of a silent household in private."""
    uow.outbox.promise(
        Promise(
            key=_reminder_of(broadcast, person),
            chat=chat,
            view="broadcast_private",
            params={"broadcast": broadcast.id, "place": target.place, "person": person},
            lane=lane_of(broadcast),
            not_after=broadcast.expires_at,
            carrier=_reminder_of(broadcast, person),
        )
    )


def promise_absent(uow: UnitOfWork, broadcast: Broadcast) -> None:
    """Name those of the staff who have not answered, at the desk: somebody has to ring them up."""
    _to_desk(uow, broadcast, "absent", "broadcast_absent", "")


def promise_doors(uow: UnitOfWork, broadcast: Broadcast, target: Target) -> None:
    """Hand the list of doors to everybody who may go there, in private, else to the desk above."""
    for chat in _runners(uow, target):
        carrier = _doors_of(broadcast, target)
        uow.outbox.promise(
            Promise(
                key=f"{carrier}:{chat.id}",
                chat=chat.id,
                view="broadcast_doors",
                params={"broadcast": broadcast.id, "place": target.place, "building": 0},
                lane=lane_of(broadcast),
                not_after=broadcast.expires_at,
                carrier=carrier,
            )
        )


def renew_asides(uow: UnitOfWork, broadcast: Broadcast, target: Target) -> None:
    """What stands beside the message says that it is over, too: reminders in group and private, lists of doors."""
    params: dict[str, Json] = {"broadcast": broadcast.id, "place": target.place, "over": True}
    for chat in uow.outbox.carriers(_nudge_of(broadcast, target)):
        _over(uow, broadcast, chat, "broadcast_nudge", params, _nudge_of(broadcast, target))
    for person, chat in uow.receipts.reminded(broadcast.id, target.place):
        _over(uow, broadcast, chat, "broadcast_private", {**params, "person": person}, _reminder_of(broadcast, person))
    renew_doors(uow, broadcast, target, "over")


def renew_complete(uow: UnitOfWork, broadcast: Broadcast, target: Target, mark: str) -> None:
    """Nobody is missing there any more: the reminder in the group says so, and whoever goes to its doors need not."""
    params: dict[str, Json] = {"broadcast": broadcast.id, "place": target.place, "done": True}
    for chat in uow.outbox.carriers(_nudge_of(broadcast, target)):
        _over(uow, broadcast, chat, "broadcast_nudge", params, _nudge_of(broadcast, target), mark)
    renew_doors(uow, broadcast, target, mark)


def renew_doors(uow: UnitOfWork, broadcast: Broadcast, target: Target, mark: str) -> None:
    """The lists of doors of that grid, as they are to look now."""
    params: dict[str, Json] = {"broadcast": broadcast.id, "place": target.place, "building": 0}
    for chat in uow.outbox.carriers(_doors_of(broadcast, target)):
        _over(uow, broadcast, chat, "broadcast_doors", params, _doors_of(broadcast, target), mark)


def _over(
    uow: UnitOfWork,
    broadcast: Broadcast,
    chat: ChatId,
    view: str,
    params: dict[str, Json],
    carrier: str,
    mark: str = "over",
) -> None:
    key = f"{carrier}:{mark}:{broadcast.version}:{chat}"
    uow.outbox.promise(Promise(key, chat, view, params, lane=Lane.DIGEST, carrier=carrier, doubt=Doubt.DROP))


def promise_live(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> None:
    """How it stands, in the desk: one message, edited in place."""
    _to_desk(uow, broadcast, LIVE, "broadcast_live", f":{at.isoformat()}")


def promise_summary(uow: UnitOfWork, broadcast: Broadcast) -> None:
    """What came of it in words, when the asking is over."""
    _to_desk(uow, broadcast, "summary", "broadcast_summary", "")


def promise_preview(uow: UnitOfWork, broadcast: Broadcast, mark: str = "") -> None:
    """The draft where it is composed: one message, edited in place; with another *mark* once more as it is."""
    if _writable(uow, broadcast.chat) is not None:
        mark = f":{broadcast.version}{mark}"
        _to_chat(uow, broadcast, broadcast.chat, "draft", "broadcast_draft", mark, Lane.ANSWER)


def promise_anew(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> None:
    """How it stands, wherever it can be steered, as after a downtime in which presses may have been lost."""
    if broadcast.begun_at is not None:
        promise_live(uow, broadcast, at)
        return
    promise_preview(uow, broadcast, f":{at.isoformat()}")
    renew_approval(uow, broadcast, f":{at.isoformat()}")


def promise_approval(uow: UnitOfWork, broadcast: Broadcast) -> None:
    """Ask for a second person's word: at the unit's desk, and of whoever may give it."""
    for chat in {chat.id: chat for chat in (*desk_of(uow, broadcast), *_approvers(uow, broadcast))}.values():
        mark = f":{broadcast.version}"
        _to_chat(uow, broadcast, chat.id, "approval", "broadcast_approval", mark, lane_of(broadcast))


def renew_approval(uow: UnitOfWork, broadcast: Broadcast, mark: str = "") -> None:
    """Show in every request for approval what has become of it; with another *mark* once more as it is."""
    for chat in sorted(uow.outbox.reached(f"{carrier_of(broadcast.id)}:approval")):
        _to_chat(uow, broadcast, chat, "approval", "broadcast_approval", f":{broadcast.version}{mark}", Lane.CARD)


def tell_desk(uow: UnitOfWork, broadcast: Broadcast, view: str, at: datetime, **params: Json) -> None:
    """A line of its own in the desk."""
    for chat in desk_of(uow, broadcast):
        uow.outbox.promise(
            Promise(
                key=f"{carrier_of(broadcast.id)}:{view}:{chat.id}:{at.isoformat()}",
                chat=chat.id,
                view=view,
                params={"broadcast": broadcast.id, **params},
                lane=Lane.NOTICE,
            )
        )


def tell_unreached(uow: UnitOfWork, broadcast: Broadcast, failed: Sequence[Target], at: datetime) -> None:
    """Tell the desk above each chat that could not be reached, so that somebody goes there."""
    above = {unit.parent for unit in map(uow.units.find, {target.grid for target in failed}) if unit is not None}
    for unit in sorted(code for code in above if code is not None):
        desk = uow.chats.of_unit(unit, ChatKind.DESK)
        if desk is not None and desk.state is ChatState.OK:
            uow.outbox.promise(
                Promise(
                    key=f"{carrier_of(broadcast.id)}:unreached:{unit}:{at.isoformat()}",
                    chat=desk.id,
                    view="broadcast_unreached",
                    params={"broadcast": broadcast.id, "unit": unit},
                    lane=lane_of(broadcast),
                )
            )


def desk_of(uow: UnitOfWork, broadcast: Broadcast) -> list[Chat]:
    """The desk chat of its unit, else the chat where it was composed."""
    desk = uow.chats.of_unit(broadcast.unit, ChatKind.DESK)
    if desk is not None and desk.state is ChatState.OK:
        return [desk]
    chat = _writable(uow, broadcast.chat)
    return [chat] if chat is not None else []


def _to_desk(uow: UnitOfWork, broadcast: Broadcast, what: str, view: str, mark: str) -> None:
    for chat in desk_of(uow, broadcast):
        _to_chat(uow, broadcast, chat.id, what, view, mark, Lane.CARD)


def _to_chat(uow: UnitOfWork, broadcast: Broadcast, chat: ChatId, what: str, view: str, mark: str, lane: Lane) -> None:
    carrier = f"{carrier_of(broadcast.id)}:{what}"
    params: dict[str, Json] = {"broadcast": broadcast.id}
    uow.outbox.promise(
        Promise(key=f"{carrier}:{chat}{mark}", chat=chat, view=view, params=params, lane=lane, carrier=carrier)
    )


def _once(
    uow: UnitOfWork,
    broadcast: Broadcast,
    target: Target,
    chat: Chat,
    view: str,
    params: dict[str, Json],
    lane: Lane,
    reply_to: int | None = None,
    carrier: str | None = None,
) -> None:
    uow.outbox.promise(
        Promise(
            key=f"{carrier_of(broadcast.id)}:{view}:{target.place}",
            chat=chat.id,
            view=view,
            params=params,
            lane=lane,
            reply_to=reply_to,
            carrier=carrier,
        )
    )


def _reminder_of(broadcast: Broadcast, person: PersonId) -> str:
    return f"{carrier_of(broadcast.id)}:private:{person}"


def _nudge_of(broadcast: Broadcast, target: Target) -> str:
    return f"{carrier_of(broadcast.id)}:nudge:{target.place}"


def _doors_of(broadcast: Broadcast, target: Target) -> str:
    """Named as a panel, so that the presses on it redraw it as one."""
    return f"panel:{DOORS}:{broadcast.id}:{target.place}"


def _approvers(uow: UnitOfWork, broadcast: Broadcast) -> Iterator[Chat]:
    """In private, and at their desk, those of the nearest level where anybody but its author may, and can be asked."""
    for unit in uow.units.path(broadcast.unit):
        staff = {one.person for one in uow.people.staff_of(unit.code) if one.post in APPROVING} - {broadcast.author}
        desk = uow.chats.of_unit(unit.code, ChatKind.DESK) if staff else None
        found = [chat for chat in map(uow.chats.private, sorted(staff)) if chat is not None]
        found += [desk] if desk is not None and desk.state is ChatState.OK else []
        yield from found
        if found:
            return


def _runners(uow: UnitOfWork, target: Target) -> Iterator[Chat]:
    """Who goes to the doors, the staff of micro-grids among them; the desk, too, where the grid's own can't be told."""
    told = False
    for person, post in sorted(commanding.staff_below(uow, target.grid, commanding.RUNNING).items()):
        chat = uow.chats.private(person)
        if chat is not None:
            told = told or post.unit == target.grid
            yield chat
    if not told:
        yield from _desks(uow, target)


def _desks(uow: UnitOfWork, target: Target) -> Iterator[Chat]:
    for unit in uow.units.path(target.grid):
        desk = uow.chats.of_unit(unit.code, ChatKind.DESK)
        if desk is not None and desk.state is ChatState.OK:
            yield desk
            return


def _writable(uow: UnitOfWork, chat: ChatId | None) -> Chat | None:
    if chat is None:
        return None
    try:
        found = uow.chats.get(chat)
    except LookupError:  # folded into the group's new self, or erased with its person
        return None
    return found if found.state is ChatState.OK else None
