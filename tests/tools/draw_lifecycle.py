"""Write the drawn part of docs/lifecycle.md: `python -m tests.tools.draw_lifecycle`."""

from pathlib import Path

from routing.picture import mermaid, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
BEGIN, END = "<!-- drawn: begin -->", "<!-- drawn: end -->"


def drawn() -> str:
    """The part between the marks."""
    return f"{BEGIN}\n\n```mermaid\n{mermaid()}\n```\n\n{table()}\n\n{END}"


def page(text: str) -> str:
    """The page with the drawn part brought up to date."""
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return before + drawn() + after


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
