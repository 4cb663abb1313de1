"""Numbers up to 99 as Chinese writes them: 三, 十二, 二十一."""

from typing import Final

from routing.masking import ADDRESS

DIGITS: Final = {sign: str(value) for value, signs in enumerate(ADDRESS["digits"]) for sign in signs}
TEN: Final = ADDRESS["ten"]
SPOKEN: Final = f"[{''.join(DIGITS)}{TEN}]"
"""A class of their signs, for a pattern."""


def in_digits(number: str) -> str:
    """*number* with the digits 0 to 9 for the Chinese ones; what is no numeral stays."""
    if TEN in number:
        tens, _, ones = number.partition(TEN)
        number = f"{tens or 1}{ones or 0}"
    return "".join(DIGITS.get(sign, sign) for sign in number)
