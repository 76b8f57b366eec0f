"""Digests for owners who are played: Magpie in several ways beside the peers' formulas, and what answers are worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.trials import learning
from bot.trials.learning import Speed
from bot.trials.life import ENTRIES, Life, Names, Way, item_of
from bot.trials.measures import Row, Told
from bot.trials.peers import PEERS, Timeline
from bot.trials.stars import Stars, read
from bot.trials.town import Plan, Town, build, owners
from config.errors import SourceError
from memory.embedding import Embedder, KeptEmbedder, SentenceEmbedder
from memory.records import Counts, How, Item, Share

MAGPIE: Final = Way("Magpie")
ALL: Final = -99.0  # a floor that nothing lies under: whoever has fewer factors has fewer points
ABLATIONS: Final = (
    Way("without network", {"network": 0, "surprise": 0, "burst": 0}, floor=ALL),
    Way("without taste", {"taste": 0, "feedback": 0, "author": 0}, floor=ALL),
    Way("without novelty", {"unseen": 0}, remembers=False),
    Way("without exploring", explore=0),
)
ANSWERED: Final = Way("Magpie, answered", answered=True)
NEWCOMER: Final = Way("newcomer", stars=False)
NEWCOMER_ANSWERED: Final = Way("newcomer, answered", stars=False, answered=True)
"""A newcomer's Magpie knows no stars, so that all that it learns it learns from answers."""

WAYS: Final = (MAGPIE, *ABLATIONS, ANSWERED, NEWCOMER, NEWCOMER_ANSWERED)
AT_ONCE: Final = 1000

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Trial:
    """What is tried: on which folder of stars, with the vectors of which file, in which ways."""

    folder: Path
    vectors: Path
    plan: Plan = field(default_factory=Plan)
    ways: tuple[Way, ...] = WAYS
    lessons: bool = True


@dataclass
class Outcome:
    """What came of one owner's trial."""

    owner: str
    told: dict[str, Told] = field(default_factory=dict)
    speeds: dict[str, Speed | None] = field(default_factory=dict)


def outcomes(
    trial: Trial, count: int, workers: int, progress: Progress, embedder: Embedder | None = None
) -> list[Outcome]:
    """The trials of ``count`` owners (0: all), in processes beside each other. Raises SourceError.

    With an ``embedder`` of one's own it is done in this process.
    """
    stars = stars_of(trial.folder)
    people = owners(stars, trial.plan)[: count or None]
    if not people:
        raise SourceError(
            f"{trial.folder} has nobody with stars enough, and people enough around them, to be an owner."
        )
    found = []
    _embed(stars, embedder or _kept(trial.vectors), progress)
    if embedder is not None or workers < 2:
        for done, person in enumerate(people, 1):
            found.append(tried(trial, stars, embedder or _kept(trial.vectors), person, done))
            progress("owners", done)
        return found
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        waiting = [pool.submit(_tried_apart, trial, person, place) for place, person in enumerate(people, 1)]
        for done, future in enumerate(as_completed(waiting), 1):
            found.append(future.result())
            progress("owners", done)
    return sorted(found, key=lambda outcome: people.index(outcome.owner))


def tried(trial: Trial, stars: Stars, embedder: Embedder, owner: str, place: int) -> Outcome:
    """All ways for one owner, in a temporary folder."""
    town, outcome = build(stars, owner, trial.plan), Outcome(owner)
    outcome.told |= peers(town, stars.texts)
    with TemporaryDirectory(prefix="magpie-trial-") as name:
        room = Path(name)
        settled = {knows: _settled(town, stars, embedder, room, knows) for knows in {way.stars for way in trial.ways}}
        for number, way in enumerate(trial.ways):
            life = settled[way.stars].moved(way, room / f"way{number}")
            outcome.told[way.name] = lived(life)
        if trial.lessons and True in settled:
            outcome.speeds = learning.lessons(settled[True], _topics(embedder, stars), place, room)
    return outcome


def lived(life: Life) -> Told:
    """A life's digests."""
    told = Told(ENTRIES, shared(life.town))
    for digest in life.digests():
        wanted = life.town.wanted(life.clock)
        rows = [(item_of(entry), _author(entry.lead)) for entry in digest.entries]
        told.tell([Row(item, author, item in wanted) for item, author in rows])
    return told


def peers(town: Town, texts: Mapping[str, str]) -> dict[str, Told]:
    """What the peers would tell of the last 24 hours, of posts that the owner has not starred."""
    names, found = Names(town, texts), {name: Told(ENTRIES, shared(town)) for name in PEERS}
    sent: dict[str, set[str]] = {name: set() for name in PEERS}
    for day in range(town.days):
        timeline, wanted = _timeline(town, names, day), town.wanted(town.hour(day))
        for name, peer in PEERS.items():
            chosen = peer(timeline, ENTRIES, sent[name])
            sent[name] |= {item.uri for item in chosen}
            leads = [(_item(item), _author(item.uri)) for item in chosen]
            found[name].tell([Row(item, author, item in wanted) for item, author in leads])
    return found


def shared(town: Town) -> frozenset[str]:
    """Items that at least two followees have posted by the end, one of them within the days that are played."""
    by: dict[str, set[str]] = defaultdict(set)
    for post in town.posts:
        by[post.item].add(post.author)
    return frozenset(item for item, people in by.items() if len(people) > 1)


def _timeline(town: Town, names: Names, day: int) -> Timeline:
    """Likes of a post are the stars that its item has by then; of those, the ones since it was posted are boosts."""
    now = town.hour(day)
    starred = {post for at, post in town.likes if at <= now}
    items, shares = [], []
    for post in town.posts:
        if now - timedelta(hours=24) < post.at <= now and post not in starred:
            likes = town.popular(post.item, now)
            counts = Counts(boosts=likes - town.popular(post.item, post.at), likes=likes)
            item = names.item(post, counts)
            items.append(replace(item, thread=item.ref))
            shares.append(Share(items[-1].author, items[-1].uri, post.at, How.POSTED))
    accounts = {account.uri: account for account in map(names.account, town.followees)}
    return Timeline(items, shares, accounts, now)


def _settled(town: Town, stars: Stars, embedder: Embedder, room: Path, knows: bool) -> Life:
    folder = room / f"settled{knows}"
    folder.mkdir()
    life = Life(town, stars.texts, embedder, folder, Way("settled", stars=knows))
    life.settle()
    return life


def _item(item: Item) -> str:
    return item.uri.rpartition("/")[2]


def _author(uri: str) -> str:
    return uri.split("/")[-2]


def _tried_apart(trial: Trial, owner: str, place: int) -> Outcome:
    """In a process of its own, which reads what all its owners share once."""
    return tried(trial, stars_of(trial.folder), _kept(trial.vectors), owner, place)


@cache
def stars_of(folder: Path) -> Stars:
    """All stars of a folder, read once in a process. Raises SourceError."""
    return read(folder)


@cache
def _kept(path: Path) -> KeptEmbedder:
    return KeptEmbedder(SentenceEmbedder(), path)


_made: dict[int, Mapping[str, int]] = {}


def _topics(embedder: Embedder, stars: Stars) -> Mapping[str, int]:
    """Made once in a process: it takes seconds."""
    if id(stars) not in _made:
        _made[id(stars)] = learning.topics_of(stars.texts, embedder)
    return _made[id(stars)]


def _embed(stars: Stars, embedder: Embedder, progress: Progress) -> None:
    """All at once and in parts, each of which is kept."""
    texts = list(stars.texts.values())
    for start in range(0, len(texts), AT_ONCE):
        embedder.embed(texts[start : start + AT_ONCE])
        progress("vectors", min(start + AT_ONCE, len(texts)))
