"""Write the table of docs/metrics.md: `python -m tests.tools.list_metrics`."""

from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from bot.meters import Meters

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
BEGIN, END = "<!-- listed: begin -->", "<!-- listed: end -->"


def names() -> dict[str, MetricWrapperBase]:
    """Every metric of ours by the name under which it is asked for; a histogram by the one before `_bucket`."""
    found = {one for one in Meters().registry._collector_to_names if isinstance(one, MetricWrapperBase)}
    return {_asked(one): one for one in sorted(found, key=lambda one: one._name)}


def listed() -> str:
    """The part between the marks."""
    rows = [
        f"| `{name}` | {one._type} | {', '.join(map('`{}`'.format, one._labelnames)) or '–'} | {one._documentation} |"
        for name, one in names().items()
    ]
    head = "| Name | Kind | Labels | What it says |\n|---|---|---|---|"
    return f"{BEGIN}\n\n{head}\n" + "\n".join(rows) + f"\n\n{END}"


def page(text: str) -> str:
    """The page with the table brought up to date."""
    return text.split(BEGIN)[0] + listed() + text.split(END)[1]


def _asked(one: MetricWrapperBase) -> str:
    return f"{one._name}_total" if one._type == "counter" else one._name


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
