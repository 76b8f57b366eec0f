"""Charsets that a text may say it is written in."""

from __future__ import annotations

from typing import Final

NO_TEXTS: Final = ("punycode", "idna")
"""Codecs for the names of hosts: no text is written in them, and the time to read one so grows with its square."""


def named(charset: str) -> str:
    """The charset that a text names, unless that is none for texts: then "utf-8"."""
    return "utf-8" if charset.lower() in NO_TEXTS else charset
