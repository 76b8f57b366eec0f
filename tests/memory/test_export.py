"""What is exported and taken in again gives the same answers."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.taste import fit
from agents.taste.examples import examples
from bot.build import Magpie
from config.errors import StoreError
from config.settings import parse
from memory.keeping.export import export, records
from memory.keeping.forms import FORMS
from memory.keeping.taking_in import take_in
from memory.records import Message, Occasion, State
from memory.schema import metadata
from memory.store import Store
from memory.store.judgements import Judgement
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, OWNER, HashedWords, Pigeon, account, post, ref, words
from tools.sources.sample import SampleSource
from tools.sources.sample_network import Network, SampleWeb

NETWORK = Network()
EVENING = NETWORK.instant("1 21:00")
QUERIES = ("night trains", "bees and honey", "municipal election", "a soup recipe", "the tram")


def magpie(data: Path, now: Callable[[], Any] = lambda: EVENING) -> Magpie:
    owner = {"handle": NETWORK.handle(NETWORK.owner), "time_zone": "Europe/London", "interests": "more on rail"}
    return Magpie(
        parse({"owner": owner, "data": str(data), "model": {"kind": "none"}}),
        now=now,
        given_sources=[SampleSource(now, NETWORK)],
        given_channel=Pigeon(),
        given_embedder=HashedWords(),
        given_web=SampleWeb(),
        alone=False,
    )


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a Magpie that has lived a day of the sample."""
    data = tmp_path_factory.mktemp("lived")
    Store.open(data / "magpie.db", NETWORK.handle(NETWORK.owner)).close()  # whoever is not alone makes none
    clock = [NETWORK.instant("1 12:00")]
    one = magpie(data, lambda: clock[0])
    made = one.editor
    one.collector.collect(one.sources)
    made.digest("pigeon")
    one.speak()
    one.home.router.handle(
        [Message("pigeon", "1 👍", clock[0], "m1", cursor="1"), Message("pigeon", "/more bees", clock[0])]
    )
    one.home.router.handle([Message("pigeon", "what of the bees?", clock[0], "m2", cursor="2")])
    clock[0] = EVENING
    one.collector.collect(one.sources)
    with one.store.begin() as memory:
        memory.preferences.choose("greeting", ["hello"], NOW)
        memory.occasions.settle(Occasion("pigeon", NOW.date(), 0, State.QUIET, NOW, "a quiet day"))
        run = memory.runs.begin("collect", NOW)
        memory.runs.log_call(ModelCall(run, NOW, "p", 1, "tiny", ("u",), ("hello",), "", "", 1, 1, 0.1))
        hello = next(iter(memory.items.by_id(range(20, 30)).values()))
        memory.items.keep(hello, NOW, indexable=False)
        memory.chaff.lay_aside(hello.uri, "a greeting")
        memory.stories.keep({hello.uri: "a thread"}, NOW)
        memory.judgements.keep([Judgement(run, NOW, hello.uri, "tiny", 1, 7.0)])
        memory.items.purge(next(iter(memory.items.by_id(range(9)).values())).ref, NOW)
        memory.outbox.queue("pigeon", words("late", "still waiting"), NOW)
    one.store.close()
    return data


@pytest.fixture(scope="module")
def mine(lived: Path) -> Iterator[Magpie]:
    """The Magpie that has lived; nobody tells it anything more."""
    one = magpie(lived)
    yield one
    one.store.close()


@pytest.fixture(scope="module")
def exported(mine: Magpie, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that it knows, as a file."""
    return export(mine.store, tmp_path_factory.mktemp("exported"), NOW)[0]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """A memory of the same owner that knows nothing yet."""
    opened = Store.open(tmp_path / "other" / "magpie.db", NETWORK.handle(NETWORK.owner))
    yield opened
    opened.close()


def living(store: Store) -> Magpie:
    """The Magpie with that memory."""
    return magpie(store.path.parent)


def found(one: Magpie) -> list[Any]:
    return [[(hit.item.uri, round(hit.score, 9), hit.ways) for hit in one.archive.search(query)] for query in QUERIES]


def told(one: Magpie) -> Any:
    made = one.editor.preview("pigeon")
    return [(entry.number, entry.lead, entry.items, entry.factors, entry.reasons) for entry in made.entries], made.notes


def wanted(one: Magpie) -> list[float]:
    with one.store.begin() as memory:
        liked = memory.reactions.all()
        items = memory.items.all({reaction.item for reaction in liked})
        vectors = memory.vectors.get(one.embedder.name, [item.id for item in items.values()])
    taste = fit(examples(liked, items, vectors, EVENING))
    return [round(taste.likes(row), 9) for row in HashedWords().embed(QUERIES)]


def untimed(store: Store) -> list[dict[str, Any]]:
    """All records but for what is cancelled on the way."""
    return [
        {key: value for key, value in record.items() if (record["noun"], key) != ("outgoing", "state")}
        for record in records(store, NOW)
    ]


def test_an_import_into_an_empty_memory_gives_the_same_answers(mine: Magpie, exported: Path, empty: Store) -> None:
    taken = take_in(empty, exported)
    assert taken.faults == []
    assert min(taken.new[form.noun] for form in FORMS if form.noun not in ("gap", "step")) > 0
    assert untimed(empty) == untimed(mine.store)
    other = living(empty)
    assert found(other) == found(mine)
    assert told(other) == told(mine)
    assert wanted(other) == wanted(mine)
    other.store.close()


def test_importing_twice_changes_nothing(mine: Magpie, exported: Path, empty: Store) -> None:
    take_in(empty, exported)
    before = list(records(empty, NOW))
    again = take_in(empty, exported)
    assert (again.new.total(), again.faults) == (0, [])
    assert list(records(empty, NOW)) == before


def test_without_vectors_the_texts_are_embedded_anew(mine: Magpie, empty: Store, tmp_path: Path) -> None:
    path, counts = export(mine.store, tmp_path / "all.jsonl", NOW, vectors=False)
    assert counts["vector"] == 0
    take_in(empty, path)
    other = living(empty)
    other.collector.collect([])
    assert found(other) == found(mine)
    other.store.close()


def test_a_damaged_line_is_told_by_its_number_and_no_other_is_lost(
    exported: Path, empty: Store, tmp_path: Path
) -> None:
    lines = exported.read_bytes().splitlines()
    seen = [number for number, line in enumerate(lines) if b'"noun":"seen"' in line]
    spoilt = {
        seen[0]: lines[seen[0]][:-5],
        seen[1]: b"\xff\xfe",
        seen[2]: b'{"noun":"cookie"}',
        seen[3]: lines[seen[3]].replace(b'"since":"', b'"since":"the '),
        seen[4]: b"[" * 100_000,
        seen[5]: lines[seen[5]].replace(b'"strength"', b'"strong"'),
        seen[6]: b'"seen"',
    }
    path = tmp_path / "all.jsonl"
    path.write_bytes(b"\n".join(spoilt.get(number, line) for number, line in enumerate(lines)))
    taken = take_in(empty, path)
    assert [fault.split(" was left out: ")[0] for fault in taken.faults] == [f"line {n + 1}" for n in spoilt]
    assert all(len(fault) < 300 for fault in taken.faults)
    assert taken.new["seen"] == len(seen) - len(spoilt)
    assert taken.new["item"] == sum(b'"noun":"item"' in line for line in lines)
    assert taken.new["cursor"] > 0


def first(exported: Path, noun: str) -> dict[str, Any]:
    with exported.open() as file:
        return next(row for row in map(json.loads, file) if row["noun"] == noun)


@pytest.mark.parametrize(
    ("noun", "change"),
    [
        ("item", {"visibility": "secret"}),
        ("item", {"links": 5}),
        ("item", {"media": [{"size": 1}]}),
        ("item", {"raw": []}),
        ("item", {"created_at": "2026-11-20T12:00:00"}),
        ("item", {"text": 7}),
        ("item", {"text": "\ud800"}),
        ("item", {"indexable": 1}),
        ("vector", {"vector": "AHw="}),  # not a number
        ("vector", {"vector": "not base64"}),
        ("vector", {"item": "https://nobody.example"}),
        ("share", {"how": "sung"}),
        ("seen", {"evidence": "rumour"}),
        ("entry", {"scored": {}}),
        ("entry", {"digest": ["2000-01-01", 0, "pigeon"]}),
        ("entry", {"digest": 7}),
        ("outgoing", {"payload": {"key": "k"}}),
        ("reaction", {"kind": "love"}),
        ("interest", {"weight": float("nan")}),
    ],
)
def test_what_a_memory_could_not_be_read_with_is_left_out(
    exported: Path, empty: Store, tmp_path: Path, noun: str, change: dict[str, Any]
) -> None:
    needed = {"vector": ["item"], "share": ["item"], "entry": ["digest"]}.get(noun, [])
    rows = [*(first(exported, name) for name in ("magpie", *needed)), first(exported, noun) | change]
    path = tmp_path / "one.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    taken = take_in(empty, path)
    assert [fault.split(":")[0] for fault in taken.faults] == [f"line {len(rows)} was left out"]
    assert taken.new.total() == len(needed)


def test_what_was_forgotten_does_not_come_back(store: Store, tmp_path: Path) -> None:
    with store.begin() as memory:
        memory.items.keep(post("a"), NOW)
        memory.items.keep(post("b"), NOW)
    path, _ = export(store, tmp_path / "all.jsonl", NOW)
    with store.begin() as memory:
        memory.items.purge(ref("a"), NOW)
    assert take_in(store, path).new["item"] == 0
    with store.begin() as memory:
        assert memory.items.count() == 1


def test_what_still_waited_is_not_said_from_two_places(mine: Magpie, exported: Path, empty: Store) -> None:
    take_in(empty, exported)
    with mine.store.begin() as memory:
        assert memory.outbox.waiting("pigeon")
    with empty.begin() as memory:
        assert memory.outbox.waiting("pigeon") == []


def test_every_table_is_exported_or_named_as_made_anew() -> None:
    told_of = {form.table.name for form in FORMS}
    of_items, made_anew = {"item_links"}, {"index_removals", "passages"}
    assert told_of | of_items | made_anew == set(metadata.tables)
    assert told_of.isdisjoint(of_items | made_anew)


def test_an_export_is_of_its_owner_alone_and_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    path, _ = export(store, tmp_path, NOW)
    assert path.name == "magpie-2026-11-20T120000Z.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="is there already: name another file"):
        export(store, path, NOW)


def test_an_export_holds_nothing_of_another_owner(mine: Magpie) -> None:
    stranger = Store(mine.store.engine, "you@home.example")
    assert [record["noun"] for record in records(stranger, NOW)] == ["magpie"]


def test_others_write_while_an_export_is_read(mine: Magpie) -> None:
    reading = records(mine.store, NOW)
    next(reading), next(reading)
    with Store(mine.store.engine, "guest@home.example").begin() as memory:
        memory.accounts.keep([account("newcomer")])
    assert "newcomer" not in json.dumps([record for record in reading if record["noun"] == "account"])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a shopping list", "is no export of Magpie"),
        ("", "is no export of Magpie"),
        ('{"noun": "item"}', "is no export of Magpie"),
        (f'{{"noun": "magpie", "format": 2, "owner": "{OWNER}"}}', r"a newer Magpie \(format 2\): update Magpie"),
        ('{"noun": "magpie", "format": 1, "owner": "you@x"}', r"is of you@x: import it with --of you@x if"),
    ],
)
def test_what_is_no_export_is_refused(store: Store, tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text(line)
    with pytest.raises(StoreError, match=sentence):
        take_in(store, path)


def test_who_has_moved_takes_everything_along(store: Store, tmp_path: Path) -> None:
    with store.begin() as memory:
        memory.items.keep(post("a"), NOW - HOUR)
    path, _ = export(store, tmp_path / "all.jsonl", NOW)
    moved = Store.open(tmp_path / "new.db", "me@new.example")
    assert take_in(moved, path, of=OWNER).new["item"] == 1
    with moved.begin() as memory:
        assert memory.items.get(post("a").uri) is not None
    moved.close()
