"""Write what is locked as a bill of materials (CycloneDX): ``python -m tests.tools.make_sbom > huying.cdx.json``.

The same lock gives the same file: it has no time, and its serial number is made from what it says.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = ROOT / "requirements.txt"
OURSELVES: Final = "huying"
_PIN: Final = re.compile(r"^(\S+?)==(\S+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA: Final = re.compile(r"^    #(?: via|  ) +([a-z0-9][\w.-]*)")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package as it is locked: the hashes of all its builds, and who asks for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]


def locked(text: str) -> Iterator[Locked]:
    """What a lock holds, in its order."""
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    for block in blocks:
        pin = _PIN.match(block)
        if pin:
            via = (found[1] for line in block.splitlines() if (found := _VIA.match(line)))
            yield Locked(pin[1], pin[2], tuple(_HASH.findall(block)), tuple(via))


def bill(text: str, version: str) -> Bom:
    """The bill of materials of our *version* with that lock."""
    packages = list(locked(text))
    ourselves = Component(name=OURSELVES, version=version, type=ComponentType.APPLICATION, bom_ref=OURSELVES)
    parts = {one.name: _part(one) for one in packages}
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"{OURSELVES} {version}\n{text}"),
        metadata=BomMetaData(component=ourselves),
        components=parts.values(),
    )
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the library would write when this ran
    asked: dict[str, list[Component]] = {name: [] for name in (OURSELVES, *parts)}
    for one in packages:
        for asking in one.wanted_by or (OURSELVES,):
            asked.get(asking, asked[OURSELVES]).append(parts[one.name])
    for name, wanted in asked.items():
        bom.register_dependency(parts.get(name, ourselves), wanted)
    return bom


def written(bom: Bom) -> str:
    """As a file."""
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def our_version() -> str:
    """The version in pyproject.toml."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def _part(one: Locked) -> Component:
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{one.name}@{one.version}",
        purl=PackageURL("pypi", None, one.name, one.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in one.hashes],
    )


if __name__ == "__main__":
    sys.stdout.write(written(bill(LOCK.read_text("utf-8"), our_version())))
