"""Runs: each step of a job is kept, and what was done can be listed and explained."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from agents.digest import NODES, Desk
from agents.gathering import Reading
from bot.cli import app
from bot.jobs import run, settle_broken
from bot.jobs.checkpoints import saver, threads
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from config.errors import ConfigError, MagpieError, SourceError
from config.settings import DigestSection
from memory.records import Digest, Item, Step
from memory.store import Store
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, OWNER, HashedWords, Village, account, post

BRIDGE = "The old bridge over the river will be closed for two years from Monday on, says the council"
BEES = "Our bees have survived the winter well and today the first of them flew out to the willows"
TOML = f"""
data = "."
[owner]
handle = "{OWNER}"
time_zone = "Asia/Tokyo"
[digest]
floor = -99.0
explore = 0
[embedding]
name = "{HashedWords.name}"
[model]
kind = "none"
"""


@dataclass
class Desktop:
    """An editor, and the shell of whoever runs Magpie in that folder."""

    editor: Editor
    village: Village
    folder: Path

    @property
    def store(self) -> Store:
        return self.editor.store

    def collect(self) -> None:
        self.editor.collector.collect([self.village])

    def digest(self, slot: int | None = None) -> Digest:
        self.collect()
        return self.editor.digest("terminal", slot=slot)

    def types(self, *words: str) -> Result:
        config = ["--config", str(self.folder / "magpie.toml")]
        place = 2 if words[:2] == ("runs", "show") else 1
        return CliRunner().invoke(app, [*words[:place], *config, *words[place:]])

    def steps(self, name: str) -> list[Step]:
        with self.store.begin() as memory:
            return memory.runs.steps(name)

    def latest(self, job: str) -> Any:
        with self.store.begin() as memory:
            return memory.runs.latest(job)[0]


@pytest.fixture
def desktop(
    store: Store,
    collector: Collector,
    village: Village,
    embedder: HashedWords,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desktop]:
    (tmp_path / "magpie.toml").write_text(TOML, "utf-8")
    monkeypatch.chdir(tmp_path)
    village.tells(followed=frozenset(account(name).uri for name in ("ann", "bob")))
    village.posts(post("bridge", BRIDGE, by="ann", at=NOW - HOUR))
    village.posts(post("bees", BEES, by="bob", at=NOW - HOUR))
    desk = Desk(Reading(store, embedder, account("me").uri), floor=-99, explore=0)
    path, zone = tmp_path / "checkpoints.db", ZoneInfo("Asia/Tokyo")
    yield Desktop(
        Editor(store, desk, collector, [village], path, DigestSection(), zone, lambda: NOW), village, tmp_path
    )


def test_each_node_that_a_digest_goes_through_is_kept_with_what_went_in_and_came_out(desktop: Desktop) -> None:
    made = desktop.digest()
    steps = desktop.steps(made.run)
    assert [step.node for step in steps] == list(NODES) and all(step.seconds > 0 for step in steps)
    gather, rank, choose, compose = steps[0], steps[3], steps[5], steps[7]
    assert (gather.given, gather.made) == ({}, {"candidates": 2})
    assert (rank.given["stories"], rank.made) == (2, {"considered": 2})
    assert choose.made == {"entries": 2, "changes": 0}
    assert (compose.given["explained"], compose.made) == (2, {"entries": 2})


def test_collecting_is_kept_source_by_source(desktop: Desktop) -> None:
    desktop.village.breaks(SourceError("The village is away."))
    desktop.collect()
    (row, steps) = desktop.latest("collect"), desktop.steps(desktop.latest("collect").id)
    assert [step.node for step in steps] == ["read village", "embed", "index"]
    assert steps[0].made == {"read": 2, "new": 2, "shares": 2} and steps[1].made == {"embedded": 2}
    assert (row.state, row.failures) == ("done", ["The village is away."])


def test_a_run_that_fails_says_where(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), run(store, "digest", lambda: NOW) as record:
        record.node = "rank"
        raise ZeroDivisionError("quokka")
    with pytest.raises(MagpieError), run(store, "digest", lambda: NOW):
        raise MagpieError("The village is away.")
    with store.begin() as memory:
        failures = {failure for row in memory.runs.latest() for failure in row.failures}
    assert failures == {"digest broke off in rank (ZeroDivisionError); see the log.", "The village is away."}


def test_every_line_that_a_job_logs_carries_its_run_and_no_words(
    desktop: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.jobs")
    made = desktop.digest()
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) > 10 and all(line.startswith("event=") and " run=" in line for line in lines)
    assert sum(made.run in line for line in lines) == 2 + len(NODES)
    assert "bridge" not in caplog.text


def test_only_runs_that_nobody_has_ended_are_broken_off_at_the_next_start(desktop: Desktop) -> None:
    done = desktop.digest().run
    with desktop.store.begin() as memory:
        killed = memory.runs.begin("collect", NOW)
    assert settle_broken(desktop.store, NOW + HOUR) == 1
    with desktop.store.begin() as memory:
        states = {row.id: row.state for row in memory.runs.latest()}
    assert states[killed] == "broken off" and states[done] == "done"


# -- digests of several hours


def test_each_hour_of_a_date_has_one_digest_and_messages_of_its_own(desktop: Desktop) -> None:
    first = desktop.digest(slot=0)
    assert desktop.editor.digest("terminal") == first == desktop.editor.digest("terminal", NOW.date(), 0)
    second = desktop.digest(slot=1)
    assert (first.slot, second.slot, second.entries) == (0, 1, ())
    with desktop.store.begin() as memory:
        keys = [queued.out.key for queued in memory.outbox.waiting("terminal")]
    head = "digest/terminal/2026-11-20"
    assert keys == [head, f"{head}/1", f"{head}/2", f"{head}+1"]


def test_a_digest_can_be_made_for_another_date_than_that_of_the_clock(desktop: Desktop) -> None:
    desktop.collect()
    yesterday = NOW.date() - timedelta(days=1)
    made = desktop.editor.digest("terminal", yesterday, 2)
    assert (made.date, made.slot, made.made_at) == (yesterday, 2, NOW)
    assert desktop.editor.digest("terminal", yesterday) == made
    assert desktop.editor.digest("terminal").date == NOW.date()


# -- a dry run


class Asked(Village):
    """A village that does not like to be asked again."""

    def recheck(self, refs: Any) -> Any:
        raise SourceError(f"asked again for {len(refs)}")


def test_a_dry_run_keeps_nothing_but_its_run_and_asks_nobody(desktop: Desktop) -> None:
    desktop.collect()
    before = tables(desktop.store)
    editor = replace(desktop.editor, sources=[Asked()])
    made = editor.preview("terminal")
    assert len(made.entries) == 2 and desktop.latest("preview").state == "done"
    changed = {table for table, count in tables(desktop.store).items() if count != before[table]}
    assert changed == {"runs", "steps"} and not editor.checkpoints.exists()
    with pytest.raises(SourceError, match="asked again for 2"):
        editor.preview("terminal", recheck=True)


def test_a_dry_run_in_the_shell_shows_what_would_be_said(desktop: Desktop) -> None:
    desktop.collect()
    sample = '[[sources]]\nkind = "sample"\n'
    (desktop.folder / "magpie.toml").write_text(TOML + sample, "utf-8")
    before = tables(desktop.store)
    shown = desktop.types("digest", "--dry-run")
    assert shown.exit_code == 0, (shown.output, shown.exception)
    assert "── Magpie · " in shown.output
    changed = {table for table, count in tables(desktop.store).items() if count != before[table]}
    assert changed <= {"runs", "steps", "cursors"} and not (desktop.folder / "magpie.lock").exists()


def tables(store: Store) -> dict[str, int]:
    with store.begin() as memory:
        names = memory.conn.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        return {name: memory.conn.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names}  # noqa: S608


# -- the commands


def call(name: str, item: Item) -> ModelCall:
    asked = (name, NOW, "summary", 3, "tiny", (item.uri,), ("Sum up: quokka",), "A quokka.", "a name was invented")
    return ModelCall(*asked, tokens_in=40, tokens_out=5, seconds=0.25)


def test_runs_are_listed_in_the_owners_time(desktop: Desktop) -> None:
    desktop.village.breaks(SourceError("The village is \x1b[31m[bold]away[/bold]."))
    made = desktop.digest()
    shown = desktop.types("runs")
    assert shown.exit_code == 0, shown.output
    assert made.run in shown.output and "2026-11-20 21:00" in shown.output
    assert "2 candidates" in shown.output and "! The village is [31m[bold]away[/bold]." in shown.output
    only = desktop.types("runs", "--job", "digest", "-n", "1").output
    assert made.run in only and "collect" not in only
    assert desktop.types("runs", "--job", "dance").output == "no runs of the job dance yet\n"


def test_a_run_is_explained_down_to_what_the_model_was_asked_and_why_it_was_not_shown(desktop: Desktop) -> None:
    made = desktop.digest()
    with desktop.store.begin() as memory:
        memory.runs.log_call(call(made.run, post("bees")))
    shown = desktop.types("runs", "show", made.run)
    assert shown.exit_code == 0, shown.output
    for words in (*NODES, "summary 3", "tiny", "a name was invented", "40+5", "0.25", "hour 1, for terminal"):
        assert words in shown.output
    assert all(entry.lead in shown.output for entry in made.entries) and "quokka" not in shown.output


def test_for_programs_runs_are_json(desktop: Desktop) -> None:
    made = desktop.digest()
    with desktop.store.begin() as memory:
        memory.runs.log_call(call(made.run, post("bees")))
    listed = [json.loads(line) for line in desktop.types("runs", "--json").output.splitlines()]
    assert [row["job"] for row in listed if row["id"] == made.run] == ["digest"]
    row = json.loads(desktop.types("runs", "show", made.run, "--json").output)
    assert [step["node"] for step in row["steps"]] == list(NODES)
    assert row["calls"][0]["verdict"] == "a name was invented" and row["calls"][0]["inputs"] == 1
    assert [entry["lead"] for entry in row["digest"]["entries"]] == [entry.lead for entry in made.entries]
    assert row["counts"]["entries"] == 2 and row["failures"] == []


def test_the_beginning_of_an_id_is_enough_and_an_unknown_one_is_refused(desktop: Desktop) -> None:
    with desktop.store.begin() as memory:
        name = memory.runs.begin("collect", NOW - 24 * HOUR)
        memory.runs.begin("collect", NOW)
    assert name in desktop.types("runs", "show", name[:8]).output
    for wrong in ("2026", "none"):
        error = desktop.types("runs", "show", wrong).exception
        assert isinstance(error, MagpieError) and "or more than one begins so" in str(error)


def test_a_replay_in_the_shell_tells_what_differs_with_another_weight(desktop: Desktop) -> None:
    made = desktop.digest()
    same = desktop.types("replay", made.run)
    assert same.exit_code == 0, same.output
    assert "The entries are the same as they were." in same.output
    assert BEES in " ".join(same.output.split())
    less = desktop.types("replay", made.run, "--from", "rank", "--set", "digest.entries=1")
    last = " ".join(less.output.splitlines()[-1].split())
    assert less.exit_code == 0 and "What differs:" in less.output and last.startswith("went 2 ")
    assert "1 story you have not seen" in " ".join(less.output.split()).lower()


def test_in_the_shell_a_broken_run_can_be_gone_on_with_and_sent_once(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.collect()
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setitem(NODES, "rank", lambda state, runtime: 1 // 0)
        desktop.editor.digest("terminal")
    name = desktop.latest("digest").id
    sample = '[[sources]]\nkind = "sample"\n'
    (desktop.folder / "magpie.toml").write_text(TOML + sample, "utf-8")
    sent = desktop.types("replay", name, "--send")
    assert sent.exit_code == 0, (sent.output, sent.exception)
    again = desktop.types("replay", name, "--send")
    assert again.exit_code == 1 and "There is a digest of 2026-11-20 already: nothing is sent." in again.output
    assert again.output.index("nothing is sent") < again.output.index("Magpie · Friday"), "said before it is shown"
    with desktop.store.begin() as memory:
        digest = memory.digests.of_date(NOW.date(), "terminal")
        assert digest is not None and len(digest.entries) == 2 and not memory.outbox.waiting("terminal")
    assert "rank" in [step.node for step in desktop.steps(digest.run)] and digest.run != name


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("digest.flor=1", "--set 'digest.flor=1' cannot be tried: write digest.entries"),
        ("digest.floor", "cannot be tried"),
        ("owner.handle=you@there", "cannot be tried"),
        ("digest.entries=many", "--set: 'digest.entries' is 'many'"),
    ],
)
def test_a_weight_that_cannot_be_tried_is_refused(desktop: Desktop, option: str, sentence: str) -> None:
    error = desktop.types("replay", "any", "--set", option).exception
    assert isinstance(error, ConfigError) and sentence in str(error)


def test_another_prompt_is_read_from_a_file_of_its_name(desktop: Desktop) -> None:
    from agents.prompts import render

    made, tried = desktop.digest(), desktop.folder / "summary.md"
    usual = render("summary", posts="bees")
    for content, sentence in (("nonsense", "needs 'version: N'"), (None, "cannot be read")):
        tried.write_text(content, "utf-8") if content else tried.unlink()
        error = desktop.types("replay", made.run, "--prompt", str(tried)).exception
        assert isinstance(error, ConfigError) and sentence in str(error)
    tried.write_text("---\nversion: 99\n---\n# system\nBe brief.\n# user\n{{posts}}\n", "utf-8")
    done = desktop.types("replay", made.run, "--prompt", str(tried))
    assert (done.exit_code, "without a model --prompt changes nothing" in done.stderr) == (0, True)
    assert render("summary", posts="bees") == usual


def test_checkpoints_of_a_digest_are_kept(desktop: Desktop) -> None:
    made = desktop.digest()
    with saver(desktop.editor.checkpoints) as checkpoints:
        assert threads(checkpoints) == [f"{made.run}/0"]
