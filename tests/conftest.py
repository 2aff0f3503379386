"""What integration and web tests share. See tests/support/ for the parts."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))
sys.dont_write_bytecode = True

from devstack import Project  # noqa: E402
from engine import Engine  # noqa: E402


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def project():
    """A project folder for devstack; fails the test when anything is left of it afterwards."""
    one = Project()
    yield one
    one.close()
