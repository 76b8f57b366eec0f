"""What the digest graph reads from memory: candidates, what is known of them, and what they are judged by."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from agents.bursts import Topics
from agents.bursts import topics as topics_of
from agents.circles import circles
from agents.novelty import Known, novelty
from agents.pile import Pile
from agents.ranking import Candidate, Circumstances
from agents.standing import facts, mild_interests
from agents.stories import first_shares, voice
from agents.taste import FEEDBACK, Taste
from agents.taste.past import Past, gathered
from memory.embedding import Embedder
from memory.records import Horizon, Item, Reaction, Rule, Share, Story, Visibility
from memory.store import Memory, Store
from memory.store.judgements import Judgement

Array = NDArray[np.float32]

RATE_DAYS = 14
TOLD_DAYS = 7
ECHO_DAYS = 2
MOST_ON_TOPICS = 2000
FEWEST_IN_LANGUAGE = 3


@dataclass(frozen=True)
class Reading:
    """Reads the memory of one owner. ``languages`` are those that the owner reads; none: found out from reactions.

    With a ``horizon`` it reads what was known then: shares, what was seen, reactions and digests. Wishes, mutes and who
    is followed are always those of today.
    """

    store: Store
    embedder: Embedder
    owner_uri: str
    languages: frozenset[str] = frozenset()
    home_marker: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)  # of factors, where they are not 1
    horizon: Horizon | None = None

    def window(self, since: datetime, until: datetime) -> tuple[Pile, dict[str, int]]:
        """What was put before the owner in the window, oldest first, and what was left out why."""
        shares: dict[str, list[Share]] = defaultdict(list)
        with self.store.begin(self.horizon) as memory:
            for share in memory.shares.of_window(since, until):
                if share.account != self.owner_uri:
                    shares[share.item].append(share)
            items = memory.items.all(uri for uri, some in shares.items() if some[-1].at > since)
            rules = memory.rules.active(until)
            aside = memory.chaff.reasons(items)
        left_out: Counter[str] = Counter()
        kept = []
        for item in items.values():
            lately = {share.account for share in shares[item.uri] if share.at > since}
            cause = why_not(item, lately, rules, self.owner_uri)
            cause = cause or (f"not worth telling: {aside[item.uri]}" if item.uri in aside else "")
            if cause:
                left_out[cause] += 1
            else:
                kept.append(item)
        kept.sort(key=lambda item: (item.created_at, item.uri))
        return self._piled(kept, shares), dict(left_out)

    def told(self, until: datetime) -> tuple[frozenset[str], datetime | None]:
        """URIs of items that recent digests have told of, and when the last one was made."""
        with self.store.begin(self.horizon) as memory:
            digests = memory.digests.since(until - timedelta(days=TOLD_DAYS))
        told = (uri for digest in digests for entry in digest.entries for uri in entry.items)
        return frozenset(told), digests[-1].made_at if digests else None

    def names(self, uris: Collection[str], until: datetime) -> dict[str, str]:
        """Item.uri → Story.key of the story in which an earlier digest found it."""
        with self.store.begin() as memory:
            return memory.stories.names(uris, until)

    def told_vectors(self, until: datetime) -> list[Array]:
        """Vectors of the leads of the last days' entries."""
        with self.store.begin(self.horizon) as memory:
            digests = memory.digests.since(until - timedelta(days=ECHO_DAYS))
            items = memory.items.all([entry.lead for digest in digests for entry in digest.entries])
            return list(memory.vectors.get(self.embedder.name, [item.id for item in items.values()]).values())

    def items(self, uris: Collection[str]) -> tuple[list[Item], dict[int, Array]]:
        """Items, oldest first, with their vectors."""
        with self.store.begin(self.horizon) as memory:
            found = sorted(memory.items.all(uris).values(), key=lambda item: (item.created_at, item.uri))
            vectors = memory.vectors.get(self.embedder.name, [item.id for item in found])
        return found, vectors

    def pile(self, uris: Iterable[str], until: datetime) -> Pile:
        """Items with their vectors and shares."""
        shares: dict[str, list[Share]] = defaultdict(list)
        with self.store.begin(self.horizon) as memory:
            items = memory.items.all(uris)
            for share in memory.shares.of(items):
                if share.account != self.owner_uri and share.at <= until:
                    shares[share.item].append(share)
        return self._piled(items.values(), shares)

    def _piled(self, items: Collection[Item], shares: Mapping[str, Sequence[Share]]) -> Pile:
        with self.store.begin(self.horizon) as memory:
            vectors = memory.vectors.get(self.embedder.name, [item.id for item in items])
        found = {item.uri: item for item in items}
        return Pile(found, vectors, {uri: shares[uri] for uri in found if uri in shares})

    def known(self, stories: Sequence[Story], until: datetime) -> Known:
        """What the ledger says of these stories."""
        with self.store.begin(self.horizon) as memory:
            return Known(
                items=memory.seen.known("item", {uri for story in stories for uri in story.items}),
                links=memory.seen.known("link", {link for story in stories for link in story.links}),
                threads=memory.seen.known("thread", {ref for story in stories for ref in story.threads}),
                marker=memory.seen.marker("home") if self.home_marker else None,
                told=tuple(e for d in memory.digests.since(until - timedelta(days=TOLD_DAYS)) for e in d.entries),
            )

    def followed(self) -> frozenset[str]:
        """Account.uri of everybody whom the owner follows."""
        with self.store.begin(self.horizon) as memory:
            return frozenset(uri for uri, account in memory.accounts.all().items() if account.followed)

    def circumstances(self, now: datetime, taste: Taste | None = None) -> Circumstances:
        """What all candidates are judged by at an instant: wishes, rates, languages, and a taste if not the owner's."""
        taste = self.past(now).taste() if taste is None else taste
        with self.store.begin(self.horizon) as memory:
            standing = mild_interests(facts(note.text for note in memory.notes.all()))
            interests = {topic: fact.weight for topic, fact in standing.items()} | memory.rules.interests()
            told = {topic: fact.words for topic, fact in standing.items() if interests[topic] == fact.weight}
            accounts = memory.accounts.all()
            rates = memory.shares.daily_rates(now - timedelta(days=RATE_DAYS), now)
            lately = memory.shares.between(now - timedelta(days=RATE_DAYS), now)
        topics = dict(zip(interests, self.embedder.embed(list(interests)), strict=True)) if interests else {}
        languages = self.understood(taste)
        friends = circles(share for share in lately if share.account != self.owner_uri)
        usually = self._topics([share for share in lately if share.at <= now - timedelta(days=1)], now)
        common = (now, taste, accounts, rates, interests, topics, languages, told, self.weights)
        return Circumstances(*common, circles=friends, usually=usually)

    def understood(self, taste: Taste) -> frozenset[str]:
        """The languages that the owner reads; none: unknown."""
        return self.languages or _languages(taste)

    def _topics(self, before: Sequence[Share], now: datetime) -> Topics:
        """How often what was shared, of the latest things from before the last day."""
        latest = list(dict.fromkeys(share.item for share in reversed(before)))[:MOST_ON_TOPICS]
        with self.store.begin(self.horizon) as memory:
            around = memory.shares.items_between(now - timedelta(days=RATE_DAYS), now - timedelta(days=1))
            numbers = {uri: around[uri] for uri in latest if uri in around}
            vectors = memory.vectors.get(self.embedder.name, sorted(numbers.values()))
        first = min((share.at for share in before if share.item in numbers), default=now)
        return topics_of(numbers, vectors, before, (now - first).total_seconds() / 86400 - 1)

    def latest_feedback(self, channel: str, now: datetime) -> Callable[[Reaction], bool] | None:
        """Which reactions are feedback since the last digest of a channel; None when there was none."""
        with self.store.begin(self.horizon) as memory:
            last = memory.digests.latest(channel)
            reactions = memory.reactions.all()

        def is_new(reaction: Reaction) -> bool:
            return last is not None and reaction.kind in FEEDBACK and last.made_at <= reaction.at <= now

        return is_new if any(map(is_new, reactions)) else None

    def ready(self, stories: Sequence[Story], until: datetime, pile: Pile | None = None) -> list[Candidate]:
        """Stories with all that ranking has to know of them; those without a text that has a vector are left out."""
        pile = pile or self.pile({uri for story in stories for uri in story.items}, until)
        known = self.known(stories, until)
        return [found for story in stories if (found := _candidate(story, pile, known)) is not None]

    def judgements(self, run: str) -> dict[str, Judgement]:
        """Item.uri → what a chat model has said of it in a run."""
        with self.store.begin() as memory:
            return memory.judgements.of_run(run)

    def taste(self, memory: Memory, now: datetime, without: Callable[[Reaction], bool] = lambda r: False) -> Taste:
        """The owner's taste at an instant, as it is or as it would be without some reactions."""
        return self._past(memory, now).taste(without)

    def past(self, now: datetime, read: Pile | None = None) -> Past:
        """What taste at an instant is made of; what was ``read`` a moment ago is not read again."""
        with self.store.begin(self.horizon) as memory:
            return self._past(memory, now, read)

    def _past(self, memory: Memory, now: datetime, read: Pile | None = None) -> Past:
        return gathered(memory, now, self.owner_uri, self.embedder.name, self.home_marker, read or Pile())


def _candidate(story: Story, pile: Pile, known: Known) -> Candidate | None:
    items = [pile.items[uri] for uri in story.items if uri in pile.items]
    rows = voice(items, pile.vectors)
    if not rows or story.lead not in pile.items:
        return None
    middle = np.sum(rows, axis=0)
    vector = (middle / (np.linalg.norm(middle) + 1e-9)).astype(np.float32)
    shares = [share for uri in story.items for share in pile.shares.get(uri, ())]
    words = " ".join(part for item in items for part in (item.searchable, *item.tags))
    lead, first = pile.items[story.lead], first_shares(story, shares)
    return Candidate(story, lead, vector, words, first, novelty(story, shares, known))


def why_not(item: Item, sharers: Collection[str], rules: Sequence[Rule], owner_uri: str) -> str:
    """Why an item must not be told, by the owner's own rules; nothing when it may."""
    if item.author == owner_uri:
        return "your own"
    if item.visibility is Visibility.DIRECT:
        return "private messages"
    hidden = {rule.key for rule in rules if rule.kind in ("mute", "block")}
    if item.author in hidden or (sharers and hidden.issuperset(sharers)):
        return "muted or blocked accounts"
    if any(rule.kind == "thread" and rule.key == item.thread for rule in rules):
        return "muted threads"
    if any(rule.kind == "word" and _says(item, rule) for rule in rules):
        return "filtered words"
    return ""


def _says(item: Item, rule: Rule) -> bool:
    text = " ".join((item.searchable, *item.links, *(f"#{tag}" for tag in item.tags))).lower()
    word = re.escape(rule.key.lower())
    return re.search(rf"(?<!\w){word}(?!\w)" if rule.whole_word else word, text) is not None


def _languages(taste: Taste) -> frozenset[str]:
    counts = Counter(e.item.language[:2] for e in taste.examples if e.worth > 0 and e.item.language)
    return frozenset(language for language, count in counts.items() if count >= FEWEST_IN_LANGUAGE)
