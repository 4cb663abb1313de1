"""/privacy: what is stored, why, how long, who sees it; made from the settings in force."""

from datetime import datetime

from broadcasts import rollcalls
from handlers._kit.context import GridContext, answer
from handlers._kit.registry import on_command, view
from handlers._kit.said import Said
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import drafting, residents
from routing.ports import UnitOfWork


@on_command("privacy", menus=("private", "residents"))
async def privacy(said: Said, ctx: GridContext) -> None:
    """Show the notice; in private it is recorded that it was shown."""
    await ctx.work(_shown, said, ctx.services.operator, ctx.now)


def _shown(uow: UnitOfWork, said: Said, operator: str, at: datetime) -> None:
    if said.private:
        residents.inform(uow, said.person, at)
    answer(uow, said, "privacy", {"operator": operator})


@view("privacy")
def notice(look: Look) -> Outgoing:
    """The notice, part by part."""
    policy = look.uow.policy
    parts = [
        look.t("privacy.head", version=residents.NOTICE),
        look.t("privacy.what"),
        look.t("privacy.listening" if _listens(look) else "privacy.not_listening"),
        look.t("privacy.why"),
        look.t("privacy.who_reviewed" if policy.review_required else "privacy.who"),
        look.t(
            "privacy.how_long", days=drafting.LIFE.days, kept=policy.keeps_words.days, rollcalls=rollcalls.KEPT.days
        ),
        look.t("privacy.judged"),
        look.t("privacy.abroad"),
        look.t("privacy.rights"),
        look.t("privacy.contact", operator=_operator(look)),
    ]
    return look.message(Html("\n\n".join(parts)))


def _listens(look: Look) -> bool:
    """Whether ordinary messages are looked at for reports: in this chat's grid, or anywhere if it has none."""
    if look.uow.policy.offers_per_hour == 0:
        return False
    unit = look.uow.units.find(look.chat.unit) if look.chat.unit is not None else None
    return unit.quiet_offer if unit is not None else True


def _operator(look: Look) -> str:
    """Who answers for the data: as set, else the unit at the top with its phone."""
    named = str(look.params["operator"] or "")
    top = next((unit for unit in look.uow.units.all() if unit.parent is None), None)
    return named or (f"{top.name} {top.phone}".strip() if top else look.t("privacy.staff"))
