"""Which sorts of departments there are, and by which words a town's own units are known as one of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from routing.catalogue import Matter
from routing.checked import Checked
from routing.model import Unit, UnitKind
from routing.wording import shipped

BESIDE: Final = frozenset({UnitKind.DEPARTMENT, UnitKind.PARTNER})
COMMUNITY: Final = "community"
"""The key of what the committee of residents or villagers answers for: a unit of the tree and no department."""


@dataclass(frozen=True, slots=True)
class Department:
    """A sort of department.

    Args:
        key: As the catalogue writes it.
        zh: What it is called in Chinese.
        en: What it is called in English.
        names: Parts of the names of units that are one.
    """

    key: str
    zh: str
    en: str
    names: tuple[str, ...]


@cache
def known() -> Mapping[str, Department]:
    """Every sort of department that the catalogue may name, by its key."""
    data = shipped("departments")
    return {key: Department(key, one["zh"], one["en"], tuple(one["names"])) for key, one in data.items()}


def beside(units: Iterable[Unit]) -> list[Unit]:
    """Those of *units* that stand beside the tree."""
    return [unit for unit in units if unit.kind in BESIDE]


def wanted(mapping: Mapping[str, Sequence[str]], matter: Matter) -> Sequence[str]:
    """Codes, or parts of names, of the units that own *matter*.

    The policy's *mapping* decides by the longest prefix of the matter's code, then by the key of its department;
    where it says nothing, the names decide that departments of that key usually have.
    """
    for length in range(len(matter.code), 0, -1):
        if matter.code[:length] in mapping:
            return mapping[matter.code[:length]]
    key = matter.department or ""
    return mapping.get(key) or (known()[key].names if key in known() else ())


def named(units: Iterable[Unit], names: Sequence[str]) -> list[Unit]:
    """Those of *units* whose code is one of *names* or whose name has one in it; earlier names first."""
    listed = list(units)
    found = [unit for name in names for unit in listed if name == unit.code or (name and name in unit.name)]
    return list(dict.fromkeys(found))


def read(toml: Checked, codes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The policy's `[departments]`: a key, a matter's code or its beginning, and the units that own it.

    Raises:
        BadPolicy: a key is no department and no matter begins with it, or what it names is no list of texts.
    """
    table, matters = toml.get("departments", {}), list(codes)
    for key, names in table.items():
        if key not in known() and not any(code.startswith(key) for code in matters):
            raise toml.bad(f"departments.{key}", "is no department, and no matter of the catalogue begins with it")
        if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
            raise toml.bad(f"departments.{key}", 'must be a list of codes or parts of names, as in ["370001W"]')
    return {key: tuple(names) for key, names in table.items()}
