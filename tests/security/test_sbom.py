"""The bill of materials says what the lock says, in a form that others can read, and always the same."""

import json
import re
from typing import Any

import pytest
from cyclonedx.model.bom import Bom

from tests.tools.make_sbom import LOCK, OURSELVES, bill, our_version, written

LOCKED = """\
six==1.17.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via
    #   -c requirements-dev.txt
    #   python-dateutil
python-dateutil==2.9.0.post0 ; sys_platform == 'linux' \\
    --hash=sha256:{c}
    # via huying (pyproject.toml)
setuptools==84.2.1 \\
    --hash=sha256:{d}
    # via -r -
""".format(a="a" * 64, b="b" * 64, c="c" * 64, d="d" * 64)


@pytest.fixture(scope="module")
def made() -> Any:
    return json.loads(written(bill(LOCK.read_text("utf-8"), our_version())))


def test_the_bill_says_what_is_locked_with_every_hash(made: Any) -> None:
    lock = LOCK.read_text("utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==([\w.]+)", lock, re.MULTILINE)

    assert [(one["name"], one["version"]) for one in made["components"]] == sorted(pins)
    assert {one["purl"] for one in made["components"]} == {f"pkg:pypi/{name}@{version}" for name, version in pins}
    hashes = [each["content"] for one in made["components"] for each in one["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", lock))
    assert {each["alg"] for one in made["components"] for each in one["hashes"]} == {"SHA-256"}


def test_it_has_the_structure_of_cyclonedx(made: Any) -> None:
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    read = Bom.from_json(made)  # type: ignore[attr-defined]  # the library's decorator adds it
    read.validate()
    assert len(read.components) == len(made["components"])
    assert read.metadata.component.name == OURSELVES


def test_it_tells_who_asks_for_what() -> None:
    made = json.loads(written(bill(LOCKED, "1.0")))

    assert {one["ref"]: one.get("dependsOn", []) for one in made["dependencies"]} == {
        OURSELVES: ["python-dateutil@2.9.0.post0", "setuptools@84.2.1"],
        "python-dateutil@2.9.0.post0": ["six@1.17.0"],
        "setuptools@84.2.1": [],
        "six@1.17.0": [],
    }
    assert len(made["components"][2]["hashes"]) == 2


def test_what_we_depend_on_reaches_everything(made: Any) -> None:
    wants = {one["ref"]: one.get("dependsOn", []) for one in made["dependencies"]}
    reached, new = set(), {OURSELVES}
    while new:
        reached |= new
        new = {part for one in new for part in wants[one]} - reached

    assert reached == {OURSELVES} | {one["bom-ref"] for one in made["components"]}


def test_the_same_lock_gives_the_same_file_and_another_one_another() -> None:
    assert written(bill(LOCKED, "1.0")) == written(bill(LOCKED, "1.0"))
    other = LOCKED.replace("a" * 64, "e" * 64)
    assert (
        json.loads(written(bill(other, "1.0")))["serialNumber"]
        != json.loads(written(bill(LOCKED, "1.0")))["serialNumber"]
    )
