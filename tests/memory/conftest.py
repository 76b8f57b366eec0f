"""What many tests of what is kept begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stores import remember


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a memory that holds something."""
    folder = tmp_path / "data"
    remember(folder, "a", "b")
    return folder
