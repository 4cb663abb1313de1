"""Who of this town owns the matter of a case: departments beside the tree, the nearest first."""

from collections.abc import Sequence

from routing import conflicts, departments
from routing.model import Case, Unit
from routing.ports import UnitOfWork


def owners(uow: UnitOfWork, case: Case) -> list[Unit]:
    """The departments that own the matter of *case*, from those beside its grid upwards."""
    matter = uow.catalogue.matters.get(case.matter)
    names = departments.wanted(uow.policy.departments, matter) if matter else ()
    if not names:
        return []
    path = {unit.code: distance for distance, unit in enumerate(uow.units.path(case.grid))}
    near = [unit for unit in departments.beside(uow.units.all()) if unit.parent is None or unit.parent in path]
    return sorted(
        departments.named(near, names), key=lambda unit: path[unit.parent] if unit.parent is not None else len(path)
    )


def clear(uow: UnitOfWork, case: Case) -> list[Unit]:
    """Those of the owners that need not stay out of *case*."""
    return [unit for unit in owners(uow, case) if not conflicts.barred(uow.units, case, unit.code)]


def first(uow: UnitOfWork, case: Case, units: Sequence[Unit]) -> list[Unit]:
    """*units* in their order, but those first that own the matter of *case*."""
    own = {unit.code: rank for rank, unit in enumerate(owners(uow, case))}
    return sorted(units, key=lambda unit: own.get(unit.code, len(own)))
