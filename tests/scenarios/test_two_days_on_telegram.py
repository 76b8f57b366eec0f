"""Two evenings of Nell's Magpie, which reads on a running mastodon_mock and talks on Telegram."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("mastodon_mock")
pytest.importorskip("telegram")

from bot.speaking import FOR_FOLLOWERS
from memory.records import Kind
from tests.fakes import HashedWords
from tests.scenarios.evenings import LONG, SHORT, SIX, SOON, TOMORROW
from tests.scenarios.telegram_walk import Walk, two_days
from tests.scenarios.two_days import FIRST_DAY, LIKED, SECOND_DAY
from tests.telegram.messages import Message

REPEAT = "May be a repeat: I first tried to say this on"


class LongWords(HashedWords):
    """Words as short as “the” make no texts alike. What meaning does to a digest the two days on Mastodon tell."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim)."""
        return super().embed([" ".join(re.findall(r"\w{4,}", text)) for text in texts])


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with two_days(tmp_path_factory.mktemp("town"), LongWords(dim=2048)) as walked:
        yield walked


def change(answer: str, of: str) -> tuple[float, float]:
    """The two numbers that an answer gives: before and after."""
    found = re.search(rf"{of}[^+-]* ([+-]\d+\.\d+) → ([+-]\d+\.\d+)", answer)
    assert found, answer
    return float(found[1]), float(found[2])


def bare(text: str) -> str:
    """Without the signs that nobody sees."""
    return re.sub("[\u2060\u200b]", "", text)


def told_of(walk: Walk, name: str) -> list[Message]:
    """The messages in which a digest tells of a post."""
    _, text = {**LIKED, **FIRST_DAY, **SECOND_DAY}[name]
    return [one for one in entries(walk) if text[:40] in bare(one.text)]


def entries(walk: Walk) -> list[Message]:
    """The messages that tell of an entry each."""
    return [one for one in walk.said if "\nWhy: " in one.text and "Post" in one.marked("text_link")]


def answers(walk: Walk, sign: str) -> list[str]:
    """The lines that say what a feedback changes."""
    lines = [line for one in walk.said for line in bare(one.text).splitlines() if "In the next digest" in line]
    return [line for line in lines if line.startswith(sign)]


def test_each_day_has_a_digest_of_a_dated_head_and_a_message_for_every_entry(walk: Walk) -> None:
    said = [name for name in walk.first if name != walk.unsaid]
    assert (len(walk.first), len(walk.second)) == (LONG["entries"], SHORT["entries"])
    for head, day in zip(walk.heads, (SIX, TOMORROW), strict=True):
        assert f"Magpie · {day:%A} {day.day} {day:%B}" in head
    quoted = [name for name in (*said, *walk.second) if name != "studio"]  # which is for followers only
    assert [len(told_of(walk, name)) for name in quoted] == [1] * len(quoted)


def test_what_may_have_been_said_before_says_so_and_nothing_else_does(walk: Walk) -> None:
    """Telegram's proxy answered 502: whether the head was shown nobody knew, and nothing was tried after it."""
    repeats = [one.text for one in walk.said if REPEAT in one.text]
    assert repeats == [walk.heads[0]]
    assert f"{REPEAT} {SOON.day} {SOON:%B}, {SOON:%H:%M}" in repeats[0]


def test_every_entry_has_buttons_and_the_head_has_none(walk: Walk) -> None:
    assert len(entries(walk)) == LONG["entries"] - 1 + SHORT["entries"]
    for one in entries(walk):
        assert [label.removesuffix(" ✓") for label in one.buttons[:3]] == ["👍", "👎", "🔖"]
    assert all(one.buttons == [] for one in walk.said if one.text in walk.heads)


def test_a_pressed_button_stops_spinning_and_shows_that_it_was_pressed(walk: Walk) -> None:
    assert [query.answered_at is not None for query in walk.pressed] == [True]
    assert walk.telegram.unanswered() == []
    assert [label for label in walk.pressed[0].message.buttons if label.startswith("👍") and label != "👍"]


def test_a_post_for_followers_is_told_without_its_words(walk: Walk) -> None:
    _, text = FIRST_DAY["studio"]
    assert "studio" in walk.first
    assert not any(text[:20] in bare(one.text) for one in entries(walk))
    assert sum(FOR_FOLLOWERS in bare(one.text) for one in walk.said) == 1


def test_nothing_told_on_the_first_day_is_in_the_second_by_item_link_or_thread(walk: Walk) -> None:
    said = [entry for name, entry in walk.first.items() if name != walk.unsaid]
    for keys in ("items", "links", "threads"):
        known, new = ({key for e in part for key in getattr(e, keys)} for part in (said, walk.second.values()))
        assert known.isdisjoint(new), keys
    assert walk.with_feedback and not {"train 4", "swarm 3", "swarm 4", "swarm", "tide"} & {*walk.with_feedback}


def test_a_thumb_up_on_a_topic_and_a_thumb_down_on_an_author_move_the_ranks(walk: Walk) -> None:
    assert set(walk.with_feedback) == set(walk.without)
    assert walk.with_feedback.index("hives") < walk.without.index("hives")
    assert walk.with_feedback.index("race") > walk.without.index("race")


def test_every_feedback_is_answered_once_with_what_it_changes(walk: Walk) -> None:
    odile, dislikes, saved = answers(walk, "👍 More like"), answers(walk, "👎 Less like"), answers(walk, "🔖 Saved")
    assert (len(odile), len(dislikes), len(saved)) == (1, 2, 1)
    juno = [line for line in dislikes if f"like {walk.first['coin'].number} " in line]
    for lines, of, sense in ((odile, "@odile@mock.local", 1), (juno, "@juno@mock.local", -1)):
        before, after = change(lines[0][1:], of)
        assert (after - before) * sense > 0, lines
    assert "illness and death, 1847" in saved[0]


def test_each_way_of_feedback_counts_once_for_the_entry_that_was_meant(walk: Walk) -> None:
    with walk.magpie().store.begin() as memory:
        felt = [r for r in memory.reactions.all() if r.kind in (Kind.MORE, Kind.LESS, Kind.SAVE)]
    wanted = {("swarm", Kind.MORE), ("coin", Kind.LESS), ("ward", Kind.SAVE), (walk.meh, Kind.LESS)}
    assert {(walk.town.names[r.item], r.kind) for r in felt} == wanted
    assert len(felt) == len(wanted)


def test_why_lists_what_made_up_the_score(walk: Walk) -> None:
    (answer,) = [one for one in walk.said if one.reply_to is walk.asked]
    (entry,) = (entry for entry in walk.first.values() if entry.number == 1)
    weighing = [factor for factor in entry.factors if abs(factor.points) >= 0.005]
    assert {"network", "taste"} <= {factor.name for factor in weighing}
    assert answer.text.startswith("1 · “") and f"scored {entry.score:+.2f} points" in answer.text
    for factor in weighing:
        assert f"{factor.points:+.2f} {factor.name} = {factor.value:.2f}" in answer.text


def test_hearing_again_and_starting_again_hears_nothing_twice(walk: Walk) -> None:
    assert walk.heard == [5, 0, 0]


def test_nobody_but_the_owner_is_heard_or_answered_and_groups_are_left(walk: Walk) -> None:
    with walk.magpie().store.begin() as memory:
        rules = memory.rules.active(walk.town.now())
        assert not [rule for rule in rules if rule.kind == "mute" and "odile" in rule.key]
    others = [chat for chat in walk.telegram.chats.values() if chat is not walk.nell]
    assert len(others) == 2 and [one.text for chat in others for one in walk.telegram.said(chat)] == []
    assert not any(chat.has_bot for chat in others)


def test_nobody_is_called_and_no_preview_is_fetched(walk: Walk) -> None:
    assert [one.mentions for one in walk.said if one.mentions] == []
    assert all(one.preview == {"is_disabled": True} for one in walk.said)
    assert "@stella" in "".join(bare(one.text) for one in told_of(walk, "benchmark"))


def test_the_links_are_those_that_the_people_have_posted(walk: Walk) -> None:
    hosts = {link.split("/")[2] for one in walk.said for link in one.links}
    assert hosts <= {"nightmail.example", "www.nightmail.example", "m.nightmail.example", *own_hosts(walk)}


def own_hosts(walk: Walk) -> set[str]:
    """Where the posts themselves are."""
    return {"mock.local", walk.town.server.base_url.split("/")[2]}


def test_what_was_deleted_while_its_message_waited_is_not_said(walk: Walk) -> None:
    assert walk.unsaid and told_of(walk, walk.unsaid) == []
    with walk.magpie().store.begin() as memory:
        assert memory.items.get(walk.first[walk.unsaid].lead) is None


def test_an_edit_is_told_as_it_is_now(walk: Walk) -> None:
    assert ["29 megawatt" in bare(message.text) for message in told_of(walk, "tide")] == [True]


def test_what_people_hide_and_what_is_hidden_from_people_stays_so(walk: Walk) -> None:
    said = "\n".join(bare(one.text) for one in walk.said)
    assert not {"secret", "stars", "shouting", "weaving"} & {*walk.first, *walk.without, *walk.with_feedback}
    for hidden in ("horoscope", "fountain", "great loom", "leaving the paper"):
        assert hidden not in said, hidden
    warned = [one for one in walk.said if "fever ward" in one.text]
    assert warned and all("illness and death, 1847" in one.text and one.marked("spoiler") for one in warned)


def test_the_token_is_written_nowhere(walk: Walk) -> None:
    secret = walk.telegram.token.partition(":")[2].encode()
    files = [path for path in (walk.folder / "data").rglob("*") if path.is_file()]
    assert files and [path.name for path in files if secret in path.read_bytes()] == []
