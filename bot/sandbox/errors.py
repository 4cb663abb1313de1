"""The two ways of being told no: by the Bot API, and by one's own Telegram client."""

from collections.abc import Mapping


class ApiError(Exception):
    """A Bot API call that fails, exactly as its answer spells it."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = dict(parameters or {})


class Refused(Exception):
    """Something that a person's Telegram client would not let them do."""


def bad_request(text: str) -> ApiError:
    """A 400 whose description continues with *text*."""
    return ApiError(400, f"Bad Request: {text}")


def forbidden(text: str) -> ApiError:
    """A 403 whose description continues with *text*."""
    return ApiError(403, f"Forbidden: {text}")


def conflict(text: str) -> ApiError:
    """A 409, as two pollers of one bot earn."""
    return ApiError(409, f"Conflict: {text}")


def too_many_requests(retry_after_s: int) -> ApiError:
    """A 429 that names the seconds to wait, in its text and in its parameters."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})


def migrated(new_chat_id: int) -> ApiError:
    """The 400 for a group that lives on as the supergroup *new_chat_id*."""
    return ApiError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": new_chat_id},
    )
