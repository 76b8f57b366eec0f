"""The sample network as a source."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from config.errors import ConfigError
from memory.records import Fetched, How, Item, Kind, Visibility
from tools.sources.sample import SampleSource, build
from tools.sources.sample_network import DAYS, Network, SampleWeb

NETWORK = Network()


def fetched(until: str, cursor: dict[str, str] | None = None) -> list[Fetched]:
    now = NETWORK.instant(until)
    steps = list(SampleSource(lambda: now, NETWORK).fetch(cursor))
    assert all(isinstance(step, Fetched) for step in steps)
    return [step for step in steps if isinstance(step, Fetched)]


@pytest.fixture(scope="module")
def everything() -> list[Fetched]:
    return fetched(f"{DAYS} 23:59")


@pytest.fixture(scope="module")
def items(everything: list[Fetched]) -> dict[str, Item]:
    return {step.item.uri: step.item for step in everything if step.item}


def test_it_is_large_enough_to_judge_by(items: dict[str, Item]) -> None:
    days = [row for row in NETWORK.posts.values() if row["id"].startswith("d") and "boost" not in row]
    assert len(NETWORK.accounts) >= 40
    assert len(days) >= 400
    assert len([n for n in Counter(row["lang"] for row in days).values() if n >= 10]) >= 4
    assert len(items) >= 400


def test_it_has_all_that_a_network_has(everything: list[Fetched], items: dict[str, Item]) -> None:
    shares = Counter(share.how for step in everything for share in step.shares)
    assert all(shares[how] for how in (How.POSTED, How.BOOSTED, How.REPLIED, How.QUOTED))
    for has in (
        lambda i: i.warning,
        lambda i: i.poll,
        lambda i: i.media and i.media[0].alt,
        lambda i: i.edited_at,
        lambda i: i.visibility is Visibility.FOLLOWERS,
        lambda i: i.reply_to,
        lambda i: i.quotes,
        lambda i: "ignore previous instructions" in i.searchable.lower(),
    ):
        assert any(has(item) for item in items.values())
    kinds = Counter(reaction.kind for step in everything for reaction in step.reactions)
    assert all(kinds[kind] for kind in (Kind.LIKE, Kind.BOOKMARK, Kind.BOOST, Kind.AUTHORED, Kind.REPLY))


def test_it_goes_on_where_its_cursor_stands(everything: list[Fetched]) -> None:
    first = fetched("2 12:00")
    rest = fetched(f"{DAYS} 23:59", dict(first[-1].cursor))
    assert [step.cursor for step in (*first, *rest)] == [step.cursor for step in everything]
    assert not fetched(f"{DAYS} 23:59", dict(everything[-1].cursor))


def test_a_deleted_post_is_told_as_gone_and_never_again(everything: list[Fetched]) -> None:
    gone = {ref for step in everything for ref in step.gone}
    assert gone
    assert not any(step.item and step.item.ref in gone for step in everything)
    deleted = next(row for row in NETWORK.posts.values() if "delete" in row)
    before = NETWORK.instant(deleted["delete"]) - timedelta(minutes=1)
    source = SampleSource(lambda: before, NETWORK)
    assert any(isinstance(step, Fetched) and step.item for step in source.recheck([NETWORK.ref(deleted["id"])]))
    later = replace(source, now=lambda: before + timedelta(minutes=2))
    assert [step.gone for step in later.recheck([NETWORK.ref(deleted["id"])]) if isinstance(step, Fetched)] == [
        (NETWORK.ref(deleted["id"]),)
    ]


def test_what_the_owner_wants_is_told_by_no_post(items: dict[str, Item]) -> None:
    assert not any({"want", "topic"} & set(item.raw) for item in items.values())


def test_every_short_link_leads_somewhere(items: dict[str, Item]) -> None:
    from tools.links import is_short

    short = {link for item in items.values() for link in item.links if is_short(link)}
    assert short
    assert all(SampleWeb().redirect(link) for link in short)


def test_it_has_no_settings() -> None:
    with pytest.raises(ConfigError, match="speed"):
        build({"speed": 2}, {})
