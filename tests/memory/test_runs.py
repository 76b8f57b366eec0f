"""Runs and the log of model calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from memory.records import Evidence, Kind, Reaction, Seen, Share, Step
from memory.store import Memory, Store
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, account, digest, post


def call(run: str, *inputs: str) -> ModelCall:
    return ModelCall(run, NOW, "summary", 3, "tiny", inputs, ("Sum up: quokka",), "A quokka.", "kept", 40, 5, 0.25)


def test_a_run_is_listed_with_what_it_counted_and_what_went_wrong(store: Store) -> None:
    with store.begin() as memory:
        run = memory.runs.begin("collect", NOW)
        assert memory.runs.latest()[0].state == "running"
        memory.runs.end(run, NOW + HOUR, "failed", {"new": 3}, ["The village is away."])
        (row,) = memory.runs.latest("collect")
        assert (row.id, row.began, row.ended, row.state) == (run, NOW, NOW + HOUR, "failed")
        assert (row.counts, row.failures) == ({"new": 3}, ["The village is away."])


def test_runs_are_listed_newest_first_and_their_ids_sort_by_time(store: Store) -> None:
    with store.begin() as memory:
        ids = [memory.runs.begin("collect", NOW + n * HOUR) for n in range(3)]
        memory.runs.begin("digest", NOW)
        assert ids == sorted(ids)
        assert [row.id for row in memory.runs.latest("collect", limit=2)] == [ids[2], ids[1]]


def test_two_runs_of_one_second_have_two_ids(store: Store) -> None:
    with store.begin() as memory:
        assert len({memory.runs.begin("collect", NOW) for _ in range(20)}) == 20


def test_a_model_call_is_kept_whole(store: Store) -> None:
    with store.begin() as memory:
        memory.runs.log_call(call("r1", post("a").uri))
        memory.runs.log_call(call("r2"))
        (row,) = memory.runs.calls("r1")
        assert (row.prompt, row.version, row.model, row.inputs) == ("summary", 3, "tiny", [post("a").uri])
        assert (row.messages, row.output, row.verdict) == (["Sum up: quokka"], "A quokka.", "kept")
        assert (row.tokens_in, row.tokens_out, row.seconds, row.at) == (40, 5, 0.25, NOW)
        assert len(memory.runs.calls()) == 2


def test_calls_that_have_read_a_deleted_post_are_forgotten_and_no_others(store: Store) -> None:
    a, b = post("a").uri, post("ab").uri
    with store.begin() as memory:
        for inputs in ((a,), (b, a), (b,), ()):
            memory.runs.log_call(call("r", *inputs))
        memory.runs.forget_item(a)
        assert [row.inputs for row in memory.runs.calls()] == [[b], []]


def test_the_steps_of_a_run_are_told_in_order_until_they_are_dropped(store: Store) -> None:
    first = Step("r", "gather", NOW, 0.5, {}, {"candidates": 7})
    second = replace(first, node="group", began=NOW + HOUR, given={"candidates": 7}, made={"stories": 3})
    with store.begin() as memory:
        for step in (first, second, replace(first, run="other")):
            memory.runs.add_step(step)
        assert memory.runs.steps("r") == [first, second]
        assert memory.runs.drop_steps(NOW + HOUR) == 2
        assert memory.runs.steps("r") == [second]


def test_a_run_that_nobody_has_ended_is_broken_off_and_one_that_ends_after_all_is_done(store: Store) -> None:
    with store.begin() as memory:
        late, done = memory.runs.begin("collect", NOW), memory.runs.begin("digest", NOW)
        memory.runs.end(done, NOW, "done", {}, [])
        assert (memory.runs.break_off(NOW + HOUR), memory.runs.break_off(NOW + HOUR)) == (1, 0)
        assert [row.state for row in memory.runs.latest("collect")] == ["broken off"]
        memory.runs.end(late, NOW, "done", {}, [])
        assert {row.state for row in memory.runs.latest()} == {"done"}


def test_a_memory_with_a_horizon_answers_as_it_did_then_however_old_is_what_it_has_learnt_since(store: Store) -> None:
    link = "https://news.example/a"
    with store.begin() as memory:
        memory.items.keep(post("a", links=(link,)), NOW)
        learn(memory, "ann", link, 1)
        before, then = answers(memory, link), memory.runs.reach()
        memory.runs.begin("digest", NOW)
    with store.begin() as memory:
        learn(memory, "bob", f"{link}b", 2)
        memory.seen.add(Seen("link", link, NOW - 9 * HOUR, Evidence.REPLIED))
        assert all(new != old for new, old in zip(answers(memory, link), before, strict=True))
    with store.begin(then) as memory:
        assert answers(memory, link) == before


def learn(memory: Memory, by: str, link: str, day: int) -> None:
    memory.shares.add(Share(account(by).uri, post("a").uri, NOW - HOUR))
    memory.seen.add(Seen("link", link, NOW - HOUR, Evidence.REACTED))
    memory.seen.read_up_to("home", NOW + day * HOUR)
    memory.reactions.add(Reaction(Kind.LIKE, NOW - HOUR, post("a").uri, event=by))
    memory.digests.add(digest(post("a"), day=-day))


def answers(memory: Memory, link: str) -> list[Any]:
    return [
        memory.shares.of([post("a").uri]),
        memory.shares.between(NOW - 2 * HOUR, NOW),
        memory.shares.of_window(NOW - 2 * HOUR, NOW),
        memory.shares.daily_rates(NOW - 2 * HOUR, NOW),
        memory.seen.known("link", [link]),
        memory.seen.marker("home"),
        memory.reactions.all(),
        memory.digests.since(NOW - 99 * HOUR),
    ]
