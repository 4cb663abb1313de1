"""``python -m bot`` is ``huying``."""

import sys

from bot.cli import main

sys.exit(main())
