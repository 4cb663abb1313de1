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
from prometheus_client import Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

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


def promtool(*words: str, told: str = "") -> subprocess.CompletedProcess[str]:
    """What Prometheus says of a file of ours, where there is one."""
    program = shutil.which("promtool") or shutil.which("promtool", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("promtool is not here: it comes with Debian's prometheus, which was not asked")
    return subprocess.run([program, *words], check=False, capture_output=True, text=True, input=told)


@pytest.mark.parametrize(("what", "file"), [("check", "alerts.yml"), ("test", "alerts.test.yml")])
def test_the_rules_pass_their_own_tests(what: str, file: str) -> None:
    ran = promtool(what, "rules", str(DEPLOY / file))

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_prometheus_has_nothing_to_say_against_our_names() -> None:
    ran = promtool("check", "metrics", told=generate_latest(Meters().registry).decode())

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_names_follow_the_conventions_of_prometheus() -> None:
    """Those that `promtool check metrics` asks for, and that the unit is a base one and stands at the end."""
    found = [complaint for family in Meters().registry.collect() for complaint in _complaints(family)]

    assert found == []


@pytest.mark.parametrize(
    ("metric", "complaint"),
    [
        (CounterMetricFamily("huying_wait_ms", "Waited"), "unit"),
        (GaugeMetricFamily("huying_gauge_of_waits", "Waits"), "kind in its name"),
        (GaugeMetricFamily("huying_waits_total", "Waits"), "end of another kind"),
        (GaugeMetricFamily("huyingWaits", "Waits"), "letters"),
        (GaugeMetricFamily("huying_waits", ""), "no help"),
        (HistogramMetricFamily("huying_wait_minutes", "Waited"), "unit"),
        (GaugeMetricFamily("huying_seconds_waited", "Waits"), "unit not at the end"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_name_against_the_conventions_is_found(metric: Metric, complaint: str) -> None:
    assert [one.partition(": ")[2] for one in _complaints(metric)] == [complaint]


NOT_BASE = {"ms", "milliseconds", "microseconds", "minutes", "hours", "days", "kb", "mb", "kilobytes", "megabytes",
            "percent", "sec", "secs", "byte", "second"}  # fmt: skip
KINDS = {"counter", "gauge", "histogram", "summary"}
OTHERS_ENDS = ("_total", "_bucket", "_sum", "_count")


def _complaints(family: Metric) -> list[str]:
    """What Prometheus would not have a metric called."""
    parts = family.name.split("_")
    against = {
        "letters": not re.fullmatch(r"[a-z]+(_[a-z]+)*", family.name),
        "no help": not family.documentation.strip(),
        "kind in its name": bool(KINDS & set(parts)),
        "unit": bool(NOT_BASE & set(parts)),
        "unit not at the end": any(unit in parts[:-1] for unit in ("seconds", "bytes", "ratio")),
        "end of another kind": family.name.endswith(OTHERS_ENDS),  # the client leaves a counter's own off
    }
    return [f"{family.name}: {complaint}" for complaint, there in against.items() if there]


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


UNITS = ("huying.service", "huying-backup.service", "huying-backup.timer")
MOST_EXPOSED = 20
"""Of a hundred, as systemd counts; 14 are what a program needs that calls out, 6 one that does not."""


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """What systemd says of a unit, where there is one."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here; the units were not judged by systemd itself")
    return subprocess.run([program, *words], check=False, capture_output=True, text=True)


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_services_have_the_least_rights(unit: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd tells upper case from lower
    parser.read(DEPLOY / unit, "utf-8")
    service = parser["Service"]

    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == ""
    assert "HUYING_BOT_TOKEN" not in (DEPLOY / unit).read_text("utf-8")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_systemd_itself_finds_a_service_little_exposed(unit: str) -> None:
    judged = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(DEPLOY / unit))

    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_systemd_reads_every_line_of_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (DEPLOY / unit).read_text("utf-8")
        (tmp_path / unit).write_text(text.replace("/opt/huying/bin/huying", "/bin/true"), "utf-8")
    judged = analyze("verify", *(str(tmp_path / unit) for unit in UNITS))

    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")


def test_the_service_is_watched_as_the_program_can_be() -> None:
    text = (DEPLOY / "huying.service").read_text("utf-8")

    assert re.search(r"^Type=notify$", text, re.MULTILINE)
    assert float(re.findall(r"^WatchdogSec=(\d+)$", text, re.MULTILINE)[0]) >= 3 * LOOP_S
    assert "AF_UNIX" in re.findall(r"^RestrictAddressFamilies=(.+)$", text, re.MULTILINE)[0], "it tells systemd so"


def test_nginx_opens_nothing_but_the_webhook() -> None:
    text = (DEPLOY / "nginx.conf").read_text("utf-8")

    assert re.findall(r"location (\S+)", text) == ["/telegram/", "/"]
    assert "return 404" in text.split("location / ")[1]
