import pytest
from tests.unit.application.world import World


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()
