"""The cast of the sandbox's own tests plays here too."""

from tests.sandbox.conftest import cast

__all__ = ["cast"]
