"""On how many examples a law is tried: a number of its own would hold in `make laws` as well."""

from __future__ import annotations

from hypothesis import settings


def tried(count: int) -> settings:
    """On so many out of a hundred of the profile's: ``count`` by default, twenty times as many in `make laws`."""
    return settings(max_examples=max(count * settings().max_examples // 100, 1), deadline=None)
