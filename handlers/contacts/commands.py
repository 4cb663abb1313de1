"""/contacts and its button: the grid of this group, or the presser's own grids in private."""

from datetime import UTC, datetime
from typing import Final

from handlers._kit.context import GridContext, answer
from handlers._kit.doors import ContactsPressed
from handlers._kit.naming import public_name
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import residents, staffing
from routing.model import Appointment, PersonId, Post, Unit, UnitCode, UnitKind
from routing.ports import UnitOfWork

SERVING: Final = (Post.WORKER, Post.LEADER, Post.HELPER)
NAMED_IN_A_LINE: Final = 2


@on_command("contacts", menus=("private", "residents"))
async def contacts(said: Said, ctx: GridContext) -> None:
    """Who is there, and how to reach them."""
    await ctx.work(_answer, said, ctx.now)


@on_press(ContactsPressed)
async def pressed(_press: ContactsPressed, ctx: GridContext) -> None:
    """The same; in a group as a line that only the presser sees."""
    if ctx.press.private:
        await ctx.work(_answer, ctx.press, ctx.now)
        return
    key, values = await ctx.read(_line, ctx.press)
    await ctx.toast(key, alert=True, **values)


def _answer(uow: UnitOfWork, here: Said | Pressed, now: datetime) -> None:
    grids = _grids(uow, here)
    for grid in grids:
        answer(uow, here, "contacts", {"grid": grid.code, "key": grid.code, "at": now.timestamp()})
    if not grids:
        answer(uow, here, "say", {"key": "contacts.unknown_grid"})


def _grids(uow: UnitOfWork, here: Said | Pressed) -> list[Unit]:
    if here.private:
        return residents.grids_of(uow, here.person)
    unit = uow.chats.get(here.chat).unit
    return [uow.units.get(unit)] if unit is not None else []


def _line(uow: UnitOfWork, here: Pressed) -> tuple[str, dict[str, str]]:
    """The sentence for a line of at most 200 characters, and its values."""
    grids = _grids(uow, here)
    if not grids:
        return "contacts.unknown_grid", {}
    units = [*_of_home(uow, _micro_grids(uow, grids[0]), here.person), grids[0]]
    named = [one for unit in units for one in _staff(uow, unit)][:NAMED_IN_A_LINE]
    people = "\n".join(f"{one.name} {one.phone}".strip() for one in named)
    return "contacts.line", {"grid": grids[0].name, "people": people}


def _micro_grids(uow: UnitOfWork, grid: Unit) -> list[Unit]:
    return [unit for unit in uow.units.below(grid.code) if unit.kind is UnitKind.MICRO]


def _of_home(uow: UnitOfWork, micro: list[Unit], person: PersonId | None) -> list[Unit]:
    """Of these micro-grids the one that the building of *person* belongs to, if any."""
    home = uow.people.household_of(person) if micro and person is not None else None
    return [unit for unit in micro if home and home.grid == unit.parent and home.building in unit.buildings]


def _staff(uow: UnitOfWork, grid: Unit) -> list[Appointment]:
    """Whoever serves there, each once: workers, then the leader, then helpers."""
    staff = sorted(
        (one for one in uow.people.staff_of(grid.code) if one.post in SERVING), key=lambda one: SERVING.index(one.post)
    )
    return list({one.person: one for one in reversed(staff)}.values())[::-1]


@view("contacts")
def card(look: Look) -> Outgoing:
    """Name, phone, services; who has the micro-grids; the grid and its bounds; the community's phone."""
    grid = look.uow.units.get(UnitCode(str(look.params["grid"])))
    above = look.uow.units.above(grid.code)
    lines = [look.t("contacts.head", grid=grid.name)]
    lines += [_person(look, one) for one in _staff(look.uow, grid)] or [look.t("contacts.nobody")]
    micro = _micro_grids(look.uow, grid)
    micro = _of_home(look.uow, micro, look.chat.person) or micro
    lines += [_person(look, one, unit) for unit in micro for one in _staff(look.uow, unit)]
    lines += _on_duty(look, grid)
    lines += [look.t("contacts.services")]
    lines += [look.t("contacts.bounds", bounds=grid.bounds)] if grid.bounds else []
    lines += [
        look.t("contacts.phone", unit=unit.name, phone=unit.phone) for unit in (grid, above) if unit and unit.phone
    ]
    return look.message(Html("\n".join(lines)))


def _on_duty(look: Look, grid: Unit) -> list[Html]:
    """Who answers now by the roster, for the grid or for the nearest unit above it."""
    at = datetime.fromtimestamp(float(str(look.params["at"])), UTC)
    lines = []
    for shift in staffing.serving_for(look.uow, grid.code, at):
        posts = [one for one in look.uow.people.posts_of(shift.person) if one.unit == shift.unit]
        who = f"{posts[0].name} {posts[0].phone}".strip() if posts else public_name(look.uow, shift.person, look.lang)
        lines.append(look.t("contacts.on_duty", who=who, unit=look.uow.units.get(shift.unit).name))
    return lines


def _person(look: Look, one: Appointment, micro: Unit | None = None) -> Html:
    post = look.t(f"contacts.post_{one.post.value}")
    post = look.t("contacts.micro", unit=micro.name, post=post) if micro else post
    key = "contacts.person" if one.phone else "contacts.person_without"
    return look.t(key, post=post, name=one.name, phone=one.phone)
