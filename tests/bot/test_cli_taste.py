"""``magpie taste``: what is believed, in words, numbers and a picture."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from defusedxml import ElementTree
from typer.testing import CliRunner

from bot.build import Magpie
from bot.cli import app
from bot.taste_map import page
from config.errors import ConfigError
from config.settings import parse
from memory.keeping.embedding import embed_missing
from memory.records import Kind, Reaction
from tests.fakes import NOW, HashedWords, account, post

BEES = ("bees swarm at the old tower", "bees of the tower swarm again", "the tower where bees swarm")
MONTH = timedelta(days=31)


@pytest.fixture
def magpie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Magpie:
    """Three posts on bees were liked, a month apart, and one on football was not."""
    settings = parse({"owner": {"handle": "me@fedi.example"}, "data": str(tmp_path), "sources": []})
    magpie = Magpie(settings, lambda: NOW, given_embedder=HashedWords(), given_web=None)
    with magpie.store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob")])
        for place, text in enumerate((*BEES, "football <b>results</b>")):
            at, liked = NOW - (4 - place) * MONTH, place < 3
            memory.items.keep(post(f"p{place}", text, by="ann" if liked else "bob", at=at), at)
            kind = Kind.LIKE if liked else Kind.LESS
            memory.reactions.add(Reaction(kind, at, post(f"p{place}").uri, event=f"{place}"))
    embed_missing(magpie.store, magpie.embedder)
    beside = Magpie(settings, lambda: NOW, given_embedder=HashedWords(), given_web=None, alone=False)
    monkeypatch.setattr("bot.cli.taste.beside", lambda config: beside)
    return magpie


def said(*words: str) -> str:
    result = CliRunner().invoke(app, ["taste", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_it_says_topics_authors_and_words_how_sure_since_when_and_how_to_correct_it(magpie: Magpie) -> None:
    told = said()
    since = f"{NOW - 4 * MONTH:%Y-%m-%d}"
    assert told.startswith(f"From 3 that you liked, 0 of your own and 1 that you did not like, since {since}; ")
    assert any(text[:20] in told for text in BEES)
    assert "@ann@fedi.example" in told and "@bob@fedi.example" in told
    assert "“/more rail”" in told


def test_programs_get_the_same_as_json(magpie: Magpie) -> None:
    told = json.loads(said("--json"))
    (topic,) = told["topics"]
    assert (told["likes"], told["dislikes"], topic["count"]) == (3, 1, 3)
    assert "bees" in topic["words"] and topic["latest"] == f"{NOW - 2 * MONTH:%Y-%m-%d}"
    (unwanted,) = told["unwanted"]
    assert (unwanted["count"], unwanted["examples"]) == (1, [post("p3").uri])
    leanings = {author["value"]: author["leaning"] for author in told["authors"]}
    assert leanings["@ann@fedi.example"] > 0 > leanings["@bob@fedi.example"]


def test_own_posts_are_counted_apart_and_wishes_are_listed(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        own = post("mine", "my bees and the tower", by="me", at=NOW - MONTH)
        memory.items.keep(own, NOW - MONTH)
        memory.reactions.add(Reaction(Kind.AUTHORED, NOW - MONTH, own.uri, event="mine"))
        memory.rules.set_interest("rail", 1.0, NOW)
    embed_missing(magpie.store, magpie.embedder)
    assert "From 3 that you liked, 1 of your own" in said() and "rail +1.0" in said()
    assert json.loads(said("--json"))["wishes"] == {"rail": 1.0}


def test_neither_addresses_nor_function_words_of_any_language_are_believed_to_be_liked(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        for place in range(4):
            text = f"Bienen sind nicht {place} https://hives.example/{place}"
            memory.items.keep(post(f"q{place}", text, by="ann", at=NOW - MONTH), NOW)
            memory.reactions.add(Reaction(Kind.LIKE, NOW - MONTH, post(f"q{place}").uri, event=f"q{place}"))
    embed_missing(magpie.store, magpie.embedder)
    words = {word["value"]: word["leaning"] for word in json.loads(said("--json"))["words"]}
    assert words["bienen"] > 0
    assert words.keys().isdisjoint({"https", "hives", "example", "nicht", "sind"})


def test_the_map_has_a_circle_for_each_month_in_which_a_topic_was_liked(magpie: Magpie, tmp_path: Path) -> None:
    said("--map", str(tmp_path / "map.html"))
    drawn = (tmp_path / "map.html").read_text("utf-8")
    picture = ElementTree.fromstring(drawn[drawn.index("<svg") : drawn.index("</svg>") + 6])
    circles = [circle.findtext("title") for circle in picture.iter("circle")]
    assert circles == [f"1 in {NOW - ago * MONTH:%Y-%m}" for ago in (4, 3, 2)]
    assert any("bees" in (text.text or "") for text in picture.iter("text"))


def test_a_map_that_cannot_be_written_is_told_in_one_sentence(magpie: Magpie, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--map .*nowhere/map.html cannot be written: .*; name another file\."):
        said("--map", str(tmp_path / "nowhere" / "map.html"))


@pytest.mark.parametrize("name", ["map.png", "magpie.toml", ""])
def test_a_map_is_written_to_nothing_but_a_page(magpie: Magpie, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"give it a name that ends in \.html"):
        said("--map", str(tmp_path / name))
    assert not (tmp_path / "map.png").exists()


def test_who_has_liked_nothing_is_told_what_begins_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = parse({"owner": {"handle": "me@fedi.example"}, "data": str(tmp_path), "sources": []})
    newcomer = Magpie(settings, lambda: NOW, given_embedder=HashedWords(), given_web=None)
    monkeypatch.setattr("bot.cli.taste.beside", lambda config: newcomer)
    assert said().startswith("Magpie knows of nothing yet that you like or dislike")
    assert "<circle" not in page((), "nothing")


def test_a_blank_line_stands_between_what_is_told(magpie: Magpie) -> None:
    lines = [line.strip() for line in said().splitlines()]
    for begins in ("Topics that you did not like", "Authors, from", "To correct it"):
        (place,) = (place for place, line in enumerate(lines) if line.startswith(begins))
        assert not lines[place - 1] and lines[place - 2]


def test_a_folder_in_the_place_of_what_is_to_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "users" / "ann").mkdir(parents=True)
    (tmp_path / "users" / "ann" / "candidates.jsonl").write_text("no post", encoding="utf-8")
    done = CliRunner().invoke(app, ["eval", "likes", str(tmp_path), "--out", str(tmp_path / "users")])
    assert isinstance(done.exception, ConfigError) and "Is a directory" in str(done.exception)
