"""Take what identifies a person out of a text before it is shown in a residents' chat, exported or logged.

When in doubt it masks: a swallowed amount is an annoyance, a leaked number a harm. Every pattern is bounded in length,
so that the time grows with the text only. The Chinese words stand in `data/masking.toml`.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from routing.wording import either, shipped

HIDDEN: Final = "***"
_WORDS: Final = shipped("masking")
ADDRESS: Final = _WORDS["address"]
"""The words of which addresses are made."""
BEHIND_NUMBER: Final = (*ADDRESS["building"], *ADDRESS["lettered_building"])
"""What makes a number that of a building."""
ENGLISH_BUILDING: Final = r"(?:building|block|tower|bldg\.?)"
_HALF_WIDTH: Final = {0xFF01 + n: 0x21 + n for n in range(0x5E)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2013: 0x2D,
    0x2014: 0x2D,
}
_GAP: Final = rf"[ \t,/(\-\u200b-\u200d{ADDRESS['joiners']}]{{0,2}}"
_ONE: Final = f"[{ADDRESS['digits'][1]}{ADDRESS['spoken_one']}]"
_SPOKEN: Final = f"[{''.join(ADDRESS['digits'])}{ADDRESS['spoken_one']}]"
_SPLIT: Final = r"[ \t\-._~\u00b7\u200b-\u200d\u2060\ufeff\ufe0f\u20e3]{0,3}"
_BREAK: Final = r"[ \t\-._\u00b7]{1,3}"
_LOOSE: Final = r"[ \t\-\u00b7\u200b-\u200d\u2060\ufeff]{0,2}"
_SHORT: Final = 60
JOINER: Final = "\u2060"
"""What cards put between the signs of foreign words so that they link nowhere; who copies an address copies it, too."""


def mask_text(text: str) -> str:
    """Return *text* without numbers, doors, plates and accounts that lead to a person; masking twice changes nothing.

    A mobile number keeps its ends (135****5678), a land line its area code, a plate its region and last two signs, an
    address its building, and a unit when no door follows: an entrance is a shared place. Identity and card numbers,
    e-mail addresses and messenger accounts go entirely. Dates, times, amounts and case numbers (#123) stay. Whoever
    says who they are, or is named as an owner or a neighbour, keeps the surname (我叫张**); other names need
    `mask_names`. Word joiners, which cannot be seen, are dropped.
    """
    text = text.replace(JOINER, "")
    while (masked := _pass(text)) != text:
        text = masked
    return text


def mask_name(name: str) -> str:
    """Return the surname, or the first letter of a Latin name, and two asterisks: 王**, 欧阳**, L**.

    Signs that cannot be seen, as those that turn writing around, are no letters.
    """
    name = "".join(sign for sign in name if sign.isprintable()).strip()
    compound = name[:2] if len(name) > 2 and name[:2] in _WORDS["surnames"]["compound"] else ""
    return f"{compound or name[:1]}**"


def mask_names(text: str, names: Iterable[str]) -> str:
    """Replace each of *names* that stands in *text* by its masked form; a Latin name in any case, as a whole word.

    A name of one character is left alone: as a mere surname it stands in half of all words. Word joiners are dropped.
    """
    text = text.replace(JOINER, "")
    for name in sorted({name.replace(JOINER, "").strip() for name in names}, key=len, reverse=True):
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
    address = address.replace(JOINER, "")
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
        if mask is not None and (masked := mask(found)) != found[0]:
            pieces += text[end : found.start()], masked
            end = found.end()
    return "".join(pieces) + text[end:]


def _digits(found: re.Match[str]) -> str:
    return "".join(sign for sign in found[0] if sign.isdigit())


def _mobile(found: re.Match[str]) -> str:
    number = _digits(found)[-11:]
    return f"{number[:3]}****{number[-4:]}"


def _plate(found: re.Match[str]) -> str:
    signs = re.sub(r"[^\w]", "", found[0])
    return f"{signs[:2]}{HIDDEN}{signs[-2:]}" if any(sign.isdigit() for sign in signs) else found[0]


def _keep(group: str) -> Callable[[re.Match[str]], str]:
    """Keep one part of the match and hide the rest."""
    return lambda found: f"{found[group]}{HIDDEN}"


def _surname(group: str) -> Callable[[re.Match[str]], str]:
    """Keep one part of the match and the first letter of the rest."""
    return lambda found: found[group] + mask_name(found[0][len(found[group]) :])


def _cut(group: str) -> Callable[[re.Match[str]], str]:
    """Keep one part of the match and drop the rest."""
    return lambda found: found[group]


def _hide(_: re.Match[str]) -> str:
    return HIDDEN


def _hide_in_short(found: re.Match[str]) -> str:
    """Hide it in a message of a line or two that is not about busses: in long texts, and there, it is any number."""
    lines = any(word in found.string.lower() for word in ADDRESS["lines"])
    return found[0] if lines or len(found.string) > _SHORT else HIDDEN


def _any(section: str, key: str) -> str:
    """Any of the words that stand there in the data file."""
    return either(_WORDS[section][key])


_Mask: TypeAlias = Callable[[re.Match[str]], str] | None


def _numbers() -> dict[str, tuple[str, _Mask]]:
    """What looks like a number, and the dates and case numbers that are left alone."""
    day, month, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
    two_digits = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    cut = r"(?:[ -]|\ufe0f?\u20e3)"
    digit, apart = rf"(?:\d|{_SPOKEN})", rf"[,\u3001]?{_SPLIT}"
    extension = rf"(?:(?:-|{_any('account', 'extension')})\d{{1,6}})?"
    return {
        "date": (rf"(?<!\d){year}[-/.]{month}[-/.]{day}(?!\d)", None),
        "european_date": (rf"(?<!\d)(?:{day}[/.]{month}[/.]|[0-3]\d-[01]\d-){year}(?!\d)", None),
        "stamp": (rf"(?<!\d){year}{two_digits}(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d)", None),
        "years": (rf"(?<!\d){year}(?:[ -]{{1,2}}{year}){{2,9}}(?!\d)", None),
        "case": (r"#\d{1,9}(?![\d-])", None),
        "dashed_address": (
            r"(?<![\d-])(?P<dashed>[a-z]?\d{1,3}#?-)\d{1,2}-(?:\d{3,4}|\d{1,2}-\d{1,2})(?![\d-])",
            _keep("dashed"),
        ),
        "mobile": (
            rf"(?<!\d)(?:(?:\+|00)?86{_SPLIT}|0)?(?:1[3-9]\d(?:{_SPLIT}\d){{8}}|1{cut}[3-9](?:{cut}\d){{9}})(?!\d)",
            _mobile,
        ),
        "spoken_mobile": (
            rf"(?<!{digit})(?:{_ONE}|1(?=(?:{apart}\d){{0,9}}{apart}{_SPOKEN}))(?:{apart}{digit}){{10,11}}(?!{digit})",
            _hide,
        ),
        "abroad": (rf"\+\d(?:{_SPLIT}\d){{7,14}}(?!\d)", _hide),
        "service": (rf"(?<!\d)(?P<service_code>[48]00){_SPLIT}\d(?:{_SPLIT}\d){{6}}(?!\d)", _keep("service_code")),
        "long": (rf"(?<!\d)(?:\d(?:{_LOOSE}\d){{14,}}|\d{{12,}})(?:{_LOOSE}x)?", _hide),
        "landline": (
            rf"(?<!\d)(?<!\d\.)\(?(?P<area>0\d{{2,3}})\)?{_SPLIT}[2-9]\d{{2,3}}{_SPLIT}\d{{4}}(?!\d){extension}",
            _keep("area"),
        ),
        "local": (
            rf"(?P<local_word>{_any('account', 'phone')}{_IS})[2-9]\d{{2,3}}{_SPLIT}\d{{4}}(?!\d)",
            _keep("local_word"),
        ),
    }


def _accounts() -> dict[str, tuple[str, _Mask]]:
    """Mailboxes, messenger accounts and number plates."""
    messenger = rf"(?<![a-z]){_any('account', 'messenger')}"
    spelt = r"(?:(?<=: )|(?<=[:\u0080-\uffff])|(?<= i[ds] ))[a-z][a-z0-9_-]{5,40}"
    plate = rf"[{_WORDS['plate']['provinces']}][ .\u00b7-]?[a-z][ .\u00b7-]?(?:[a-z0-9] ?){{4,5}}"
    longer = r"[a-z0-9]|-\d|[ -]\d{6}|[ -]\d{3,4}[ -]\d{4}"  # then it is a letter before some other number
    return {
        "email": (r"[a-z0-9._%+-]{1,64}(?:@|\(at\)|\[at\])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}", _hide),
        "account": (rf"(?P<messenger>{messenger}{_IS})(?=[a-z-]{{0,39}}[\d_])[a-z0-9_-]{{5,40}}", _keep("messenger")),
        "account_name": (rf"(?P<messenger_name>{messenger}{_IS}){spelt}", _keep("messenger_name")),
        "plate": (rf"{plate}[a-z0-9{_WORDS['plate']['last']}](?!{longer})", _plate),
        "bare_plate": (
            rf"(?P<plate_of>{_any('plate', 'introduced')}{_IS})(?=[a-z]{{0,6}}\d)[a-z0-9]{{5,7}}",
            _keep("plate_of"),
        ),
    }


def _addresses() -> dict[str, tuple[str, _Mask]]:
    """Doors: behind a building, behind a unit, and alone."""
    words = ADDRESS
    numeral, spoken, half, gap = f"[{words['numerals']}]", _SPOKEN, f"[{words['half']}]", _GAP
    amount = rf"(?![\d*]|[.:]\d|{_any('address', 'amount')})"
    first = rf"(?!\d{{3,4}}{_BREAK}\d{{3,4}}{_BREAK}\d{{4}})[1-9]"  # the first digit, but not of a telephone number
    said = rf"(?:{spoken}{{3,4}}(?!{spoken})|\d{{1,2}}[a-h](?![a-z0-9]))"
    number = rf"(?:(?!(?:19|20)\d\d ?{words['year']}){first}\d{{2,3}}[a-z]?{amount}{words['number_sign']}?|{said})"
    floor = rf"{numeral}{{1,3}}{_any('address', 'floor')}(?!{_any('address', 'not_floor')})"
    side = _any("address", "side")

    def homes(room: str, bare: str) -> str:
        roomed = rf"{numeral}{{1,4}}{_any('address', room)}(?!{_any('address', 'not_room')})"
        door = rf"(?:{roomed}|(?:\d{{1,2}}-|{half})?{bare})"
        home = rf"(?:{floor}{gap}(?:{door}|{side})|{floor}|{door}|{side})"
        return rf"{gap}{home}(?:{gap}{home}){{0,9}}"

    unit = rf"(?:{numeral}{{1,3}}|[a-z]|{half}){_any('address', 'unit')}"
    in_unit = unit + homes("room_of_unit", rf"(?:{first}\d{{2,3}}[a-z]?(?![\d*])|{said})")
    numbered = r"(?:room|apartment|apt|flat|door|suite)\.? ?(?:no\.? ?)?#?\d{1,4}[a-z]?(?:-\d{1,4}[a-z]?)?"
    room = rf"(?:{numbered}|unit ?(?:\d{{3,4}}|\d{{1,3}}[a-z]))(?![a-z0-9'])"
    shape = rf"(?!{_any('address', 'public')}(?!\d))(?:[1-9]|[1-3]\d)(?:0[1-9]|1\d|20)(?!\d)"
    counted = _any("address", "counted")
    none_before = r"(?<![\d#./:a-z\u00a5$-])(?<![a-z] )" + "".join(
        f"(?<!{re.escape(word)})" for word in words["counting"] + words["building"] + words["unit"]
    )
    comma = r"[ ,]{0,3}"
    entrance = rf"(?:(?:unit|entrance) ?[a-z0-9]{{1,3}}{comma})?(?:floor ?\d{{1,2}}{comma})?"
    return {
        "address": (
            rf"(?P<building>{_BUILDING}){gap}(?:{in_unit}|(?:{unit})?{homes('room', number)})",
            _cut("building"),
        ),
        "unit_door": (in_unit, _hide),
        "building_door": (
            rf"(?<![a-z\d/-])(?P<before_door>\d{{1,2}}[-/])(?:{shape})(?![-/]){amount}",
            _keep("before_door"),
        ),
        "side_door": (rf"{floor}{gap}{side}", _hide),
        "dashed_door": (rf"(?<![\d-])\d{{1,3}}-\d{{3,4}}{_any('address', 'own_room')}", _hide),
        "door": (rf"(?<!\d)\d{{3,4}}[a-z]?{_any('address', 'own_room')}", _hide),
        "home_door": (rf"(?P<at_home>{_any('address', 'at_home')}{_IS})(?:\d{{1,3}}-)?{number}", _keep("at_home")),
        "whose_door": (rf"(?<![\d-])\d{{3,4}}(?={_any('address', 'of_home')})", _hide),
        "shaped_door": (rf"(?<![\d#-]){shape}(?={_any('address', 'at_door')})", _hide),
        "english_shaped": (
            rf"(?<![a-z0-9])(?P<at_door>(?:in|from|at|of|upstairs|downstairs) #?)(?!20[0-4]\d){shape}(?![a-z.:/%-])",
            _keep("at_door"),
        ),
        "english_address": (
            rf"(?P<block>{_ENGLISH_BUILDING}){comma}(?:{entrance}{room}|{entrance}\d{{3,4}}(?![a-z0-9.:/%-]))",
            _cut("block"),
        ),
        "english_door": (rf"(?<![a-z0-9]){entrance}{room}", _hide),
        "bare_door": (rf"{none_before}(?!20[0-4]\d){shape}(?![.:/%-]|\uff1a|[a-z]|{counted})", _hide_in_short),
    }


def _people() -> dict[str, tuple[str, _Mask]]:
    """Names of people who say who they are, or of whom somebody speaks, and what looks like a name."""
    han = r"[\u4e00-\u9fff]"
    surname = f"(?:{_any('surnames', 'compound')}|[{_WORDS['surnames']['single']}])"
    end = rf"(?={_any('person', 'ends')}|\d|$)"
    given = f"[{_WORDS['person']['given'].strip()}]".replace("\n", "")
    no_given = _any("person", "no_given")
    named = rf"{_any('person', 'named')}{_IS}(?![{_WORDS['person']['not_named']}])"
    called = rf"{_any('person', 'called')}(?![{_WORDS['person']['common']}])"
    latin = r"(?-i:[A-Z][a-z]+)"
    english = rf"(?:(?:my name is|name is|contact|reported by:?|ask for) |(?:i am|i'm|this is) (?={latin} {latin}))"
    return {
        "named": (rf"(?P<is_named>{named}){surname}{han}{{1,2}}{end}", _surname("is_named")),
        "called": (
            rf"(?P<is_called>{called}){surname}(?!{no_given})(?:{han}{given}|{given}{han}?){end}",
            _surname("is_called"),
        ),
        "named_latin": (rf"(?<![a-z])(?P<is_latin>{english}){latin}(?: {latin})?(?![a-z'])", _surname("is_latin")),
        "alone": (rf"(?P<is_alone>(?<![\u4e00-\u9fff])){surname}(?!{no_given}){given}{{2}}{end}", _surname("is_alone")),
    }


_IS: Final = rf"[ :]{{0,2}}(?:{_any('account', 'number')})?[ :]{{0,2}}(?:{_any('account', 'is')})?[ :]{{0,2}}"
_BUILDING: Final = (
    rf"(?:(?:[a-z]?[{ADDRESS['numerals']}]{{1,4}}[a-z]?|[a-z]) ?{_any('address', 'building')}"
    rf"|(?:[a-z]?\d{{1,4}}|[a-z]){_any('address', 'lettered_building')})"
)
_ENGLISH_BUILDING: Final = rf"(?<![a-z0-9]){ENGLISH_BUILDING} ?(?:no\.? ?)?(?:[a-z]?\d{{1,4}}[a-z]?|[a-z])(?![a-z0-9])"
_PATTERNS: Final = _numbers() | _accounts() | _addresses() | _people()
_MASKS: Final = {name: mask for name, (_, mask) in _PATTERNS.items()}
_EVERYTHING: Final = re.compile(
    "|".join(f"(?P<{name}>{pattern})" for name, (pattern, _) in _PATTERNS.items()), re.IGNORECASE
)
_BUILDING_ONLY: Final = re.compile(
    rf"{_BUILDING}|{_ENGLISH_BUILDING}|(?<![\d-])\d{{1,3}}#?(?=-\d{{1,2}}-\d{{3,4}})", re.IGNORECASE
)
