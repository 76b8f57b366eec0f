"""SUMMARISE: a thread, or what a link leads to, by the sentences that stand in the middle of it.

Of a topic that no thread and no long text is about, the best passages are what there is to be said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from agents import words as said
from agents.answer import Answer, Claim
from agents.answering import SHOWN, Means, Question
from agents.answering.finding import find
from agents.answering.network import who
from agents.answering.passages import shortened, stems
from agents.answering.relevance import related
from agents.extract import lead_sentence, shorten
from memory.query import Hit, Passage
from memory.records import Item
from tools.links import canonical

MOST_POSTS = 40
MOST_SENTENCES = 60
FEWEST_LETTERS = 25
HINT = "I do not know what you mean: answer to the post, or give its link; it must be in your archive."
UNKNOWN = "{} is not in your archive: I know neither what stands there nor a post that links there."
_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,:;!?)]")
_THIS = re.compile(r"\b(?:this|that|it|these|those|dies\w*|das|es|ça|cela|ce|cette|est[eao]|eso)\b", re.IGNORECASE)


def summed_up(means: Means, question: Question) -> Answer:
    """The most central sentences, in the order in which they were written."""
    items = _pointed_at(means, question) or _on_topic(means, question)
    if not items and stems(question.understood.text) and not _ADDRESS.search(question.text):
        return find(means, question)
    if not items:
        unknown = _ADDRESS.findall(question.text)
        hint = UNKNOWN.format(unknown[0]) if unknown and question.entry is None else HINT
        return Answer(question.understood, notes=(hint,))
    if len(items) > 1:
        return _thread(means, question, items[:MOST_POSTS])
    return _text(means, question, items[0])


def _thread(means: Means, question: Question, items: Sequence[Item]) -> Answer:
    leads = {item.uri: lead_sentence(item.searchable) for item in items}
    saying = [item for item in items if leads[item.uri]]
    chosen = _central(means, [leads[item.uri] for item in saying])
    kept, accounts = [saying[place] for place in chosen], means.accounts()
    authors = list(dict.fromkeys(item.author for item in items))
    told = "the most telling" if len(kept) < len(saying) else "these"
    head = Claim(f"{len(items)} posts by {who(accounts, authors)}; {told} are:", tuple(range(1, len(kept) + 1)))
    return Answer(question.understood, (head,), tuple(_led(item) for item in kept))


def _led(item: Item) -> Hit:
    """The item with the first words that say something."""
    return shortened(Hit(item, 1.0, ("thread",)), lead_sentence(item.searchable))


def _text(means: Means, question: Question, item: Item) -> Answer:
    text = item.text.strip() or item.searchable
    sentences = [text[begin:end].strip() for begin, end in said.sentences(text)][:MOST_SENTENCES]
    telling = [one for one in dict.fromkeys(sentences) if _letters(one) >= FEWEST_LETTERS] or sentences
    claims = tuple(Claim(f"“{shorten(telling[place], 240)}”", (1,)) for place in _central(means, telling))
    bare = Hit(item, 1.0, ("asked for",), Passage(item.uri, 0, 0, 0, ""))  # its words are in the claims
    return Answer(question.understood, claims, (bare,))


def _letters(sentence: str) -> int:
    """How many it has besides addresses: a bare one says nothing."""
    return sum(map(str.isalpha, _ADDRESS.sub("", sentence)))


def _central(means: Means, texts: Sequence[str]) -> list[int]:
    """Places, in order, of the few texts nearest to the middle of all of them; the first is always among them."""
    if len(texts) <= SHOWN:
        return list(range(len(texts)))
    rows = means.reading.embedder.embed(list(texts))
    nearness = rows @ rows.mean(axis=0)
    best = [int(place) for place in np.argsort(-nearness, kind="stable") if place]
    return sorted([0, *best[: SHOWN - 1]])


def _pointed_at(means: Means, question: Question) -> list[Item]:
    """The item of a link in the question; else what the owner answers to, or points at."""
    item = _linked(means, question.text)
    if item is None and question.entry is None and _ADDRESS.search(question.text):
        return []
    if item is None:
        points = question.before[:1] if _THIS.search(question.text) else ()
        item = next(iter(means.items([question.entry.lead] if question.entry else list(points))), None)
    return _whole(means, item) if item else []


def _on_topic(means: Means, question: Question) -> list[Item]:
    """The thread or the long text that the best hit is of; nothing where that is as short as a passage."""
    asked = question.understood
    if question.entry or _ADDRESS.search(question.text):
        return []
    hits = means.search(asked.text, 1, asked.filters)
    if not related(means.reading.embedder, asked.text, hits):
        return []
    found = _whole(means, hits[0].item)
    return found if len(found) > 1 or len(said.sentences(found[0].searchable)) > SHOWN else []


def _whole(means: Means, item: Item) -> list[Item]:
    """All of the thread of a post, or the item alone."""
    if item.kind != "post":
        return [item]
    with means.store.begin() as memory:
        return memory.items.in_thread(item.thread or item.ref) or [item]


def _linked(means: Means, text: str) -> Item | None:
    """The article that a link leads to if it was fetched, or the post that has that address or links there."""
    for url in _ADDRESS.findall(text):
        with means.store.begin() as memory:
            found = memory.items.at(url, canonical(url))
        if found:
            return max(found, key=lambda item: (item.kind == "article", len(item.searchable)))
    return None
