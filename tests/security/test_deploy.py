"""The files of docs/deploy fit the program that they deploy."""

import configparser
import json
import re
from pathlib import Path

import pytest

from bot.meters import Meters

DEPLOY = Path(__file__).resolve().parents[2] / "docs/deploy"
NAMES = re.compile(r"\bhuying_[a-z_]+\b")


def known() -> set[str]:
    """Every name under which a metric can be asked for."""
    names: set[str] = set()
    for family in Meters().registry.collect():
        names |= {family.name, f"{family.name}_total", *(f"{family.name}_{end}" for end in ("bucket", "sum", "count"))}
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


def test_nginx_opens_nothing_but_the_webhook() -> None:
    text = (DEPLOY / "nginx.conf").read_text("utf-8")

    assert re.findall(r"location (\S+)", text) == ["/telegram/", "/"]
    assert "return 404" in text.split("location / ")[1]
