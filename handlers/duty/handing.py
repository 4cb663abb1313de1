"""The list of open cases for whoever takes over."""

from datetime import UTC, datetime

from handlers._kit.naming import STATUS_ICON, matter_name, public_name, unit_name, urgency_mark
from handlers._kit.registry import view
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import boards, duty, staffing
from routing.model import Case, PersonId, UnitCode


@view("handover")
def handover(look: Look) -> Outgoing:
    """Each open case in a line, late ones first; a line that says so when there are none."""
    unit = UnitCode(str(look.params["unit"]))
    at = datetime.fromtimestamp(float(str(look.params["at"])), UTC)
    listed = duty.handed_over(look.uow, unit, at, look.chat.person)
    head = look.t(
        f"duty.{look.params['what']}",
        unit=unit_name(look.uow, unit),
        who=public_name(look.uow, PersonId(int(str(look.params["person"]))), look.lang),
        until=look.when(datetime.fromtimestamp(float(str(look.params["until"])), UTC)),
    )
    lines = [_line(look, case, at) for case in listed.cases]
    count = look.t("duty.open" if lines else "duty.nothing", count=len(lines))
    full = [look.t("list.full", most=boards.MOST)] if listed.full else []
    return look.message(Html("\n".join([head, count, *lines, *full])))


def _line(look: Look, case: Case, at: datetime) -> Html:
    holder = staffing.holder_of(look.uow, case)
    who = public_name(look.uow, holder, look.lang) if holder is not None else unit_name(look.uow, case.unit)
    return look.t(
        "duty.line",
        icon="⏰" if boards.late(case, at) else STATUS_ICON[case.status.value],
        mark=urgency_mark(case, look.lang),
        number=case.number,
        matter=matter_name(look.uow, case.matter, look.lang),
        who=who,
        due=look.due(case.due_at) if case.due_at else look.t("tell.no_date"),
    )
