"""A model server that does what it is told; and a court."""

from __future__ import annotations

from tests.agents.court import court
from tests.agents.inn import inn

__all__ = ["court", "inn"]
