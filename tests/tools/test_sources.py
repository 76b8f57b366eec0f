"""The contract of all sources; each has a folder of its name in fixtures/sources, with sound.toml and damaged.toml."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from config.errors import ConfigError
from memory.records import Evidence, Fetched, Visibility
from memory.store import Store
from tests.tools.recorded import NOW, cursor_after, fetched, items, kinds, source
from tools.sources import SourceError

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = {
    kind: set(re.findall(r'"(\w+)"', re.search(r"Options\.of\(([^)]+)\)", code)[1])) - {kind}  # type: ignore[index]
    for kind in kinds()
    for code in [(ROOT / "tools" / "sources" / f"{kind}.py").read_text("utf-8")]
}


@pytest.mark.parametrize("kind", kinds())
def test_items_have_what_an_item_needs(kind: str) -> None:
    steps = fetched(source(kind))
    assert items(steps)
    known = {account.uri: account for step in steps for account in step.accounts}
    for item in items(steps):
        assert ":" in item.uri and item.uri.isascii() and not set(item.uri) & set(' \n<>"')
        assert item.ref and item.source and item.kind
        assert known[item.author].handle.count("@") == 1
        assert item.created_at.utcoffset() == timedelta(0)
        assert datetime(1990, 1, 1, tzinfo=UTC) < item.created_at <= NOW
        assert item.searchable.strip() and "\x00" not in item.searchable
        assert isinstance(item.visibility, Visibility)
        assert all(link.startswith(("http://", "https://")) for link in item.links)


@pytest.mark.parametrize("kind", kinds())
def test_whoever_shares_comes_along_and_is_followed(kind: str) -> None:
    steps = fetched(source(kind))
    shares = [(step, share) for step in steps for share in step.shares]
    assert shares
    followed = {account.uri for step in steps for account in step.accounts if account.followed}
    for step, share in shares:
        told = {item.uri for item in (step.item, step.quoted) if item}
        assert share.item in told
        assert share.at.utcoffset() == timedelta(0)
        assert share.account in followed


@pytest.mark.parametrize("kind", kinds())
def test_what_the_owner_did_is_seen(kind: str) -> None:
    for step in fetched(source(kind)):
        assert bool(step.reactions) == bool(step.seen)
        assert {fact.evidence for fact in step.seen} <= {Evidence.AUTHORED, Evidence.REACTED, Evidence.REPLIED}
        assert not (step.reactions and step.shares)  # no digest tells the owner of it


@pytest.mark.parametrize("kind", kinds())
def test_a_damaged_row_is_an_error_and_the_stream_goes_on(kind: str) -> None:
    steps = list(source(kind, "damaged").fetch(None))
    told = [str(step) for step in steps if isinstance(step, SourceError)]
    assert told and [item.title or item.text for item in items([s for s in steps if isinstance(s, Fetched)])]
    for sentence in told:
        assert sentence.endswith(".") and "\n" not in sentence and "Traceback" not in sentence


@pytest.mark.parametrize("kind", kinds())
def test_what_was_told_is_not_told_again(kind: str) -> None:
    first = fetched(source(kind))
    again = fetched(source(kind), cursor_after(first))
    assert items(again) == []
    assert [step for step in again if step.shares or step.reactions] == []


@pytest.mark.parametrize("kind", kinds())
def test_collecting_twice_is_collecting_once(kind: str, collector: Collector, store: Store) -> None:
    counts = []
    for _ in range(2):
        with store.begin() as memory:
            memory.sources.move(source(kind).name, {})
        log = collector.collect([source(kind)])
        assert log.failures == []
        with store.begin() as memory:
            counts.append((memory.items.count(), len(memory.reactions.all())))
    assert counts[0] == counts[1] and counts[0][0] > 0


@pytest.mark.parametrize("kind", kinds())
def test_reading_anew_without_a_cursor_changes_nothing(kind: str, collector: Collector, store: Store) -> None:
    collector.collect([source(kind)])
    with store.begin() as memory:
        before = memory.items.count()
        for feed in memory.sources.cursor(source(kind).name):
            memory.sources.move(source(kind).name, {feed: ""})
    log = collector.collect([source(kind)])
    with store.begin() as memory:
        assert memory.items.count() == before
    assert (log.counts["new"], log.counts["edited"]) == (0, 0)


@pytest.mark.parametrize("kind", kinds())
def test_a_misspelt_setting_is_refused(kind: str) -> None:
    with pytest.raises(ConfigError, match="chanels"):
        source(kind, chanels=["x"])


def test_the_readme_names_every_source_and_its_settings() -> None:
    rows = re.findall(r'^\| `"(\w+)"` \| (.+) \|$', README.partition("**Sources.**")[2], re.M)
    told = {kind: set(re.findall(r"`([a-z_]+)(?: = [^`]+)?`", row)) for kind, row in rows}
    assert {*kinds(), "mastodon"} <= set(told)
    for kind in kinds():
        assert told[kind] - {"youtube", "community"} == SETTINGS[kind], kind
