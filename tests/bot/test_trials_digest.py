"""Magpie in the simulated town: digests by the product's own path, answers, lessons, and the table of it all."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.ranking import FACTORS
from bot.cli import evaluate
from bot.trials import learning
from bot.trials.digest import ANSWERED, MAGPIE, NEWCOMER_ANSWERED, Trial, lived, outcomes
from bot.trials.learning import Lesson
from bot.trials.life import CHANNEL, Life, Way
from bot.trials.plot import draw, smoothed, svg
from bot.trials.stars import read
from bot.trials.table import lines, tabled
from bot.trials.town import build
from config.errors import ConfigError, SourceError
from memory.records import Kind
from tests.bot.stargazers import FIELDS, PLAN, WORDS, field_of, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("stars"))


@pytest.fixture(scope="module")
def settled(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    return a_life(folder, tmp_path_factory.mktemp("life"), Way("settled"))


def a_life(folder: Path, room: Path, way: Way) -> Life:
    stars = read(folder)
    life = Life(build(stars, "p00", PLAN), stars.texts, WORDS, room, way)
    life.settle()
    return life


def kinds(life: Life) -> set[Kind]:
    with life.store.begin() as memory:
        return {reaction.kind for reaction in memory.reactions.all()}


def test_a_digest_a_day_is_kept_and_nothing_is_told_twice(settled: Life, tmp_path: Path) -> None:
    life = settled.moved(MAGPIE, tmp_path / "life")
    told = lived(life)
    assert len(told.days) == life.town.days and all(5 <= len(day) <= 10 for day in told.days)
    items = [row.item for day in told.days for row in day]
    assert len(set(items)) == len(items)
    with life.store.begin() as memory:
        assert memory.digests.latest(CHANNEL) is not None
    assert kinds(life) == {Kind.LIKE}


def test_nothing_is_told_that_the_owner_has_starred(settled: Life, tmp_path: Path) -> None:
    life = settled.moved(MAGPIE, tmp_path / "life")
    for digest in life.digests():
        starred = {f"https://stars.example/{met.item}" for at, met in life.town.likes if at <= life.clock}
        assert starred.isdisjoint(link for entry in digest.entries for link in entry.links)


def test_nothing_is_told_before_it_is_posted(settled: Life, tmp_path: Path) -> None:
    life = settled.moved(MAGPIE, tmp_path / "life")
    posted = {life.names.item(one).uri: one.at for one in life.town.posts}
    for digest in life.digests():
        assert all(posted[uri] <= life.clock for entry in digest.entries for uri in entry.items)


def test_whoever_does_not_remember_tells_things_again(settled: Life, tmp_path: Path) -> None:
    told = lived(settled.moved(Way("forgetful", remembers=False), tmp_path / "life"))
    items = [row.item for day in told.days for row in day]
    assert len(set(items)) < len(items)


def test_a_factor_that_weighs_nothing_gives_no_points(settled: Life, tmp_path: Path) -> None:
    def points(name: str, **weights: float) -> set[float]:
        life = settled.moved(Way(name, weights, floor=-9.0), tmp_path / name)
        digest = next(life.digests())
        life.store.close()
        assert all(len(entry.factors) == len(FACTORS) for entry in digest.entries)
        return {factor.points for entry in digest.entries for factor in entry.factors if factor.name == "network"}

    assert points("without", network=0) == {0.0}
    plain = points("plain")
    assert min(plain) > 0
    assert max(points("twice", network=2)) > max(plain)


def test_a_thumb_goes_up_for_what_will_be_starred_alone(settled: Life, tmp_path: Path) -> None:
    life = settled.moved(ANSWERED, tmp_path / "life")
    told = lived(life)
    with life.store.begin() as memory:
        up = {reaction.item for reaction in memory.reactions.all() if reaction.kind is Kind.MORE}
    assert up
    assert {uri.rpartition("/")[2] for uri in up} == {row.item for day in told.days for row in day if row.wanted}


def test_a_newcomers_memory_knows_no_stars(folder: Path, tmp_path: Path) -> None:
    life = a_life(folder, tmp_path, NEWCOMER_ANSWERED)
    next(life.digests())
    assert kinds(life) == set()


@pytest.fixture
def lesson(settled: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lesson:
    monkeypatch.setattr(learning, "FEW", 2)
    monkeypatch.setattr(learning, "MANY", 4)
    topics = {item: list(FIELDS).index(field_of(item)) for item in settled.texts}
    return Lesson(settled.moved(Way("pupil"), tmp_path / "pupil"), topics, 0)


def test_thumbs_up_are_counted_until_the_topic_is_there(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter([[], [], ["an entry"]])
    monkeypatch.setattr(Lesson, "_entries", lambda self, digest: next(shown))
    assert lesson.learnt().emoji == 2
    assert Kind.MORE in kinds(lesson.life)


def test_thumbs_down_are_given_to_entries_until_none_is_there(lesson: Lesson) -> None:
    speed = lesson.unlearnt()
    with lesson.life.store.begin() as memory:
        down = [reaction for reaction in memory.reactions.all() if reaction.kind is Kind.LESS]
    assert speed is not None and speed.emoji in (None, len(down))
    assert all(field_of(reaction.item.rpartition("/")[2]) == "bees" for reaction in down)


def test_topics_are_made_of_what_lies_near() -> None:
    texts = {f"{name}-{number}": f"{name} {words}" for name, words in FIELDS.items() for number in range(3)}
    topics = learning.topics_of(texts, WORDS, count=3)
    assert len({(field_of(item), topic) for item, topic in topics.items()}) == len(set(topics.values())) == 3


@pytest.fixture(scope="module")
def table(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    ways = (MAGPIE, Way("without novelty", remembers=False))
    trial = Trial(folder, tmp_path_factory.mktemp("kept") / "v.npz", PLAN, ways, lessons=False)
    return tabled(outcomes(trial, 2, 1, lambda what, done: None, WORDS))


def test_the_table_holds_every_way_and_peer(table: dict[str, object]) -> None:
    rows = lines(table)
    assert [row[0] for row in rows] == ["D", "A", "P", "S", "L", "Magpie", "without novelty"]
    assert json.loads(json.dumps(table))["owners"] == ["p00", "p01"]


def test_among_people_of_one_mind_magpie_is_before_the_peers(table: dict[str, object]) -> None:
    """In this town a person's field says nearly all, and no peer looks at words."""
    ways = json.loads(json.dumps(table))["ways"]
    best = max(ways[name]["precision@10"][0] for name in "DAPSL")
    assert ways["Magpie"]["precision@10"][0] > best
    assert ways["Magpie"]["repeats"][0] == 0 < ways["without novelty"]["repeats"][0]


def test_a_folder_without_an_owner_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nobody with stars enough"):
        outcomes(Trial(folder, tmp_path / "v.npz"), 0, 1, lambda what, done: None, WORDS)


def test_the_command_writes_the_table_and_the_curve(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trials.town.Plan", lambda days: PLAN)
    monkeypatch.setattr("bot.trials.digest.SentenceEmbedder", lambda: WORDS)
    monkeypatch.setattr("bot.trials.digest.Trial", partial(Trial, ways=(MAGPIE,), lessons=False))
    out, plot = tmp_path / "table.json", tmp_path / "curve.html"
    some = shutil.copytree(folder, tmp_path / "some")
    likes = json.loads((some / "likes.json").read_text("utf-8"))
    likes["p07"].append(["bees-999", "2025-01-02"])
    (some / "likes.json").write_text(json.dumps(likes), encoding="utf-8")
    told = CliRunner().invoke(
        evaluate.evaluate,
        ["digest", str(some), "--out", str(out), "--owners", "1", "--plot", str(plot), "--workers", "1"],
    )
    assert told.exit_code == 0, told.output
    assert f"Likes of items that {some}/items.jsonl does not have, left out: 1." in told.stderr.replace("\n", "")
    assert json.loads(out.read_text("utf-8"))["best peer"] in "DAPSL"
    assert plot.read_text("utf-8").count("<polyline") == 1


def test_a_curve_is_drawn_for_each_way_and_its_name_is_no_markup(tmp_path: Path) -> None:
    draw({"a <b>": [(0.1, 0.0), (0.2, 0.0)], "c": [(0.3, 0.1)], "none": []}, tmp_path / "x.svg", "title")
    drawn = (tmp_path / "x.svg").read_text("utf-8")
    assert drawn.count("<polyline") == 2 and "a &lt;b&gt;" in drawn and "<b>" not in drawn
    assert svg({}, "nothing").endswith("</svg>")


def test_single_days_are_smoothed() -> None:
    assert smoothed([(0.0, 1.0), (0.3, 1.0), (0.6, 1.0), (0.9, 1.0)]) == pytest.approx([0.3, 0.45, 0.45, 0.6])


@pytest.mark.parametrize("name", ["curve.gif", "curve"])
def test_a_picture_of_another_kind_is_refused_before_the_trial(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"let its name end in \.html"):
        draw({}, tmp_path / name, "title")
