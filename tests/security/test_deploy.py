"""The files of docs/deploy fit the program that they deploy."""

import configparser
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from bot.health import LOOP_S
from bot.meters import Meters
from bot.settlement import Result
from routing.ports import Lane
from tests.tools.list_metrics import names

DEPLOY = Path(__file__).resolve().parents[2] / "docs/deploy"
NAMES = re.compile(r"\b(?:huying|process)_[a-z_]+\b")
FIXED: Mapping[str, Collection[str]] = {
    "lane": {lane.name.lower() for lane in Lane},
    "outcome": set(Result),
    "fate": {"kept", "chatter"},
    "job": {"huying"},
}
"""The values of labels that rules and panels may choose by."""


def known() -> set[str]:
    """Every name under which a metric can be asked for."""
    names: set[str] = set()
    for family in Meters().registry.collect():
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        names |= {family.name + end for end in ends}
    return names


def rules(field: str) -> list[str]:
    """The values of *field* in the rules, from top to bottom; each stands on a line of its own."""
    return re.findall(rf"^[\s-]*{field}: (.+)$", (DEPLOY / "alerts.yml").read_text("utf-8"), re.MULTILINE)


def expressions() -> list[str]:
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    return rules("expr") + [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_alerts_and_the_dashboard_ask_for_metrics_that_there_are() -> None:
    asked = {name for expression in expressions() for name in NAMES.findall(expression)}

    assert len(asked) > 10
    assert asked - known() == set()


def test_what_only_grows_is_asked_for_its_growth_and_nothing_else_is() -> None:
    grown = re.compile(r"(?:rate|increase)\((\w+)")
    for expression in expressions():
        growing = {name for name in NAMES.findall(expression) if name.endswith(("_total", "_bucket", "_sum", "_count"))}
        assert set(grown.findall(expression)) == growing, expression


def test_labels_are_chosen_by_values_that_there_are() -> None:
    chosen = [pair for expression in expressions() for pair in re.findall(r'(\w+)=~?"([^"]+)"', expression)]

    assert len(chosen) >= 5
    for label, values in chosen:
        assert set(values.split("|")) <= set(FIXED[label]), (label, values)


def test_panels_ask_for_labels_that_their_metrics_have() -> None:
    labels = {name: set(one._labelnames) for name, one in names().items()}
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    for target in (target for panel in board["panels"] for target in panel["targets"]):
        metric = re.sub("_(bucket|sum|count)$", "", NAMES.findall(target["expr"])[0])
        grouped = {one for group in re.findall(r"by \(([^)]*)\)", target["expr"]) for one in group.split(", ")}
        shown = grouped | set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        assert shown - {"le", "instance"} <= labels.get(metric, set()), target


def test_the_rules_pass_their_own_tests() -> None:
    promtool = shutil.which("promtool") or shutil.which("promtool", path=str(Path(sys.executable).parent))
    if promtool is None:
        pytest.skip("promtool is not here: it comes with Debian's prometheus; the rules' own tests did not run")
    told = [promtool, "test", "rules", str(DEPLOY / "alerts.test.yml")]
    ran = subprocess.run(told, check=False, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_alert_is_fired_by_its_test() -> None:
    text = (DEPLOY / "alerts.test.yml").read_text("utf-8")
    wrong = text.split("everything is wrong")[1]
    asked = {name for rule in rules("expr") for name in NAMES.findall(rule)}

    assert {name for name in asked if f"'{name}" not in wrong} == set()
    assert f"exp_samples: [{{value: {len(rules('alert')) - 1}}}]" in wrong, "all but the dead man's switch"


def test_every_alert_says_how_to_mend_it() -> None:
    alerts = rules("alert")

    assert len(alerts) >= 10
    assert len(alerts) == len(set(alerts)) == len(rules("expr")) == len(rules("summary")) == len(rules("mend"))
    assert "absent" in rules("expr")[0], "the dead man's switch comes first"


@pytest.mark.parametrize("unit", ["huying.service", "huying-backup.service"])
def test_services_have_the_least_rights(unit: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd tells upper case from lower
    parser.read(DEPLOY / unit, "utf-8")
    service = parser["Service"]

    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"
    assert "HUYING_BOT_TOKEN" not in (DEPLOY / unit).read_text("utf-8")


def test_the_service_is_watched_as_the_program_can_be() -> None:
    text = (DEPLOY / "huying.service").read_text("utf-8")

    assert re.search(r"^Type=notify$", text, re.MULTILINE)
    assert float(re.findall(r"^WatchdogSec=(\d+)$", text, re.MULTILINE)[0]) >= 3 * LOOP_S
    assert "AF_UNIX" in re.findall(r"^RestrictAddressFamilies=(.+)$", text, re.MULTILINE)[0], "it tells systemd so"


def test_nginx_opens_nothing_but_the_webhook() -> None:
    text = (DEPLOY / "nginx.conf").read_text("utf-8")

    assert re.findall(r"location (\S+)", text) == ["/telegram/", "/"]
    assert "return 404" in text.split("location / ")[1]
