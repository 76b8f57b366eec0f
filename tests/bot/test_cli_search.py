"""``magpie search`` and ``magpie eval recall`` from a command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.build import Magpie
from bot.cli import app
from config.errors import ConfigError
from config.settings import Settings, parse
from memory.keeping.embedding import embed_missing
from memory.records import Kind, Reaction
from tests.fakes import NOW, HashedWords, account, post


@pytest.fixture
def magpie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Magpie:
    settings: Settings = parse(
        {"owner": {"handle": "me@fedi.example", "time_zone": "Europe/Vienna"}, "data": str(tmp_path), "sources": []}
    )
    magpie = Magpie(settings, given_embedder=HashedWords(), given_web=None)
    with magpie.store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob")])
        memory.items.keep(post("anns", "turnips of ann", by="ann", at=NOW.replace(hour=23, minute=30)), NOW)
        memory.items.keep(post("bobs", "turnips of bob", by="bob"), NOW)
        memory.reactions.add(Reaction(Kind.LIKE, NOW, post("bobs").uri, event="1"))
    embed_missing(magpie.store, magpie.embedder)
    beside = Magpie(settings, given_embedder=HashedWords(), given_web=None, alone=False)
    monkeypatch.setattr("bot.cli.search.beside", lambda config: beside)
    return magpie


def found(*words: str) -> list[str]:
    result = CliRunner().invoke(app, ["search", "turnips", "--json", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return [json.loads(line)["uri"].rsplit("/", 1)[-1] for line in result.stdout.splitlines()]


def test_a_filter_is_a_flag(magpie: Magpie) -> None:
    assert sorted(found()) == ["anns", "bobs"]
    assert found("--liked") == ["bobs"]
    assert found("--by", "@ann@fedi.example") == ["anns"]
    assert found("--bookmarked") == found("--mine") == found("--delivered") == found("--kind", "note") == []


def test_a_date_is_a_whole_day_where_the_owner_is(magpie: Magpie) -> None:
    day = f"{NOW:%Y-%m-%d}"
    assert "anns" not in found("--until", day), "it is past midnight in Vienna"
    assert found("--since", day, "--until", day) == ["bobs"]


def test_somebody_unknown_is_refused_in_one_sentence(magpie: Magpie) -> None:
    with pytest.raises(ConfigError, match="--by nobody: nobody of that name or handle is known"):
        found("--by", "nobody")


def test_people_are_known_by_their_names_too_and_several_are_told(magpie: Magpie) -> None:
    people = {"bea": "Bea Invented", "bea2": "Bea Álvarez", "rue": "Rue (she/her)"}
    with magpie.store.begin() as memory:
        memory.accounts.keep([replace(account(handle), name=name) for handle, name in people.items()])
        for handle in people:
            memory.items.keep(post(handle, f"turnips of {handle}", by=handle), NOW)
    assert found("--by", "Bea Invented") == found("--by", "bea") == ["bea"], "a whole name or handle is enough"
    assert found("--by", "bea alvarez") == ["bea2"]
    assert found("--by", "rue") == ["rue"]
    both = CliRunner().invoke(app, ["search", "turnips", "--json", "--by", "Álvarez", "--by", "invented"])
    assert both.stderr == "" and len(both.stdout.splitlines()) == 2


def test_who_may_be_meant_by_a_name_is_said(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        memory.accounts.keep([replace(account(handle), name="Kim Park") for handle in ("kim1", "kim2")])
    done = CliRunner().invoke(app, ["search", "turnips", "--by", "kim"])
    assert done.stderr == "--by kim may be any of Kim Park @kim1@fedi.example, Kim Park @kim2@fedi.example.\n"


def test_the_words_behind_a_content_warning_are_shown_when_they_are_asked_for(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        memory.items.keep(post("gory", "turnips with a knife", by="bob", warning="blades"), NOW)
    shown = CliRunner().invoke(app, ["search", "turnips"]).output
    assert "Content warning: blades" in shown and "knife" not in shown and "turnips of ann" in shown
    assert "knife" in CliRunner().invoke(app, ["search", "turnips", "--warned"]).output


@pytest.mark.parametrize(
    "words", [("--kind", "poem"), ("--source", "void"), ("--language", "klingon")], ids=lambda words: words[0]
)
def test_what_there_is_not_is_refused_in_one_sentence(magpie: Magpie, words: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=f"{' '.join(words)}: "):
        found(*words)


def test_a_language_may_be_named(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        memory.items.keep(post("dora", "turnips", by="bob", language="de-AT"), NOW)
    assert found("--language", "german") == found("--language", "DE") == ["dora"]


def test_without_words_the_newest_of_what_is_filtered_are_listed(magpie: Magpie) -> None:
    done = CliRunner().invoke(app, ["search", "", "--by", "ann", "--json"])
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["uri"], line["author"], line["kind"]) == (post("anns").uri, account("ann").uri, "post")
    assert isinstance(CliRunner().invoke(app, ["search", " "]).exception, ConfigError | SystemExit)


def test_what_is_listed_without_words_does_not_speak_of_a_query(magpie: Magpie) -> None:
    assert "From your archive:" in CliRunner().invoke(app, ["search", "", "--by", "ann"]).output
    assert "I found nothing in your archive." in CliRunner().invoke(app, ["search", "", "--mine"]).output


def test_what_was_saved_is_bookmarked_too(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        memory.reactions.add(Reaction(Kind.SAVE, NOW, post("anns").uri, event="2"))
    assert found("--bookmarked") == ["anns"]


@pytest.mark.parametrize("words", ["***", "…", "😀"])
def test_a_query_without_a_word_is_refused(magpie: Magpie, words: str) -> None:
    with pytest.raises(ConfigError, match="no word to look for"):
        raise CliRunner().invoke(app, ["search", words, "--by", "ann"]).exception or AssertionError


def test_a_time_that_ends_before_it_begins_is_refused(magpie: Magpie) -> None:
    with pytest.raises(ConfigError, match="--since is after --until"):
        found("--since", "2026-02-02", "--until", "2026-02-01")
    assert found("--since", "2026-02-01", "--until", "2026-02-01") == []


def test_of_a_long_text_the_words_are_shown_that_were_found(magpie: Magpie) -> None:
    filler = " ".join(f"Line {n} speaks of the weather." for n in range(100))
    text = f"{filler}\n\nThe walrus hums in the cellar.\n\n{filler}"
    with magpie.store.begin() as memory:
        memory.items.keep(post("long", text, by="bob"), NOW)
    embed_missing(magpie.store, magpie.embedder)
    shown = CliRunner().invoke(app, ["search", "walrus hums", "-n", "1"]).output
    assert "The walrus hums in the cellar." in shown and "Line 50 " not in shown


def test_a_note_is_shown_as_a_note(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        memory.notes.add("turnips are in the cellar", account("me").uri, NOW)
    done = CliRunner().invoke(app, ["search", "turnips in the cellar"])
    assert "a note of yours" in done.output and "magpie:note" not in done.output


def test_recall_is_measured_on_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory.embedding.SentenceEmbedder", lambda name: HashedWords())
    talk = tmp_path / "talks" / "one"
    talk.mkdir(parents=True)
    (talk / "archive.jsonl").write_text(json.dumps({"id": "t1", "author": "Ana", "text": "I planted quinces"}))
    (talk / "queries.jsonl").write_text(json.dumps({"doc_id": "one", "question_index": 0, "q": "quinces"}))
    out = tmp_path / "ranked.jsonl"
    done = CliRunner().invoke(app, ["eval", "recall", str(tmp_path / "talks"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text()) == {"doc_id": "one", "question_index": 0, "ranked": ["t1"]}
