"""The units below a unit are found child by child, in a city of any size."""

from sqlalchemy import create_engine

from storage.tables import metadata
from storage.units import subtree


def test_no_step_down_the_tree_reads_all_units_of_the_city() -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    asked = subtree("unit").compile(engine)
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", tuple("x" for _ in asked.params))
        steps = [str(row.detail) for row in plan]
    engine.dispose()

    assert "SEARCH child USING INDEX ix_units_parent (city_id=? AND parent=?)" in steps
