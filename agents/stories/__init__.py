"""One story is one thing that is talked about: items with the same link, of the same thread, or of the same meaning."""

from agents.stories.grouping import Array, group
from agents.stories.references import story_links
from agents.stories.rows import Row, rows_of, stories_of
from agents.stories.settling import settle
from agents.stories.stream import Stream
from agents.stories.table import Strand
from agents.stories.telling import first_shares, lead_of, renamed, speaks, voice

__all__ = [
    "Array",
    "Row",
    "Strand",
    "Stream",
    "first_shares",
    "group",
    "lead_of",
    "renamed",
    "rows_of",
    "settle",
    "speaks",
    "stories_of",
    "story_links",
    "voice",
]
