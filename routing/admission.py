"""Why a code opens nothing, and a chat or a person is not let in; refusals like the others."""

from routing.refusals import Refusal


class WrongCode(Refusal):
    """There is no such code."""

    key = "refusal.wrong_code"


class CodeUsed(Refusal):
    """The code was used before; a new one is needed."""

    key = "refusal.code_used"


class CodeExpired(Refusal):
    """The code has run out; a new one is needed."""

    key = "refusal.code_expired"


class TooManyTries(Refusal):
    """Too many wrong codes; ``minutes`` to wait."""

    key = "refusal.too_many_tries"


class NotChatAdmin(Refusal):
    """They are no administrator of the chat."""

    key = "refusal.not_chat_admin"


class NoPostHere(Refusal):
    """They hold no post in ``unit``."""

    key = "refusal.no_post_here"


class ChatServes(Refusal):
    """The chat serves another ``unit`` already."""

    key = "refusal.chat_serves"


class UnitHasChat(Refusal):
    """The ``unit`` has a chat already."""

    key = "refusal.unit_has_chat"


class NotBound(Refusal):
    """The chat serves no unit."""

    key = "refusal.not_bound"
