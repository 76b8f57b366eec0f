"""A website, and a guarded web that knows it, at an hour that passes only in naps."""

from __future__ import annotations

from tests.tools.website import clock, site, web

__all__ = ["clock", "site", "web"]
