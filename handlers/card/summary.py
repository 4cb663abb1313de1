"""Several sentences about cases in one message: what the night or a downtime has kept back."""

from dataclasses import replace

from handlers._kit.registry import view
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from handlers.card.tells import spoken, tell
from routing.model import Case, Urgency
from routing.records import Line


@view("summary")
def summary(look: Look) -> Outgoing | None:
    """What is still worth saying, urgent cases first; a single sentence is said as if nothing had been kept back."""
    name = str(look.params["summary"])
    kept = [(look.uow.cases.get(line.case), line) for line in look.uow.summaries.of(name, look.chat.id)]
    kept.sort(key=_order)
    texts = [(line, spoken(look, case, line.sentence, line.params)) for case, line in kept]
    said = [(line, text) for line, text in texts if text is not None]
    if len(said) == 1:
        line = said[0][0]
        return tell(replace(look, params={**line.params, "case": line.case, "key": line.sentence}))
    if not said:
        return None
    head = look.t(f"summary.{name.partition(':')[0]}", count=len(said))
    return look.message(Html("\n".join([head, *(text for _, text in said)])))


def _order(kept: tuple[Case, Line]) -> tuple[bool, int, float]:
    case, line = kept
    return case.urgency is not Urgency.URGENT, case.number, line.at.timestamp()
