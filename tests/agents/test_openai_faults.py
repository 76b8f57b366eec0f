"""What a model server may do to its asker: each fault is one sentence, and leaves every story in its own words."""

from __future__ import annotations

import json
from itertools import repeat

import pytest

from agents.checks import Summary
from agents.models import servers
from agents.summaries import Summariser
from config.errors import ModelAwayError, ModelError
from memory.store.runs import ModelCall
from tests.agents.inn import TRUE, Inn, chunk, drips, hangs, refuses, says, sends
from tests.fakes import NOW, post

BRIDGE = "The old bridge in Dresden is closed from Monday on. Engineer Paula Marsh says 14 cables are damaged."
AWAY = {
    "says nothing": hangs(),
    "stops in the middle": hangs(chunk("The old")),
    "only gives signs of life": drips(b": keepalive\n\n"),
    "never comes to an end": drips(chunk("and ")),
    "500": refuses(500),
    "503 and come back in an hour": refuses(503, **{"Retry-After": "3600"}),
    "429": refuses(429),
    "401": refuses(401),
    "404": refuses(404, b"<html>not here"),
    "302": refuses(302, Location="http://127.0.0.1:9/v1"),
}
NONSENSE = {
    "400": refuses(400),
    "a web page": sends(b"<html><body>Welcome to the printer</body></html>"),
    "nothing": sends(),
    "half of its JSON": sends(b'data: {"choices": [{"delta": {"cont\n\n'),
    "other JSON": sends(b'data: {"weather": "fine"}\n\n'),
    "a list": sends(b"data: [1, 2]\n\n"),
    "a number for words": sends(chunk(7)),  # type: ignore[arg-type]
    "a broken off answer": sends(chunk("The old bridge in")),
    "bytes": sends(bytes(range(256)) * 40),
    "an error in the stream": sends(b'data: {"error": {"message": "secret words of a post"}}\n\n'),
    "too much": lambda host: repeat(chunk("much " * 200)),
}
UNFIT = {
    "prose": says("The old bridge ", "is closed."),
    "half an object": says('{"sentence": "The old', ended="length"),
    "another object": says('{"weather": "fine"}'),
    "too long a sentence": says(json.dumps({"sentence": "x" * 500, "quote": "y"})),
    "deep nonsense": says('{"a":' * 5000),
}


@pytest.mark.parametrize("fault", [*AWAY, *NONSENSE])
def test_a_fault_is_one_sentence_that_names_the_server(inn: Inn, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "MOST_BYTES", 100_000)
    inn.answers = [{**AWAY, **NONSENSE}[fault]]
    quick = 0.3 if fault in AWAY else 30
    with pytest.raises(ModelError) as error:
        inn.model(timeout_seconds=quick).invoke("Hi")
    told = str(error.value)
    assert told.startswith(f"The model server at {inn.url} ") and told.endswith(".") and "\n" not in told
    assert "secret" not in told
    assert isinstance(error.value, ModelAwayError) == (fault in AWAY)
    assert len(inn.asked) == 1


def test_nobody_there_is_said_and_what_to_do() -> None:
    model = Inn(port=9).model()
    with pytest.raises(ModelAwayError, match=r"9/v1 cannot be reached \(.*refused\): start it, or correct base_url"):
        model.invoke("Hi")


@pytest.mark.parametrize("fault", [*AWAY, *NONSENSE, *UNFIT])
def test_a_fault_leaves_every_story_in_its_own_words_and_a_note_in_the_run(
    inn: Inn, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "MOST_BYTES", 100_000)
    inn.answers = [{**AWAY, **NONSENSE, **UNFIT}[fault]]
    calls: list[ModelCall] = []
    notes: list[tuple[str, str]] = []
    model = inn.model(timeout_seconds=0.3 if fault in AWAY else 30)
    summarise = Summariser(model, "small", calls.append, lambda: NOW, note=lambda *note: notes.append(note))
    assert [summarise("run 1", [post(name, BRIDGE)]) for name in "abc"] == ["", "", ""]
    assert len(notes) == 1 and notes[0][0] == "run 1" and "secret" not in notes[0][1]
    assert len(calls) == (1 if fault in AWAY else 3)
    assert ("No more is asked" in notes[0][1]) == (fault in AWAY)


def test_the_same_summariser_works_when_the_server_does(inn: Inn) -> None:
    inn.answers = [refuses(500), says(TRUE)]
    calls: list[ModelCall] = []
    summarise = Summariser(inn.model(), "small", calls.append, lambda: NOW)
    assert summarise("run 1", [post("a", BRIDGE)]) == ""
    assert summarise("run 2", [post("a", BRIDGE)]) == json.loads(TRUE)["sentence"]
    assert (calls[1].tokens_in, calls[1].tokens_out) == (7, 3)


def test_an_answer_that_was_cut_off_says_what_to_raise(inn: Inn) -> None:
    inn.answers = [UNFIT["half an object"]]
    with pytest.raises(ModelError, match="cut off, so raise max_tokens"):
        inn.model().with_structured_output(Summary).invoke("Hi")
