"""A map of interests over time, as a page: a row a topic, a column a month, a circle for what was liked then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from html import escape
from math import sqrt
from typing import Final

from agents.taste.beliefs import Topic
from bot.channels.rendering import clean

MOST_TOPICS: Final = 20
MOST_MONTHS: Final = 36
COLUMN, ROW, NAMES, TOP, LARGEST = 24, 34, 260, 60, 14

Month = tuple[int, int]


def page(topics: Sequence[Topic], title: str) -> str:
    """The page as HTML, which loads nothing from anywhere. The area of a circle tells how many were liked."""
    shown = [topic for topic in topics if topic.instants][:MOST_TOPICS]
    months = _months([at for topic in shown for at in topic.instants])
    counts = [Counter((at.year, at.month) for at in topic.instants) for topic in shown]
    most = max((count for one in counts for count in one.values()), default=1)
    width, height = NAMES + COLUMN * len(months) + 20, TOP + ROW * len(shown) + 20
    marks = [*_columns(months), *(mark for row, topic in enumerate(shown) for mark in _row(row, topic))]
    marks += [
        _circle(months.index(month), row, sqrt(count / most), f"{count} in {month[0]}-{month[1]:02}")
        for row, one in enumerate(counts)
        for month, count in sorted(one.items())
        if month in months
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<body style="font: 14px sans-serif"><h1 style="font-size: 18px">{escape(title)}</h1>'
        f'<svg width="{width}" height="{height}" role="img">{"".join(marks)}</svg></body></html>\n'
    )


def _months(instants: Sequence[datetime]) -> list[Month]:
    """Every month from the first to the last, of longer times the last ones."""
    if not instants:
        return []
    first, last = (at.year * 12 + at.month - 1 for at in (min(instants), max(instants)))
    begin = max(first, last - MOST_MONTHS + 1)
    return [(number // 12, number % 12 + 1) for number in range(begin, last + 1)]


def _columns(months: Sequence[Month]) -> list[str]:
    """The name of a year at its first month that is shown."""
    firsts = {year: place for place, (year, _) in reversed(list(enumerate(months)))}
    return [f'<text x="{NAMES + COLUMN * place}" y="{TOP - 30}">{year}</text>' for year, place in firsts.items()]


def _row(row: int, topic: Topic) -> list[str]:
    y = TOP + ROW * row
    name = escape(clean(", ".join(topic.words)) or "without a name")
    return [
        f'<text x="0" y="{y + 5}">{name}<title>{topic.count} liked, {topic.share:.0%} of all</title></text>',
        f'<line x1="{NAMES - 10}" x2="100%" y1="{y}" y2="{y}" stroke="#ddd"/>',
    ]


def _circle(column: int, row: int, size: float, told: str) -> str:
    x, y, radius = NAMES + COLUMN * column, TOP + ROW * row, max(LARGEST * size, 2)
    return f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="#3a6ea5" fill-opacity=".7"><title>{told}</title></circle>'
