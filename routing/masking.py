"""Take what identifies a person out of a text before it is shown in a residents' chat, exported or logged.

When in doubt it masks: a swallowed amount is an annoyance, a leaked number a harm. Every pattern is bounded in length, so that the
time grows with the text only. The Chinese words stand in `data/masking.toml`.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

HIDDEN: Final = "***"
_WORDS: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    (files("routing") / "data" / "masking.toml").read_text(encoding="utf-8")
)
_HALF_WIDTH: Final = {0xFF01 + n: 0x21 + n for n in range(0x5E)} | {0x3000: 0x20, 0xA0: 0x20, 0x2013: 0x2D, 0x2014: 0x2D}
_GAP: Final = r"[ \t,\-\u3001\u200b-\u200d]{0,2}"
_SPLIT: Final = r"[ \t\-._~\u00b7\u200b-\u200d\u2060\ufeff]{0,3}"
_LOOSE: Final = r"[ \t\-\u00b7\u200b-\u200d\u2060\ufeff]{0,2}"


def mask_text(text: str) -> str:
    """Return *text* without numbers, doors, plates and accounts that lead to a person; masking twice changes nothing.

    A mobile number keeps its ends (135****5678), a land line its area code, a plate its region and last two signs, an address its
    building, and a unit when no door follows: an entrance is a shared place. Identity and card numbers, e-mail addresses and messenger
    accounts go entirely. Dates, times, amounts and case numbers (#123) stay. Names need `mask_names`.
    """
    while (masked := _pass(text)) != text:
        text = masked
    return text


def mask_name(name: str) -> str:
    """Return the surname, or the first letter of a Latin name, and two asterisks: 王**, 欧阳**, L**."""
    name = name.strip()
    compound = name[:2] if len(name) > 2 and name[:2] in _WORDS["surnames"]["compound"] else ""
    return f"{compound or name[:1]}**"


def mask_names(text: str, names: Iterable[str]) -> str:
    """Replace each of *names* that stands in *text* by its masked form; a Latin name in any case, as a whole word.

    A name of one character is left alone: as a mere surname it stands in half of all words.
    """
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        if len(name) < 2:
            continue
        if name.isascii():
            whole = re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", re.IGNORECASE)
            text = whole.sub(mask_name(name), text)
        else:
            text = text.replace(name, mask_name(name))
    return text


def building_of(address: str) -> str:
    """Return *address* up to its building; without a building, what `mask_text` leaves of it."""
    building = _BUILDING_ONLY.search(address.translate(_HALF_WIDTH))
    return mask_text(address[: building.end()] if building else address).strip()


def blur(latitude: float, longitude: float) -> tuple[float, float]:
    """Round a place in degrees to three decimals, about a hundred metres."""
    return round(latitude, 3), round(longitude, 3)


def _pass(text: str) -> str:
    """Mask every match once; what is kept of a match is written in half-width signs."""
    shadow = text.translate(_HALF_WIDTH)
    pieces: list[str] = []
    end = 0
    for found in _EVERYTHING.finditer(shadow):
        mask = _MASKS[found.lastgroup or ""]
        if mask is not None:
            pieces += text[end : found.start()], mask(found)
            end = found.end()
    return "".join(pieces) + text[end:]


def _digits(found: re.Match[str]) -> str:
    return "".join(sign for sign in found[0] if sign.isdigit())


def _mobile(found: re.Match[str]) -> str:
    number = _digits(found)[-11:]
    return f"{number[:3]}****{number[-4:]}"


def _landline(found: re.Match[str]) -> str:
    return f"{found['area']}****"


def _plate(found: re.Match[str]) -> str:
    signs = re.sub(r"[^\w]", "", found[0])
    return f"{signs[:2]}{HIDDEN}{signs[-2:]}" if any(sign.isdigit() for sign in signs) else found[0]


def _keep(group: str) -> Callable[[re.Match[str]], str]:
    """Keep one part of the match and hide the rest."""
    return lambda found: f"{found[group]}{HIDDEN}"


def _cut(group: str) -> Callable[[re.Match[str]], str]:
    """Keep one part of the match and drop the rest."""
    return lambda found: found[group]


def _hide(_: re.Match[str]) -> str:
    return HIDDEN


def _any(section: str, key: str) -> str:
    """An alternation of the words of the data file, longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(_WORDS[section][key], key=len, reverse=True)) + ")"


def _patterns() -> dict[str, tuple[str, Callable[[re.Match[str]], str] | None]]:
    """Every pattern by name, in the order in which they are tried at one place; None keeps what it matches."""
    numeral, spoken = f"[{_WORDS['address']['numerals']}]", f"[{_WORDS['address']['spoken_digits']}]"
    no_amount = rf"(?![\d:%]|[.,]\d|-\d|{_GAP}{_any('address', 'amount')})"
    number = rf"(?:\d{{3,4}}[a-z]?{no_amount}|{spoken}{{3,4}}(?!{spoken}))"
    door = rf"(?:{numeral}{{1,4}}{_any('address', 'room')}|{number})"
    floor = rf"{numeral}{{1,3}}{_any('address', 'floor')}(?!{_any('address', 'not_floor')})"
    home = rf"(?:{floor}{_GAP}(?:{door}|{_any('address', 'side')})?|{door}|{_any('address', 'side')})"
    unit = rf"(?:{numeral}{{1,3}}|[a-z]){_any('address', 'unit')}"
    building = rf"(?:[a-z]?{numeral}{{1,4}}[a-z]?|[a-z]) ?{_any('address', 'building')}"
    is_ = rf"(?:{_any('account', 'number')})?[ :]{{0,2}}(?:{_any('account', 'is')})?[ :]{{0,2}}"
    day, month, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
    english_room = r"(?:room|apartment|apt|flat|door|suite)\.? ?(?:no\.? ?)?#?\d{1,4}[a-z]?(?![a-z0-9])"
    return {
        "date": (rf"(?<!\d){year}[-/.]{month}[-/.]{day}(?!\d)", None),
        "european_date": (rf"(?<!\d)(?:{day}[/.]{month}[/.]|[0-3]\d-[01]\d-){year}(?!\d)", None),
        "stamp": (r"(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d)", None),
        "case": (r"#\d{1,9}(?![\d-])", None),
        "email": (r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}", _hide),
        "messenger": (
            rf"(?P<messenger>(?<![a-z]){_any('account', 'messenger')}{is_})(?P<account>"
            r"(?=[a-z_-]{0,19}\d)[a-z0-9_-]{5,20}|(?<=[:\u53f7\u662f\u4e3a])[a-z][a-z0-9_-]{4,19})",
            _keep("messenger"),
        ),
        "mobile": (rf"(?<!\d)(?:(?:\+|00)?86{_SPLIT}|0)?1{_SPLIT}[3-9](?:{_SPLIT}\d){{9}}(?!{_LOOSE}\d)", _mobile),
        "abroad": (rf"\+\d(?:{_SPLIT}\d){{7,14}}(?!\d)", _hide),
        "service": (rf"(?<!\d)(?P<service>[48]00){_SPLIT}\d(?:{_SPLIT}\d){{6}}(?!\d)", lambda m: f"{m['service']}****"),
        "long": (rf"(?<!\d)\d(?:{_LOOSE}\d){{14,39}}{_LOOSE}x?(?![a-z])|(?<!\d)\d{{12,40}}x?", _hide),
        "landline": (
            rf"(?<![\d.])\(?(?P<area>0\d{{2,3}})\)?{_SPLIT}[2-9]\d{{2,3}}{_SPLIT}\d{{4}}(?!\d)(?:(?:-|{_any('account', 'extension')})\d{{1,6}})?",
            _landline,
        ),
        "local": (rf"(?P<local>{_any('account', 'phone')}{is_})[2-9]\d{{2,3}}{_SPLIT}\d{{4}}(?!\d)", _keep("local")),
        "plate": (
            rf"[{_WORDS['plate']['provinces']}][ .\u00b7]?[a-z][ .\u00b7]?(?:[a-z0-9] ?){{4,5}}[a-z0-9{_WORDS['plate']['last']}](?![a-z0-9])",
            _plate,
        ),
        "bare_plate": (rf"(?P<plate_word>{_any('plate', 'introduced')}{is_})(?=[a-z]{{0,6}}\d)[a-z0-9]{{5,7}}", _keep("plate_word")),
        "address": (rf"(?P<building>{building}){_GAP}(?:{unit}{_GAP})?{home}", _cut("building")),
        "english_address": (
            rf"(?P<block>\b(?:building|block|bldg\.?) ?(?:no\.? ?)?\w{{1,4}}),? {{0,2}}(?:(?:unit|entrance) ?\w{{1,3}},? {{0,2}})?"
            rf"(?:floor \d{{1,2}},? {{0,2}})?{english_room}",
            _cut("block"),
        ),
        "dashed_address": (rf"(?<![\d-])(?P<dashed>[a-z]?\d{{1,3}}(?:#|-))\d{{1,2}}-\d{{3,4}}(?![\d-])", _keep("dashed")),
        "unit_door": (rf"{unit}{_GAP}{home}", _hide),
        "dashed_door": (rf"(?<![\d-])\d{{1,3}}-\d{{3,4}}{_any('address', 'own_room')}", _hide),
        "door": (rf"(?<!\d)\d{{3,4}}[a-z]?{_any('address', 'own_room')}", _hide),
        "home_door": (rf"(?P<at_home>{_any('address', 'at_home')}{is_})(?:\d{{1,3}}-)?{number}", _keep("at_home")),
        "whose_door": (rf"(?<![\d-])\d{{3,4}}(?={_any('address', 'of_home')})", _hide),
        "english_door": (rf"\b(?:unit ?\w{{1,3}},? {{0,2}})?{english_room}", _hide),
        "building_only": (building + rf"|\b(?:building|block|bldg\.?) ?(?:no\.? ?)?\w{{1,4}}", None),
    }


_PATTERNS: Final = _patterns()
_MASKS: Final = {name: mask for name, (_, mask) in _PATTERNS.items()}
_EVERYTHING: Final = re.compile(
    "|".join(f"(?P<{name}>{pattern})" for name, (pattern, _) in _PATTERNS.items() if name != "building_only"),
    re.IGNORECASE,
)
_BUILDING_ONLY: Final = re.compile(_PATTERNS["building_only"][0], re.IGNORECASE)
