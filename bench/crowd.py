"""A large invented network for measuring: hundreds of accounts and thousands of posts, told in Mastodon's own shapes.

Everything follows from a seed. What is said is put together from ``chatter.toml``, so that posts of one topic lie near
each other as those of real people do, and a piece of news, which several tell in words of their own, lies nearer still.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import escape
from itertools import accumulate
from typing import Any

from bench.chatter import News, Topic, Voice, name, topics
from memory.records import Cursor, Evidence, Fetched, Kind, Rule, Seen
from tools.sources import SourceError
from tools.sources.statuses import parse_account, parse_status

Json = dict[str, Any]

BASE_URL = "https://harbour.example"
OWNER = "me@harbour.example"
FIRST = datetime(2026, 5, 4, 12, tzinfo=UTC)
LIKED_TOPICS = frozenset({"rail", "bees", "kernel", "libraries", "cycling", "birds", "verkehr"})
LIKED_OVER = timedelta(days=60)

_HOSTS = ("harbour", "meadow", "forge", "lantern", "quarry", "tide", "hill", "copper", "fern", "delta")
_FOLLOWED, _BOTS = 0.84, 0.04  # of all accounts
_REPLY, _NEWS, _LINK = 0.16, 0.16, 0.10  # of all posts; the rest are remarks without a link
_BOOST, _PICTURE, _TAG = 0.18, 0.15, 0.30  # to each post


@dataclass(frozen=True)
class Author:
    """Somebody of the crowd. ``talks`` is how much, beside the others."""

    account: Json
    topics: Sequence[Topic]
    talks: float


@dataclass(frozen=True)
class Crowd:
    """``posts`` of ``people`` accounts, evenly over ``days`` from ``FIRST``, their boosts, and ``liked`` older ones."""

    posts: int = 5000
    people: int = 500
    days: float = 4.0
    liked: int = 300
    seed: int = 20260504

    @property
    def end(self) -> datetime:
        """When all is said."""
        return FIRST + timedelta(days=self.days)

    @cached_property
    def history(self) -> list[Json]:
        """What the owner has liked in the weeks before, oldest first."""
        chance = random.Random(self.seed + 1)
        pairs = [(a, topic) for a in self._authors for topic in a.topics if topic.name in LIKED_TOPICS]
        rows = []
        for number in range(self.liked):
            author, topic = chance.choice(pairs)
            at = FIRST - LIKED_OVER + LIKED_OVER * number / self.liked
            rows.append(_status(f"1{number:09}", author, topic, at, Voice(chance, topic).remark(), chance))
        return rows

    @cached_property
    def timeline(self) -> list[Json]:
        """All posts and boosts, oldest first."""
        chance = random.Random(self.seed)
        news, rows = News(chance), list[Json]()
        for number in range(self.posts):
            at = FIRST + timedelta(days=self.days * (number + chance.random()) / self.posts)
            rows.append(self._post(f"2{number:09}", at, rows, news, chance))
        boosts = [self._boost(f"3{number:09}", rows, chance) for number in range(int(_BOOST * self.posts))]
        return sorted(rows + boosts, key=lambda row: (row["created_at"], row["id"]))

    @cached_property
    def by_ref(self) -> Mapping[str, Json]:
        """Posts by what the source calls them."""
        rows = (*self.history, *self.timeline)
        return {f"{BASE_URL}#{row['id']}": row for row in rows if row["reblog"] is None}

    @property
    def following(self) -> list[Json]:
        """The accounts that the owner follows."""
        return [author.account for author in self._authors[: int(_FOLLOWED * self.people)]]

    @cached_property
    def _authors(self) -> list[Author]:
        chance, known = random.Random(self.seed + 2), list(topics().values())
        return [
            Author(_account(number, chance), chance.sample(known, chance.randint(1, 3)), chance.paretovariate(1.6))
            for number in range(self.people)
        ]

    @cached_property
    def _talk(self) -> list[float]:
        return list(accumulate(author.talks for author in self._authors))

    def _somebody(self, chance: random.Random) -> Author:
        return chance.choices(self._authors, cum_weights=self._talk)[0]

    def _post(self, number: str, at: datetime, before: Sequence[Json], news: News, chance: random.Random) -> Json:
        author, kind = self._somebody(chance), chance.random()
        topic = chance.choice(author.topics)
        voice = Voice(chance, topic)
        if kind < _REPLY and before:
            parent = before[-1 - int(min(len(before), 400) * chance.random() ** 2)]  # mostly a late one
            return _status(number, author, topic, at, voice.answer(), chance, reply_to=parent)
        if kind < _REPLY + _NEWS:
            words, link = news.told(voice)
            return _status(number, author, topic, at, words, chance, f"{link}?utm_source=feed{chance.randrange(9)}")
        link = f"https://{name(chance)}.example/{number}" if kind < _REPLY + _NEWS + _LINK else ""
        return _status(number, author, topic, at, voice.remark(), chance, link)

    def _boost(self, number: str, posts: Sequence[Json], chance: random.Random) -> Json:
        post, booster = chance.choice(posts), self._somebody(chance)
        at = datetime.fromisoformat(post["created_at"]) + timedelta(hours=8 * chance.random() ** 2)
        return {**_status(number, booster, booster.topics[0], min(at, self.end), "", chance), "reblog": post}


@dataclass(frozen=True)
class CrowdSource:
    """The crowd as the owner's server would tell it by an injected clock. The cursor counts what was told."""

    crowd: Crowd
    now: Callable[[], datetime]
    name: str = "crowd"

    def fetch(self, cursor: Cursor | None) -> Iterator[Fetched | SourceError]:
        """Rules each time, people and likes once, and whatever was posted since."""
        yield Fetched(rules=(Rule("word", "sweepstake"), Rule("tag", "beekeeping")))
        if not cursor:
            people = tuple(parse_account(row, base_url=BASE_URL, followed=True) for row in self.crowd.following)
            yield Fetched(accounts=people, followed=frozenset(account.uri for account in people))
            yield from map(self._liked, self.crowd.history)
        told = int((cursor or {}).get("home", "0"))
        there = bisect_right(self.crowd.timeline, self.now().isoformat(), key=lambda row: str(row["created_at"]))
        for number, status in enumerate(self.crowd.timeline[told:there], told + 1):
            yield self._read(status, {"home": str(number)})

    def recheck(self, refs: Sequence[str]) -> Iterator[Fetched | SourceError]:
        """Nothing was edited or deleted."""
        for ref in refs:
            yield self._read(self.crowd.by_ref[ref])

    def _read(self, status: Json, cursor: Cursor | None = None) -> Fetched:
        fetched = parse_status(status, source=self.name, base_url=BASE_URL)
        return Fetched(cursor or {}, fetched.item, None, fetched.accounts, fetched.shares)

    def _liked(self, status: Json) -> Fetched:
        at = datetime.fromisoformat(status["created_at"]) + timedelta(hours=3)
        fetched = parse_status(status, source=self.name, base_url=BASE_URL, reacted={Kind.LIKE: at})
        assert fetched.item is not None
        known = (Seen("item", fetched.item.uri, at, Evidence.REACTED),)
        return Fetched({"home": "0"}, fetched.item, None, fetched.accounts, (), fetched.reactions, known)


def _account(number: int, chance: random.Random) -> Json:
    host, called = f"{chance.choice(_HOSTS)}.example", f"{name(chance, 2)}{number}"
    return {
        "id": str(1000 + number),
        "username": called,
        "acct": f"{called}@{host}",
        "display_name": called.title(),
        "uri": f"https://{host}/users/{called}",
        "url": f"https://{host}/@{called}",
        "avatar": f"https://{host}/avatars/{number}/original.png",
        "note": f"<p>Lives in {name(chance).title()}. Opinions are those of the cat.</p>",
        "bot": chance.random() < _BOTS,
        "locked": False,
        "followers_count": int(chance.lognormvariate(5.5, 1.2)),
        "fields": [{"name": "Pronouns", "value": "they"}, {"name": "Home", "value": f"https://{called}.example"}],
    }


def _status(
    number: str,
    author: Author,
    topic: Topic,
    at: datetime,
    words: str,
    chance: random.Random,
    link: str = "",
    reply_to: Json | None = None,
) -> Json:
    account, likes = author.account, int(chance.lognormvariate(1.2, 1.3))
    called = [reply_to["account"]] if reply_to else []
    parts = [*map(_mention, called), escape(words, quote=False), _anchor(link), _tag(topic, chance)]
    return {
        "id": number,
        "uri": f"{account['uri']}/statuses/{number}",
        "url": f"{account['url']}/{number}",
        "created_at": at.isoformat(),
        "edited_at": None,
        "account": account,
        "content": f"<p>{' '.join(filter(None, parts))}</p>",
        "spoiler_text": "",
        "visibility": chance.choices(("public", "unlisted", "private"), (80, 14, 6))[0],
        "language": topic.language,
        "in_reply_to_id": reply_to["id"] if reply_to else None,
        "reblog": None,
        "media_attachments": _pictures(number, words, chance),
        "mentions": [{"acct": row["acct"], "url": row["url"]} for row in called],
        "tags": [],
        "card": {"url": link, "title": words[:60], "type": "link"} if link else None,
        "favourites_count": likes,
        "reblogs_count": likes // 4,
        "replies_count": likes // 6,
    }


def _mention(account: Json) -> str:
    anchor = f'<a href="{account["url"]}" class="u-url mention">@<span>{account["username"]}</span></a>'
    return f'<span class="h-card">{anchor}</span>'


def _anchor(link: str) -> str:
    hidden = '<span class="invisible">https://</span>'
    return link and f'<a href="{link}" rel="nofollow noopener">{hidden}{link.removeprefix("https://")}</a>'


def _tag(topic: Topic, chance: random.Random) -> str:
    if chance.random() > _TAG:
        return ""
    return f'<a href="{BASE_URL}/tags/{topic.name}" class="mention hashtag" rel="tag">#<span>{topic.name}</span></a>'


def _pictures(number: str, words: str, chance: random.Random) -> list[Json]:
    if chance.random() > _PICTURE:
        return []
    url = f"{BASE_URL}/media/{number}.png"
    return [{"id": number, "type": "image", "description": f"A photograph: {words[:80]}", "url": url}]
