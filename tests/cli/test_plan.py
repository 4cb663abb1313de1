"""`huying plan`: plans are loaded whole and at the town's time; a faulty one is named, and none is kept."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli import plan
from bot.clock import SETTING
from tests.cli.conftest import Run, ask, tell

SNOW = 'code = "snow"\nname = "snow"\n[[tasks]]\ntext = "shovel"\nminutes = 60\n'
DAY_S = 86_400.0


async def test_a_plan_is_loaded_at_the_towns_time_which_what_was_asked_for_is_compared_with(
    run: Run, tmp_path: Path
) -> None:
    """In a rehearsal the town is ahead of the machine, and a plan changed after a request must look changed."""
    anchor = json.dumps({"real_s": time.time(), "town_s": time.time() + DAY_S, "speed": 1.0})
    await tell(lambda stores: stores.notebook.set_setting(SETTING, anchor))
    (tmp_path / "snow.toml").write_text(SNOW, encoding="utf-8")

    ran = await run(plan, tmp_path / "snow.toml")

    stored = await ask(lambda stores: stores.plans.find("snow"))
    assert (ran.code, ran.out) == (0, "snow (snow) loaded: 0 broadcasts, 1 tasks, 0 roll-calls\n")
    assert stored is not None
    assert stored.at - datetime.now(UTC) > timedelta(seconds=DAY_S / 2)


async def test_of_several_plans_none_is_kept_when_one_is_faulty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "snow.toml").write_text(SNOW, encoding="utf-8")
    (tmp_path / "rain.toml").write_text('code = "rain"\nname = "rain"\ncolour = "red"\n', encoding="utf-8")

    ran = await run(plan, tmp_path / "snow.toml", tmp_path / "rain.toml")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("huying: rain.toml: colour")
    assert await ask(lambda stores: stores.plans.all()) == []
