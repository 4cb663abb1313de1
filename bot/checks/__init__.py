"""What `huying doctor` looks at: facts are gathered first, then judged by small functions that know nothing else."""

from bot.checks.finding import Finding, Level

__all__ = ["Finding", "Level"]
