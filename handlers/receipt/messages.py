"""What stands in the chats: the message itself, reminders of it, and that it is over."""

from broadcasts import answering
from broadcasts.model import ENDS, Broadcast, Class, ReceiptState, State, Target, TargetState
from handlers._kit.broadcast_presses import NeedHelpPressed, ReceivedPressed
from handlers._kit.broadcast_words import attachments, broadcast_of, counter, ended, headline, target_of, text, work_of
from handlers._kit.registry import view
from handlers._kit.views import MAIN, NO_PREVIEW, Button, Keyboard, Look, Outgoing
from handlers._kit.words import Html
from routing.model import PersonId


@view("broadcast")
def message(look: Look) -> Outgoing | None:
    """The message as it is to look now; what is paused or over before it left is not sent."""
    broadcast = broadcast_of(look)
    target = target_of(look, broadcast)
    stands = target.state in (TargetState.SENT, TargetState.CLOSED)
    if not stands and (broadcast.state is State.PAUSED or broadcast.state in ENDS):
        return None
    body = text(look, broadcast)
    if broadcast.receipts and target.households and broadcast.audience.post is None:
        body = Html(f"{body}\n\n{counter(look, target)}")
    if look.repeated:
        body = Html(f"{look.t('kit.repeated')}\n{body}")
    params = {"text": body, "parse_mode": "HTML", **NO_PREVIEW}
    markup = look.keyboard(buttons(broadcast))
    if markup is not None:
        params["reply_markup"] = markup
    return Outgoing("sendMessage", params, more=() if stands else attachments(look, broadcast))


def buttons(broadcast: Broadcast) -> Keyboard:
    """What people can press under it, while a press counts."""
    if not broadcast.answerable:
        return []
    received = [Button("broadcast.received", ReceivedPressed(broadcast.id), MAIN)]
    if broadcast.audience.post is not None:  # who works there has other ways to call for help
        return [received]
    return [received, [Button("broadcast.need_help", NeedHelpPressed(broadcast.id))]]


@view("broadcast_nudge")
def nudge(look: Look) -> Outgoing | None:
    """The group once more: how many have not answered, without a name or a door."""
    broadcast = broadcast_of(look)
    target = target_of(look, broadcast)
    if "over" in look.params:
        return look.message(Html("\n".join((*ended(look, broadcast), headline(look, broadcast)))))
    if "done" in look.params and not target.missing:
        return look.message(look.t("broadcast.nudge_done", title=headline(look, broadcast)))
    again = "done" in look.params and broadcast.answerable  # the last door there was taken back
    if not target.missing or not (again or answering.chases(broadcast)):
        return None
    sentence = look.t("broadcast.nudge", title=headline(look, broadcast), missing=target.missing)
    return look.message(sentence, buttons(broadcast))


@view("broadcast_private")
def private(look: Look) -> Outgoing | None:
    """The message to somebody of a silent household, who may answer right there."""
    broadcast = broadcast_of(look)
    if "over" in look.params:
        return look.message(text(look, broadcast))
    if not answering.chases(broadcast) or not _silent(look, broadcast, target_of(look, broadcast)):
        return None
    head = look.t("broadcast.private" if broadcast.audience.post is None else "broadcast.private_staff")
    return look.message(Html(f"{head}\n\n{text(look, broadcast)}"), buttons(broadcast))


def _silent(look: Look, broadcast: Broadcast, target: Target) -> bool:
    """Whether the household of the person reminded is still missing."""
    home = look.uow.people.household_of(PersonId(int(str(look.params["person"]))))
    asked = target.place if broadcast.audience.post is not None else home.code if home else ""
    receipt = work_of(look.uow).receipts.get(broadcast.id, asked)
    return receipt is not None and receipt.state is ReceiptState.MISSING


@view("broadcast_cleared")
def cleared(look: Look) -> Outgoing:
    """That nothing is asked any more, in answer to the message; that a danger is over is for its issuer to say."""
    broadcast = broadcast_of(look)
    key = "broadcast.cleared" if broadcast.kind is Class.ALERT else "broadcast.called_off"
    return look.message(look.t(key, title=headline(look, broadcast), number=broadcast.number))


@view("unpin")
def unpin(look: Look) -> Outgoing:
    """A message of ours no longer stays on top."""
    return Outgoing("unpinChatMessage", {"message_id": look.params["message"]})
