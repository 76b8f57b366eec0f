"""SELF: what is known of the owner (deeds, taste in words and numbers, wishes, facts), and how to correct it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from agents.answer import Answer, Claim
from agents.answering import Means, Question
from agents.answering.network import who
from agents.taste import LIKES, Taste
from agents.telling import said
from memory.query import Hit
from memory.records import Account, Item, Kind

LATEST = 3
MOST_OTHERS, FEWEST_OTHERS = 1000, 50
"""How many posts that were passed over the liked ones are held against."""

TWICE = 2.0
WORDS_TOLD = 10
CORRECTED = (
    "To correct it: “/more rail” and “/less football” change what you want, “/mute @name” drops somebody, an answer of "
    "👍 or 👎 to an entry counts more than any like, “/forget” takes out a note or what you "
    "told me, and “magpie forget” takes out a post."
)
_DEEDS: Mapping[Kind, tuple[str, str]] = {
    Kind.LIKE: ("like", "likes"),
    Kind.BOOST: ("boost", "boosts"),
    Kind.BOOKMARK: ("bookmark", "bookmarks"),
    Kind.REPLY: ("answer", "answers"),
    Kind.AUTHORED: ("post or note of your own", "posts and notes of your own"),
    Kind.MORE: ("👍", "times 👍"),
    Kind.LESS: ("👎", "times 👎"),
    Kind.SAVE: ("saved entry", "saved entries"),
    Kind.MUTE: ("muted author", "muted authors"),
}
"""One of them, and several."""


def oneself(means: Means, question: Question) -> Answer:
    """Sentences on the owner; the posts that were liked last bear out the taste."""
    past = means.reading.past(means.now())
    taste, accounts = past.taste(), means.accounts()
    deeds = Counter(reaction.kind for reaction in past.reactions)
    liked = [r.item for r in reversed(past.reactions) if r.kind in LIKES and r.item in past.items]
    latest = [past.items[uri] for uri in dict.fromkeys(liked)][:LATEST]
    numbers = tuple(range(1, len(latest) + 1))
    others = means.items([uri for uri in past.around if uri not in past.items][:MOST_OTHERS])
    if len(others) < FEWEST_OTHERS:  # nothing was collected lately: what was before has to do
        newest = (hit.item for hit in means.archive.newest(MOST_OTHERS + len(past.items)))
        others = [item for item in newest if item.uri not in past.items][:MOST_OTHERS]
    with means.store.begin() as memory:
        interests = memory.rules.interests()
        notes = len(memory.notes.all())
    told = [
        (_deeds(deeds), ()),
        (_topics([item for uri in dict.fromkeys(liked) if means.may_tell(item := past.items[uri])], others), numbers),
        (_authors(taste, accounts), ()),
        (wishes(interests), ()),
        *((f"You want it to be known: {fact.rstrip('.')}.", ()) for fact in means.facts()),
        (f"You have told me {notes} {'note' if notes == 1 else 'notes'}: “/notes” lists them." if notes else "", ()),
        (CORRECTED, ()),
    ]
    claims = tuple(Claim(text, cites) for text, cites in told if text)
    return Answer(question.understood, claims, tuple(Hit(item, 1.0, ("liked",)) for item in latest))


def _deeds(deeds: Counter[Kind]) -> str:
    counted = ", ".join(f"{deeds[kind]} {names[deeds[kind] > 1]}" for kind, names in _DEEDS.items() if deeds[kind])
    return f"Of you I know {counted}." if counted else "Of you I know nothing yet: no likes, no posts, no answers."


def _topics(liked: Sequence[Item], others: Sequence[Item]) -> str:
    """Words that are more common in what was liked than in what was passed over, with the number of liked posts."""
    mine, theirs = said(liked), said(others)
    share = {word: (n / len(liked)) / ((theirs[word] + 1) / (len(others) + 1)) for word, n in mine.items() if n > 1}
    common = sorted((word for word in share if share[word] >= TWICE), key=lambda word: (-mine[word], word))
    told = ", ".join(f"{word} ({mine[word]})" for word in common[:WORDS_TOLD])
    return f"Words that you like more often than others use them, with the number of posts: {told}." if told else ""


def _authors(taste: Taste, accounts: Mapping[str, Account]) -> str:
    best = sorted((pair for pair in taste.authors.items() if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))[:5]
    told = ", ".join(f"{who(accounts, [uri])} {value:+.2f}" for uri, value in best)
    return f"Whom you like to read, from -1 to +1: {told}." if told else ""


def wishes(interests: Mapping[str, float]) -> str:
    """What the owner has asked for, in a sentence; nothing, where that is nothing."""
    told = ", ".join(f"{topic} {weight:+.1f}" for topic, weight in sorted(interests.items(), key=lambda p: -p[1]))
    return f"What you told me you want, from -1 to +1: {told}." if told else ""
