"""What people do, over the sandbox's HTTP: nothing here knows how the bot works."""

from typing import Any

import orjson
from aiohttp import ClientSession


class NotAllowed(Exception):
    """The sandbox says that this person can't do that now, as when a button has gone meanwhile."""


class People:
    """Lets people act.

    Args:
        session: Its connections are shared by everybody.
        url: The sandbox's.
        bot: The bot's id: the private chat with it is known by that number.
    """

    def __init__(self, session: ClientSession, url: str, bot: int) -> None:
        self._session, self._url, self._bot = session, url, bot

    async def act(self, person: int, do: str, **fields: Any) -> dict[str, Any]:
        """Do something; returns what the sandbox tells about it.

        Raises:
            NotAllowed: their client would not let them.
        """
        return await self._post("/sandbox/act", {"as": person, "do": do, **fields})

    async def arrive(self, name: str, language: str) -> int:
        """Somebody new has a Telegram account; returns their id."""
        person = await self._post("/sandbox/world", {"do": "add_person", "name": name, "language_code": language})
        return int(person["id"])

    async def write(self, person: int, chat: int, text: str, **fields: Any) -> int:
        """Write in a group, or to the bot where *chat* is the person's own id; returns the message's number."""
        where = self._bot if chat == person else chat
        sent = await self.act(person, "send_text", chat=where, text=text, **fields)
        return int(sent["message_id"])

    async def send_photo(self, person: int, chat: int, caption: str, photo: str, **fields: Any) -> int:
        """Send a picture (base64) likewise."""
        where = self._bot if chat == person else chat
        sent = await self.act(person, "send_photo", chat=where, caption=caption, photo=photo, **fields)
        return int(sent["message_id"])

    async def press(self, person: int, chat: int, message: int, data: str) -> str:
        """Press a button; returns the callback query's id."""
        where = self._bot if chat == person else chat
        return str((await self.act(person, "press", chat=where, message=message, data=data))["query"])

    async def read(self, path: str) -> bytes:
        """What the sandbox shows at *path*."""
        async with self._session.get(self._url + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def transcript(self, chat: int) -> str:
        """What a group, or the private chat of that person, shows; a line of its own where there is no such chat."""
        query = {"chat": self._bot, "as": chat} if chat > 0 else {"chat": chat}
        async with self._session.get(f"{self._url}/sandbox/transcript", params=query) as answer:
            return await answer.text() if answer.ok else f"(there is no chat {chat})"

    async def _post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(self._url + path, data=orjson.dumps(fields)) as answer:
            body: dict[str, Any] = orjson.loads(await answer.read())
        if not body["ok"]:
            raise NotAllowed(body["error"])
        result: dict[str, Any] = body["result"]
        return result
