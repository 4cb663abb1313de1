"""A draft as it is worked with, and the row that it is meanwhile."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from routing import parcels
from routing.effects import Json
from routing.model import ChatId, Media, PersonId, UnitCode
from routing.ports import Draft

OPEN: Final = "draft"
"""The step of the rows that are open drafts."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a draft."""

    message_id: int
    text: str = ""
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft as it is worked with.

    ``serial`` tells drafts of one chat apart, so that a button of an old one does nothing; ``page`` is the page of the
    choice of grids while that is shown, else ``None``; ``sending``: submit as soon as the grid is chosen;
    ``question`` is the prompt that the words which opened it may have answered, late; ``notice``: it tells of /privacy.
    """

    serial: int
    person: PersonId
    chat: ChatId
    grid: UnitCode | None = None
    building: str = ""
    location: tuple[float, float] | None = None
    confidential: bool = False
    page: int | None = None
    sending: bool = False
    question: str = ""
    notice: bool = False
    pieces: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """Everything written, in order."""
        return "\n".join(piece.text for piece in self.pieces if piece.text)

    @property
    def media(self) -> tuple[Media, ...]:
        """Everything sent, in order."""
        return tuple(one for piece in self.pieces for one in piece.media)


def key_of(chat: ChatId, person: PersonId) -> str:
    """The name of a person's draft in a chat."""
    return f"draft:{chat}:{person}"


def pack(sheet: Sheet, at: datetime) -> Draft:
    """The row of *sheet*, touched *at* that moment."""
    pieces: list[Json] = [
        json.dumps({"m": piece.message_id, "t": piece.text, "f": parcels.pack(piece.media)}, ensure_ascii=False)
        for piece in sheet.pieces
    ]
    latitude, longitude = sheet.location or (None, None)
    data: dict[str, Json | list[Json]] = {
        "serial": sheet.serial, "grid": sheet.grid, "building": sheet.building, "confidential": sheet.confidential,
        "page": sheet.page, "sending": sheet.sending, "latitude": latitude, "longitude": longitude, "pieces": pieces,
        "question": sheet.question, "notice": sheet.notice,
    }  # fmt: skip
    return Draft(key_of(sheet.chat, sheet.person), sheet.person, sheet.chat, OPEN, at, data)


def unpack(draft: Draft) -> Sheet:
    """The sheet of which *draft* is the row."""
    data = draft.data
    latitude, longitude = data["latitude"], data["longitude"]
    found = isinstance(latitude, int | float) and isinstance(longitude, int | float)
    pieces = data["pieces"]
    return Sheet(
        serial=int(str(data["serial"])),
        person=draft.person,
        chat=draft.chat,
        grid=UnitCode(str(data["grid"])) if data["grid"] else None,
        building=str(data["building"]),
        location=(float(str(latitude)), float(str(longitude))) if found else None,
        confidential=bool(data["confidential"]),
        page=None if data["page"] is None else int(str(data["page"])),
        sending=bool(data["sending"]),
        question=str(data.get("question") or ""),
        notice=bool(data.get("notice")),
        pieces=tuple(map(_piece, pieces)) if isinstance(pieces, list) else (),
    )


def _piece(packed: Json) -> Piece:
    piece = json.loads(str(packed))
    return Piece(int(piece["m"]), str(piece["t"]), parcels.unpack(piece["f"]))
