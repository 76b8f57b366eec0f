"""Chaff from end to end: collected, laid aside, counted, not told; and taken back when the owner wants it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.build import Magpie
from config.settings import parse
from memory.records import Consent, Item, Kind, Reaction
from tests.fakes import HOUR, NOW, OWNER, HashedWords, Pigeon, Village, account, post

Wired = Callable[..., Magpie]
LONG = "The old bridge over the river will be closed for two years from Monday on, says the council"


@pytest.fixture
def wired(tmp_path: Path, village: Village) -> Iterator[Wired]:
    made: list[Magpie] = []

    def build(**archive: Any) -> Magpie:
        table: dict[str, Any] = {"owner": {"handle": OWNER}, "data": str(tmp_path), "model": {"kind": "none"}}
        table |= {"digest": {"floor": -100}, "archive": archive}
        given: dict[str, Any] = {"given_sources": [village], "given_channel": Pigeon(), "given_web": None}
        made.append(Magpie(parse(table), now=lambda: NOW, given_embedder=HashedWords(), alone=False, **given))
        return made[-1]

    build().store.engine.dispose() if (tmp_path / "magpie.db").exists() else _begin(tmp_path)
    yield build
    for one in made:
        one.close()


def _begin(data: Path) -> None:
    from memory.store import Store

    Store.open(data / "magpie.db", OWNER).close()


def says(village: Village, name: str, text: str, *asks: Consent, by: str = "", **more: Any) -> Item:
    return village.posts(post(name, text, by=by or f"by{name}", at=NOW - HOUR, **more), *asks)


def aside(magpie: Magpie) -> list[str]:
    with magpie.store.begin() as memory:
        return sorted(uri.rsplit("/", 1)[1] for uri in memory.chaff.all(99))


def found(magpie: Magpie, query: str) -> list[str]:
    return sorted(hit.item.uri.rsplit("/", 1)[1] for hit in magpie.archive.search(query))


def test_chaff_is_counted_with_its_reason_and_neither_found_nor_told(wired: Wired, village: Village) -> None:
    says(village, "news", LONG)
    says(village, "hello", "Good morning everyone!")
    says(village, "prize", "Giveaway! Follow me and boost to win a bridge of cheese")
    says(village, "yes", "Yes", reply_to="news")
    magpie = wired()
    record = magpie.collector.collect([village])
    assert record.counts["laid aside: a greeting"] == record.counts["laid aside: a giveaway"] == 1
    assert aside(magpie) == ["hello", "prize", "yes"]
    assert found(magpie, "bridge") == ["news"] and "hello" not in found(magpie, "good morning")
    made = magpie.editor.digest("pigeon")
    assert [entry.lead.rsplit("/", 1)[1] for entry in made.entries] == ["news"]
    with magpie.store.begin() as memory:
        (run,) = memory.runs.latest("digest", 1)
        assert memory.items.count() == 4, "nothing is lost"
    assert run.counts["not worth telling: a greeting"] == 1  # type: ignore[attr-defined]
    assert len(magpie.embedder.asked) < 4  # type: ignore[attr-defined]


def test_the_same_post_seen_again_stays_aside_and_an_edited_one_is_looked_at_anew(
    wired: Wired, village: Village
) -> None:
    says(village, "hello", "Good morning everyone!")
    magpie = wired()
    magpie.collector.collect([village])
    says(village, "hello", "Good morning everyone!")
    assert not magpie.collector.collect([village]).counts["laid aside: a greeting"]
    assert aside(magpie) == ["hello"] and found(magpie, "morning") == []
    says(village, "hello", f"Good morning everyone! {LONG}")
    magpie.collector.collect([village])
    assert aside(magpie) == [] and found(magpie, "morning") == ["hello"]


def test_what_the_owner_likes_comes_back(wired: Wired, village: Village) -> None:
    hello = says(village, "hello", "Good morning everyone!")
    magpie = wired()
    magpie.collector.collect([village])
    village.tells(reactions=(Reaction(Kind.LIKE, NOW, hello.uri, event="e1"),))
    magpie.collector.collect([village])
    assert aside(magpie) == [] and found(magpie, "morning") == ["hello"]
    says(village, "hello", "Good morning everyone!")
    magpie.collector.collect([village])
    assert aside(magpie) == [], "also when it is seen again"


def test_the_owners_own_words_are_never_laid_aside(wired: Wired, village: Village) -> None:
    mine = says(village, "mine", "Good morning everyone!", by="me")
    village.steps[-1] = village.steps[-1].__class__(  # type: ignore[call-arg]
        item=mine, accounts=(account("me"),), reactions=(Reaction(Kind.AUTHORED, NOW, mine.uri, event="a1"),)
    )
    magpie = wired()
    magpie.collector.collect([village])
    assert aside(magpie) == [] and found(magpie, "morning") == ["mine"]


def test_without_the_sieve_all_is_searched_also_what_was_laid_aside_before(wired: Wired, village: Village) -> None:
    says(village, "hello", "Good morning everyone!")
    says(village, "shy", "Good morning all!", Consent.NOINDEX)
    magpie = wired()
    magpie.collector.collect([village])
    assert aside(magpie) == ["hello", "shy"]
    magpie.close()
    plain = wired(sift=False)
    says(village, "bye", "Good night!")
    plain.collector.collect([village])
    assert aside(plain) == [] and found(plain, "good") == ["bye", "hello"]
    assert len(plain.editor.preview("pigeon").entries) > 0


def test_a_second_look_before_a_digest_does_not_let_it_in(wired: Wired, village: Village) -> None:
    hello = says(village, "hello", "Good morning everyone!")
    magpie = wired()
    magpie.collector.collect([village])
    village.standing[hello.ref] = village.steps[0]  # type: ignore[assignment]
    magpie.collector.recheck(village, [hello.ref])
    assert aside(magpie) == ["hello"] and found(magpie, "morning") == []


def test_what_is_imported_is_never_laid_aside(wired: Wired, village: Village) -> None:
    from bot.jobs import run

    says(village, "hello", "Good morning everyone!")
    magpie = wired()
    with run(magpie.store, "import", lambda: NOW) as record:
        magpie.collector.take_in(village, village.fetch({}), record)
    assert aside(magpie) == [] and found(magpie, "morning") == ["hello"]
