"""Which emoji and numbers are understood as feedback, and as what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feedback import bare, emoji_map, parse_feedback, unknown_signs
from config.settings import FeedbackSection
from memory.records import Kind

MEANINGS = emoji_map(FeedbackSection())
MORE, LESS, SAVE, SEEN, MUTE, TELL = (Kind.MORE, Kind.LESS, Kind.SAVE, Kind.SEEN, Kind.MUTE, Kind.TELL)

UNDERSTOOD = [
    ("👍", [(MORE, None)]),
    ("❤️", [(MORE, None)]),
    ("❤", [(MORE, None)]),
    ("❤︎", [(MORE, None)]),
    ("⭐", [(MORE, None)]),
    ("⭐️", [(MORE, None)]),
    ("🔥", [(MORE, None)]),
    ("👍🏽", [(MORE, None)]),
    ("👍🏿", [(MORE, None)]),
    ("👎", [(LESS, None)]),
    ("👎🏻", [(LESS, None)]),
    ("😴", [(LESS, None)]),
    ("🔖", [(SAVE, None)]),
    ("🙈", [(SEEN, None)]),
    ("🔇", [(MUTE, None)]),
    ("🧵", [(TELL, None)]),
    ("  👍\n", [(MORE, None)]),
    ("👍!", [(MORE, None)]),
    ("👍👍👍", [(MORE, None)]),
    ("👍🔖", [(MORE, None), (SAVE, None)]),
    ("2 👎", [(LESS, 2)]),
    ("2👎", [(LESS, 2)]),
    ("#2 👎", [(LESS, 2)]),
    ("2. 👎", [(LESS, 2)]),
    ("2) 👎", [(LESS, 2)]),
    ("2: 👎", [(LESS, 2)]),
    ("2️⃣ 👎", [(LESS, 2)]),
    ("2⃣👎🏾", [(LESS, 2)]),
    ("２ 👎", [(LESS, 2)]),
    ("12 👎", [(LESS, 12)]),
    ("0 👍", [(MORE, 0)]),
    ("100 👍", [(MORE, 100)]),
    ("2 👎 5 🔖", [(LESS, 2), (SAVE, 5)]),
    ("2👎5🔖", [(LESS, 2), (SAVE, 5)]),
    ("2 👎, 5 🔖; 7 🙈", [(LESS, 2), (SAVE, 5), (SEEN, 7)]),
    ("2 👎\n5 🔖", [(LESS, 2), (SAVE, 5)]),
    ("1 3 👍", [(MORE, 1), (MORE, 3)]),
    ("1, 3 & 4 👍", [(MORE, 1), (MORE, 3), (MORE, 4)]),
    ("1 1 👍", [(MORE, 1)]),
    ("1 👍🔖", [(MORE, 1), (SAVE, 1)]),
    ("👍 2", [(MORE, 2)]),
    ("👍 1 3 👎 4", [(MORE, 1), (MORE, 3), (LESS, 4)]),
    ("👎2🔖5", [(LESS, 2), (SAVE, 5)]),
    ("🔖 🙈 3", [(SAVE, 3), (SEEN, 3)]),
]


@pytest.mark.parametrize(("said", "wishes"), UNDERSTOOD, ids=[said.strip() for said, _ in UNDERSTOOD])
def test_what_is_said_in_signs_is_understood(said: str, wishes: list[tuple[Kind, int | None]]) -> None:
    found = parse_feedback(said, MEANINGS)
    assert found is not None and [(wish.kind, wish.number) for wish in found] == wishes


@pytest.mark.parametrize(
    "said",
    [
        "",
        "2",
        "1 2 3",
        "hello",
        "👍 thanks",
        "thanks 👍",
        "2 nd 👍",
        "+1",
        ":+1:",
        "🎉",
        "2 🎉",
        "👍🎉",
        "👩‍🚀",
        "1-3 👍",
        "12345 👍",
        "/more",
        "😀",
    ],
)
def test_words_unknown_emoji_and_bare_numbers_are_no_feedback(said: str) -> None:
    assert parse_feedback(said, MEANINGS) is None


@pytest.mark.parametrize(
    ("said", "unknown"),
    [("🎉", ["🎉"]), ("2 🎉", ["🎉"]), ("👍🎉", ["🎉"]), ("👍", []), ("party 🎉", []), ("2", []), ("", [])],
)
def test_unknown_emoji_are_found_where_there_is_nothing_else(said: str, unknown: list[str]) -> None:
    assert unknown_signs(said, MEANINGS) == unknown


def test_a_wish_remembers_the_sign_as_it_was_given() -> None:
    (wish,) = parse_feedback("2 👍🏽", MEANINGS) or []
    assert wish.emoji == "👍🏽"


@pytest.mark.parametrize(("sign", "plain"), [("👍🏽", "👍"), ("❤️", "❤"), ("❤", "❤"), (" 🙈 ", "🙈")])
def test_a_sign_is_the_same_in_every_skin_and_variation(sign: str, plain: str) -> None:
    assert bare(sign) == plain


def test_the_owner_gives_an_emoji_a_meaning_and_the_others_keep_theirs() -> None:
    meanings = emoji_map(FeedbackSection(save=("🎉",)))
    assert meanings["🎉"] is SAVE and meanings["🔖"] is SAVE and meanings["👍"] is MORE


@pytest.mark.parametrize("section", [FeedbackSection(more=("👎🏽",)), FeedbackSection(mute=("👍",))])
def test_what_the_owner_has_set_outranks_what_is_usual(section: FeedbackSection) -> None:
    meanings = emoji_map(section)
    assert (meanings["👎"], meanings["👍"]) in ((MORE, MORE), (LESS, MUTE))


signs = st.sampled_from(sorted(MEANINGS))


@given(st.lists(st.tuples(st.integers(1, 30), signs), min_size=1, max_size=6, unique_by=lambda pair: pair[0]))
def test_pairs_of_number_and_sign_are_read_as_they_are_written(pairs: list[tuple[int, str]]) -> None:
    found = parse_feedback(" ".join(f"{number}{sign}" for number, sign in pairs), MEANINGS)
    assert [(w.number, w.kind) for w in found or []] == [(number, MEANINGS[sign]) for number, sign in pairs]


@given(st.text(max_size=40))
def test_no_words_are_ever_taken_for_feedback(text: str) -> None:
    if parse_feedback(text, MEANINGS) is not None:
        assert not any(sign.isalpha() for sign in text)
