"""What Magpie believes that Nell likes, asked for by direct message, on a running mastodon_mock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes import HashedWords
from tests.scenarios.town import OWNER, Person, town, words

SAID = {
    "one": ("ana", "Bees swarm at the old tower <b>again</b>, says @tomasz. /stop"),
    "two": ("ana", "The bees of the tower swarm, and nobody dares to ring."),
    "three": ("tomasz", "The old tower where bees swarm is closed."),
    "league": ("tomasz", "Football results of the league, all of them."),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What was said → what was answered, in one evening."""
    folder, told = tmp_path_factory.mktemp("taste"), {}
    with town(folder, (Person("ana"), Person("tomasz"))) as running:
        running.it_is(datetime(2026, 4, 12, 18, 0, tzinfo=UTC))
        running.posts(SAID)
        for name in ("one", "two", "three"):
            running.client(OWNER).status_favourite(running.ids[name])
        magpie = running.magpie(folder / "data", HashedWords())
        magpie.collector.collect(magpie.sources)
        for text in ("/taste", "What do I like?", "what do I like about bees?", "/taste bees"):
            to = running.say(text)
            magpie.hear()
            told[text] = running.answers(to)
            told[f"after {text}"] = [words(one) for one in running.said() if one["mentions"][1:]]
        magpie.close()
    return told


def test_it_is_one_post_with_topics_authors_and_how_to_correct_it(
    answers: dict[str, list[str]], tmp_path: Path
) -> None:
    (told,) = answers["/taste"]
    assert "From 3 you liked" in told and "37% sure, since 12 Apr 2026" in told
    assert "bees" in told and "Authors (-1 to +1): " in told and "To correct it: /more" in told


def test_in_words_it_is_the_same(answers: dict[str, list[str]]) -> None:
    assert answers["What do I like?"] == answers["/taste"]


def test_what_is_liked_of_something_is_looked_for(answers: dict[str, list[str]]) -> None:
    assert "From your archive" in answers["what do I like about bees?"][0]


def test_a_topic_is_told_with_its_posts(answers: dict[str, list[str]]) -> None:
    (told,) = answers["/taste bees"]
    assert "“bees”: you liked 3 posts" in told and "Post: https://mock.local/" in told


def test_nobody_else_is_named(answers: dict[str, list[str]]) -> None:
    assert not answers["after /taste bees"]
