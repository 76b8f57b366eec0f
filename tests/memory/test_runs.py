"""Runs and the log of model calls."""

from __future__ import annotations

from memory.store import Store
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, post


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
