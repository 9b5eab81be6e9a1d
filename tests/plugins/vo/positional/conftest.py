import pytest

from tests.support.positional import PositionalService


@pytest.fixture
def service(server):
    """A well-behaved service, until a test changes it."""
    return PositionalService(server)
