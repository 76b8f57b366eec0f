"""A model server that does what it is told."""

from __future__ import annotations

from tests.agents.inn import inn

__all__ = ["inn"]
