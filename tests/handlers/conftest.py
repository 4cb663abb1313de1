"""Stories of people at their chats: none of them is about the network."""

import pytest


@pytest.fixture(autouse=True)
def _straight(straight: None) -> None:
    """Every town of these tests is called without one."""
