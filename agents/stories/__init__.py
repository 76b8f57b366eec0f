"""One story is one thing that is talked about: items with the same link, of the same thread, or of the same meaning."""

from agents.stories.grouping import Array, group, strand_of
from agents.stories.references import MOST_LINKS, Groups, story_links
from agents.stories.rows import Row, rows_of, stories_of
from agents.stories.settling import settle
from agents.stories.stream import SAME_MEANING, SAME_TEXT, Stream
from agents.stories.surface import FEWEST_WORDS
from agents.stories.table import Strand
from agents.stories.telling import first_shares, lead_of, renamed, speaks, voice

__all__ = [
    "FEWEST_WORDS",
    "MOST_LINKS",
    "SAME_MEANING",
    "SAME_TEXT",
    "Array",
    "Groups",
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
    "strand_of",
    "voice",
]
