"""A server in trouble: whatever it does, nothing is lost and nothing is said, stored or counted twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.build import Magpie
from bot.channels import NEW, Past
from config.errors import ChannelError
from memory.records import Digest, Kind, Message, Outgoing, Reaction
from tests.fakes import HashedWords
from tests.scenarios.town import BOT, OWNER, Person, Town, town, words

PEOPLE = tuple(map(Person, ("agda", "brun", "cleo", "dunja")))
POSTS = {
    "ferry": (
        "agda",
        "The ferry across the sound runs on batteries from today, and one hears the gulls again on deck.",
    ),
    "chess": ("brun", "Lost to a nine-year-old in twenty moves, who then kindly explained to me where it went wrong."),
    "moss": (
        "cleo",
        "Found forty kinds of moss on a single wall behind the brewery; the lichens I shall count tomorrow.",
    ),
    "radio": ("dunja", "Repaired a valve radio from 1938 with a paper clip, and it plays dance music from Hilversum."),
    "clouds": ("agda", "Mackerel sky over the bay since noon, the kind of which the almanac says to bring in the hay."),
    "bread": (
        "brun",
        "Rye bread with caraway, second try: flat as a slate, but the crust would pass for architecture.",
    ),
}
FAULTS: dict[str, dict[str, Any]] = {
    "429": {"type": "ratelimit", "headers": {"Retry-After": "1"}},
    "502": {"status": 502, "body": "<html>Bad gateway"},
    "malformed JSON": {"type": "malformed"},
}
PLACES = {
    "home timeline": ("GET", "/api/v1/timelines/home"),
    "posts looked at again": ("GET", "/api/v1/statuses"),
    "posting": ("POST", "/api/v1/statuses"),
    "notifications": ("GET", "/api/v1/notifications"),
}
WORDS = HashedWords(dim=2048)  # so many that no two posts are of one story
LONG = 11
"""Requests that fail in a row: more than Magpie tries in one round, so that rounds fail, too."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town"), PEOPLE) as started:
        yield started


@pytest.fixture
def hamlet(running: Town) -> Town:
    """Four people who have posted six times."""
    running.server.reset()
    running.posts(POSTS)
    return running


@pytest.fixture
def magpie(hamlet: Town, tmp_path: Path) -> Magpie:
    return hamlet.magpie(tmp_path / "data", WORDS, digest={"entries": 6, "explore": 0, "floor": -100})


def until_quiet(magpie: Magpie) -> list[str]:
    """Collect, hear and deliver, round after round, until a round is without trouble; returns all the trouble."""
    troubles: list[str] = []
    for _ in range(LONG):
        known = len(troubles)
        troubles += magpie.collector.collect(magpie.sources).failures
        try:
            magpie.hear()
        except ChannelError as trouble:
            troubles.append(str(trouble))
        if len(troubles) == known:
            return troubles
    raise AssertionError(troubles)


def answer(hamlet: Town, digest: Digest) -> None:
    """The owner likes the first entry, dislikes the second and saves the third."""
    by_number = {words(said).split()[1]: str(said["id"]) for said in hamlet.said()[1:]}
    hamlet.client(OWNER).status_favourite(by_number["1"])
    hamlet.say("👎", reply_to=by_number["2"])
    hamlet.say("3 🔖")


def check(hamlet: Town, magpie: Magpie, digest: Digest) -> None:
    """Every post was stored once, every message said once, every feedback counted and answered once."""
    with magpie.store.begin() as memory:
        items = memory.items.all(hamlet.names)
        assert memory.items.count() == len(items) == len(POSTS)
        assert len(memory.shares.of(list(items))) == len(POSTS)
        assert len(memory.vectors.get(magpie.embedder.name, [item.id for item in items.values()])) == len(POSTS)
        felt = Counter(r.kind for r in memory.reactions.all())
    assert magpie.index.count() == len(POSTS)
    assert felt == {Kind.MORE: 1, Kind.LESS: 1, Kind.SAVE: 1}
    said = [words(status) for status in hamlet.said()]
    assert len(said) == len(set(said))
    assert [len([s for s in said if text[:40] in s and "\nPost: " in s]) for _, text in POSTS.values()] == [1] * len(
        POSTS
    )
    assert [len([s for s in said if sign in s]) for sign in ("⭐ More", "👎 Less", "🔖 Saved")] == [1, 1, 1]
    assert [s for s in said if "stories" in s] == said[:1] and len(digest.entries) == len(POSTS)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_lose_and_double_nothing(hamlet: Town, magpie: Magpie, fault: str, place: str) -> None:
    method, path = PLACES[place]
    hamlet.server.fault(path=path, methods=[method], count=LONG, **FAULTS[fault])
    troubles = until_quiet(magpie)
    digest = magpie.editor.digest("mastodon")
    troubles += until_quiet(magpie)
    hamlet.server.fault(path=PLACES["notifications"][1], count=2, **FAULTS[fault])
    answer(hamlet, digest)
    troubles += until_quiet(magpie)
    check(hamlet, magpie, digest)
    assert troubles  # or else the faults were none


def test_latency_everywhere_is_no_trouble(hamlet: Town, magpie: Magpie) -> None:
    hamlet.server.fault(type="latency", delay_ms=30, count=60)
    troubles = until_quiet(magpie)
    digest = magpie.editor.digest("mastodon")
    troubles += until_quiet(magpie)
    answer(hamlet, digest)
    troubles += until_quiet(magpie)
    check(hamlet, magpie, digest)
    assert not troubles


def test_a_server_slower_than_our_patience_is_told_everything_once(hamlet: Town, tmp_path: Path) -> None:
    settings = {"entries": 6, "explore": 0, "floor": -100}
    channel = {"kind": "mastodon", "instance": hamlet.server.base_url, "handle": f"{BOT}@mock.local", "timeout": 1}
    magpie = hamlet.magpie(tmp_path / "data", WORDS, digest=settings, channel=channel)
    until_quiet(magpie)
    digest = magpie.editor.digest("mastodon")
    hamlet.server.fault(path="/api/v1/statuses", methods=["POST"], type="latency", delay_ms=1300, count=2)
    until_quiet(magpie)
    time.sleep(1.5)  # for what the server does when nobody waits for it any more
    answer(hamlet, digest)
    until_quiet(magpie)
    check(hamlet, magpie, digest)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Fragile:
    """A channel whose process is killed after every second message, when that is said and not yet recorded."""

    inner: Any
    said: int = field(default=0, init=False)
    name: str = "mastodon"

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        return self.inner.listen(cursor)  # type: ignore[no-any-return]

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        parts: tuple[str, ...] = self.inner.send(out, past)
        self.said += 1
        if self.said % 2 == 0:
            raise Killed
        return parts


def test_a_process_killed_between_saying_and_recording_says_it_once(hamlet: Town, tmp_path: Path) -> None:
    def started() -> Magpie:
        whole = hamlet.magpie(tmp_path / "data", WORDS, digest={"entries": 6, "explore": 0, "floor": -100})
        return replace(whole, given_channel=Fragile(whole.channel))

    def alive(doing: str) -> Magpie:
        """Started again, and again, until what is to be done gets done."""
        for _ in range(20):
            magpie = started()
            try:
                until_quiet(magpie)
            except Killed:
                continue
            return magpie
        raise AssertionError(f"It never comes to an end: {doing}")

    alive("collecting")
    digest = started().editor.digest("mastodon")
    alive("delivering")
    answer(hamlet, digest)
    check(hamlet, alive("answering"), digest)
