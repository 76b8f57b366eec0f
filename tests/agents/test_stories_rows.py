"""Stories are kept as rows of plain values, and come back whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.stories import rows_of, stories_of
from memory.records import Story

some = st.lists(st.text(max_size=8), max_size=3).map(tuple)
stories = st.builds(Story, st.text(), st.text(), some, some, some, some, st.integers(0, 9))


@given(st.lists(stories, max_size=5))
def test_a_story_comes_back_from_a_checkpoint_as_it_was(told: list[Story]) -> None:
    plain = JsonPlusSerializer(allowed_msgpack_modules=[])
    assert stories_of(rows_of(told)) == told
    assert stories_of(plain.loads_typed(plain.dumps_typed(rows_of(told)))) == told
