"""What all tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """A test marked `anyio` runs on both event loops."""
    return str(request.param)
