"""How Magpie sounds when a model writes its answers. Tone only: what is said has to pass the same checks."""

from __future__ import annotations

LONGEST = 200
"""Most characters of a tone in the owner's own words: a prompt takes no more within a line."""

PERSONAS = {
    "assistant": "Friendly and brief. Say the answer first, in plain words.",
    "archivist": "Sober and exact. Say who wrote it and when, as the passages tell it, and keep to their wording.",
    "tutor": "Patient and clear. Put the simplest fact first and the details after it, one step a sentence.",
}
DEFAULT = "assistant"


def tone(chosen: str) -> str:
    """What a model is told about its tone: that of a persona by its name, else the owner's text as it is, cut."""
    words = " ".join(chosen.split())
    return PERSONAS.get(words.lower() or DEFAULT) or words[:LONGEST]
