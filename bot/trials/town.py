"""A simulated network around one person: whom they follow, what is posted when, and what they will star. Pure.

The clock of a town is that of its posts: so many stars of the people whom the owner follows make a day, each a post
of that person. What the owner starred and none of these had starred before was met by some other way: it is posted a
little earlier by one of those who post then, drawn by lot, so that it is there to be found. The owner's wishes are thus
as frequent among all posts as the owner is among all people, and nothing in who posts them, or when, tells them apart.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import sqrt

from bot.trials.stars import Star, Stars

WARM_UP = 2.0  # days of posts before the first that is played
POSTED_BEFORE = (0.5, 3.0)  # days from such a post to the owner's star
AFTERWARDS = 2  # days after the last that is played, in which what it told may still be starred
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """How large a town is. The followees are some that are near to the owner, and some that are drawn by lot."""

    most_days: int = 10
    fewest_days: int = 4
    per_day: int = 150  # posts of followees
    fewest_stars: int = 20  # of the owner's, within the days that are played
    near: int = 20
    drawn: int = 20


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody whom the owner follows puts an item before the owner."""

    at: datetime
    author: str
    item: str


@dataclass(frozen=True)
class Town:
    """``days`` of posts from BEGIN on, and some before. ``likes`` are all the owner's stars, early and late."""

    owner: str
    followees: tuple[str, ...]
    days: int
    posts: tuple[Post, ...]  # oldest first
    likes: tuple[tuple[datetime, Post], ...]  # (when, the post by which the owner met it), oldest first
    starred: Mapping[str, Sequence[datetime]]  # item → when anybody but the owner starred it
    followers: Mapping[str, int]

    @cached_property
    def before(self) -> list[tuple[datetime, Post]]:
        """What the owner had starred when the trial begins."""
        return [like for like in self.likes if like[0] <= BEGIN]

    def wanted(self, now: datetime) -> frozenset[str]:
        """What the owner will star after an instant."""
        return frozenset(post.item for at, post in self.likes if at > now)

    def hour(self, day: int) -> datetime:
        """When the digest of a day (from 0) is made: at its end."""
        return BEGIN + timedelta(days=day + 1)

    def popular(self, item: str, now: datetime) -> int:
        """How many others had starred an item by an instant."""
        return bisect_right(self.starred.get(item, ()), now)


def owners(stars: Stars, plan: Plan) -> list[str]:
    """Everybody with enough stars and enough days around them to be an owner."""
    return [person for person in stars.by if _is_lively(_Span.of(stars, person, plan))]


def build(stars: Stars, owner: str, plan: Plan) -> Town:
    """The town around one person. Whom they follow follows from what was starred before the trial begins."""
    span = _Span.of(stars, owner, plan)
    chance = random.Random(f"town {owner}")
    shared = sorted(_shared(span, chance), key=lambda post: (post.at, post.item, post.author))
    first: dict[str, Post] = {}
    for post in shared:
        first.setdefault(post.item, post)
    likes = [(span.when(star), _met(span, star, first, chance)) for star in span.own]
    posts = {*shared, *(post for _, post in likes)}
    earliest, latest = BEGIN - timedelta(days=WARM_UP), BEGIN + timedelta(days=span.days)
    played = sorted((p for p in posts if earliest <= p.at <= latest), key=lambda p: (p.at, p.item, p.author))
    starred: dict[str, list[datetime]] = defaultdict(list)
    everybody = (star for person, theirs in stars.by.items() if person != owner for star in theirs)
    for star in sorted(everybody, key=lambda star: star.date):
        starred[star.item].append(span.when(star))
    followers = {person: _acquainted(stars, person, span.half) for person in span.followees}
    return Town(owner, span.followees, span.days, tuple(played), tuple(likes), starred, followers)


@dataclass(frozen=True)
class _Span:
    """The stretch of data that is played. ``dates`` are those of all dated stars of the followees, sorted."""

    plan: Plan
    own: Sequence[Star]
    followees: tuple[str, ...]
    others: Sequence[Star]  # the followees' dated stars, oldest first
    dates: Sequence[str]
    half: str  # by what was starred until then the followees are chosen
    start: int  # how many of the dates lie before BEGIN
    days: int

    @classmethod
    def of(cls, stars: Stars, owner: str, plan: Plan) -> _Span:
        """The last days up to the owner's last star, but not more than the later half of what the owner has dated."""
        own, dated = stars.by[owner], [star for star in stars.by[owner] if star.dated]
        half = dated[len(dated) // 2].date
        followees = _followees(stars, owner, half, plan)
        others = sorted(
            (star for person in followees for star in stars.by[person] if star.dated),
            key=lambda star: (star.date, star.person, star.item),
        )
        dates = [star.date for star in others]
        first, end = bisect_right(dates, half), bisect_right(dates, dated[-1].date)
        days = min((end - first) // plan.per_day - AFTERWARDS, plan.most_days)
        return cls(plan, own, followees, others, dates, half, end - (days + AFTERWARDS) * plan.per_day, days)

    @property
    def late(self) -> int:
        """How many of the owner's stars are to be foreseen."""
        return sum(self.when(star) > BEGIN for star in self.own)

    def when(self, star: Star) -> datetime:
        """The end of a star's date on the clock of posts."""
        return self.moment(bisect_right(self.dates, star.date))

    def within(self, star: Star, chance: random.Random) -> datetime:
        """Some moment of a star's date: nothing tells the hour."""
        first, last = bisect_left(self.dates, star.date), bisect_right(self.dates, star.date)
        return self.moment(first + (last - first) * chance.random())

    def somebody(self, at: datetime, chance: random.Random) -> str:
        """Who might have posted at that moment: everybody as often as they do within half a day of it."""
        place = round((at - BEGIN) / timedelta(days=1) * self.plan.per_day) + self.start
        first = min(max(place - self.plan.per_day // 2, 0), len(self.others) - self.plan.per_day)
        return self.others[max(first, 0) + chance.randrange(min(self.plan.per_day, len(self.others)))].person

    def moment(self, place: float) -> datetime:
        """When so many stars of followees were given."""
        return BEGIN + timedelta(days=(place - self.start) / self.plan.per_day)


def _is_lively(span: _Span) -> bool:
    return span.days >= span.plan.fewest_days and span.late >= span.plan.fewest_stars


def _followees(stars: Stars, owner: str, date: str, plan: Plan) -> tuple[str, ...]:
    """The nearest by what both had starred by a date (cosine of the sets), and as many others drawn by lot."""
    early = {person: {star.item for star in theirs if star.date <= date} for person, theirs in stars.by.items()}
    mine = early.pop(owner)

    def nearness(person: str) -> float:
        return len(mine & early[person]) / sqrt(max(len(mine) * len(early[person]), 1))

    ordered = sorted(early, key=lambda person: (-nearness(person), person))
    near, rest = ordered[: plan.near], ordered[plan.near :]
    return (*near, *random.Random(f"followees {owner}").sample(rest, min(plan.drawn, len(rest))))


def _acquainted(stars: Stars, person: str, date: str) -> int:
    """How many people have by a date starred something in common with a person: so many may follow them."""
    theirs = {star.item for star in stars.by[person] if star.date <= date}
    return max(sum(any(s.item in theirs and s.date <= date for s in some) for some in stars.by.values()) - 1, 1)


def _shared(span: _Span, chance: random.Random) -> list[Post]:
    return [Post(span.within(star, chance), star.person, star.item) for star in span.others]


def _met(span: _Span, star: Star, first: Mapping[str, Post], chance: random.Random) -> Post:
    """The first post of what the owner starred; one made for it where nobody had posted it by then."""
    at, post = span.when(star), first.get(star.item)
    earlier = at - timedelta(days=chance.uniform(*POSTED_BEFORE))
    drawn = Post(earlier, span.somebody(earlier, chance), star.item)
    return post if post is not None and post.at < at else drawn
