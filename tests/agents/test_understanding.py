"""A question is taken apart into what to look for and where; what is no filter stays in the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import Intent, Understood
from agents.understanding import LONGEST, understand
from agents.understanding.intents import without_asking
from agents.understanding.tongues import tongue
from memory.query import NO_FILTERS
from memory.records import Kind
from tests.agents.heard import FIRST, KNOWN, ask, people

# -- people


@pytest.mark.parametrize(
    "question",
    [
        "what did Bob say about rain",
        "by bob muller",
        "posts by @bob about rain",
        "Bob's posts on rain",
        "rain, according to Bob Mueller",
        "was sagt Bob über Regen",
        "que dit Bob sur la pluie ?",
        "¿qué ha dicho Bob sobre la lluvia?",
        "i post di Bob sulla pioggia",
        "o que o Bob disse sobre a chuva",
        "wat zei Bob over regen",
    ],
)
def test_somebodys_words_are_asked_for_in_many_ways(question: str) -> None:
    assert people(question) == {"bob"}


@pytest.mark.parametrize(
    "question",
    [
        "what do people say about Bob",
        "a letter to Bob",
        "who is Bob?",
        "Bob's new bakery",
        "was wurde über Bob geschrieben",
        "une photo de Bob",
        "what will happen",
        "Robert said so",
    ],
)
def test_who_is_only_talked_about_is_no_filter(question: str) -> None:
    assert people(question) == set()


def test_a_name_that_several_bear_means_all_of_them_and_that_is_told() -> None:
    got = ask("what did Ana say")
    assert got.filters.people == {"ana", "analima"}
    assert got.filtered == ("by @ana@example.social or @analima@example.social (“Ana” may be any of them)",)


def test_the_whole_name_or_the_handle_means_one() -> None:
    assert people("what did Ana Lima say") == {"analima"}
    assert people("what did @ana say") == {"ana"}


def test_two_joined_names_stand_together() -> None:
    assert people("what did Bob and Will say about rain") == {"bob", "will"}


def test_the_owner_is_an_author_too() -> None:
    got = ask("what did I write about rain")
    assert (got.filters.people, got.filtered, got.text) == ({"me"}, ("by you",), "rain")


@pytest.mark.parametrize(
    "question",
    [
        "what did I write about rain?",
        "was habe ich über rain geschrieben?",
        "qu'est-ce que j'ai écrit sur rain ?",
        "¿qué he escrito sobre rain?",
        "cosa ho scritto su rain?",
        "o que eu escrevi sobre rain?",
        "wat heb ik over rain geschreven?",
    ],
)
def test_what_the_owner_wrote_counts_wherever_that_was(question: str) -> None:
    got = ask(question)
    assert (got.filters.own, got.filtered, got.text.endswith("rain")) == (True, ("by you",), True)
    assert ask("and in May?", question).filters.own, "it goes on with the owner's words"
    assert not ask("and what did Bob say?", question).filters.own
    assert not ask("what did Bob say about rain?").filters.own


def test_a_name_that_is_a_word_needs_its_capital() -> None:
    assert people("what will say the judge") == set()
    assert people("what did Will say") == {"will"}


# -- parts of the archive


def test_what_the_owner_did_is_a_filter() -> None:
    assert ask("posts I liked about rain").filters.deeds == {Kind.LIKE}
    assert ask("meine Lesezeichen zu Regen").filters.deeds == {Kind.BOOKMARK, Kind.SAVE}
    assert ask("lo que me enviaste sobre la lluvia").filters.delivered


def test_sources_and_kinds_are_filters_only_where_they_exist() -> None:
    assert ask("Hacker News posts about rain").filters.sources == {"hackernews"}
    assert ask("my notes on Mastodon").filters.kinds == {"note"}
    assert ask("what was said on Mastodon about rain", known=replace(KNOWN, sources=frozenset())).filters == NO_FILTERS


def test_a_source_that_is_the_matter_is_no_filter() -> None:
    assert not ask("what is wrong with Mastodon").filters
    assert not ask("un article sur Mastodon").filters


def test_the_language_of_posts_is_a_filter_and_that_of_politics_is_not() -> None:
    assert ask("posts in German about rain").filters.languages == {"de"}
    assert not ask("what happened in German politics").filters
    assert not ask("how do you say rain in German").filters


# -- what is left


def test_what_was_split_off_leaves_the_text() -> None:
    got = ask("What did Bob say about heat pumps in March 2025?")
    assert got.text == "heat pumps"
    assert got.filtered == ("by @bob@example.social", "1 to 31 March 2025")


def test_a_name_stays_where_the_sentence_is_about_more_than_its_words() -> None:
    assert ask("What book did Bob recommend to Will?").text == "What book did Bob recommend to Will?"


def test_nothing_is_left_where_the_filters_are_all() -> None:
    assert ask("what did Bob say yesterday?").text == ""


@pytest.mark.parametrize(
    "question",
    [
        "the March for Science",
        "May the force be with you",
        "Summer Walker",
        "August Macke",
        "Monday blues",
        "an article about the 1990s",
        "goals for 2030",
        'the song "In March" by nobody',
        "see https://example.org/2024/05/03",
        "le 14 Juillet",
        "das Foto vom Mai-Spaziergang",
    ],
)
def test_what_is_no_filter_stays(question: str) -> None:
    assert ask(question) == Understood(question, language=ask(question).language)


def test_a_long_text_is_no_question() -> None:
    text = "in March " * LONGEST
    assert ask(text).filters == NO_FILTERS


def test_what_somebody_did_then_may_be_told_later() -> None:
    got = ask("Where did Bob move in May?")
    assert (got.text, got.filtered) == ("Where did Bob move in May?", ("since 1 May 2026",))


# -- other answers than a search


@pytest.mark.parametrize(
    ("question", "intent", "text"),
    [
        ("what did I miss about rain", Intent.MISSED, "rain"),
        ("was habe ich über Regen verpasst", Intent.MISSED, "Regen"),
        ("what are people saying about Bob", Intent.TALK, "Bob"),
        ("qué dice la gente sobre la lluvia", Intent.TALK, "la lluvia"),
        ("why did you send me number 3?", Intent.WHY, "3"),
        ("perché mi hai mandato questo", Intent.WHY, ""),
        ("what do you know about me", Intent.SELF, "what do you know about me"),
        ("summarise https://example.org/a", Intent.SUMMARISE, "https://example.org/a"),
        ("Fasse diesen Thread zusammen", Intent.SUMMARISE, "diesen Thread"),
        ("remember that I fast in March", Intent.NOTE, "I fast in March"),
        ("merk dir, dass ich im März faste", Intent.NOTE, "ich im März faste"),
        ("forget what I said about rain", Intent.FORGET, "rain"),
        ("do you remember that song?", Intent.FIND, "do you remember that song?"),
        ("why did the bridge fall", Intent.FIND, "why did the bridge fall"),
    ],
)
def test_the_kind_of_answer_is_heard(question: str, intent: Intent, text: str) -> None:
    got = ask(question)
    assert (got.intent, got.text) == (intent, text)


def test_a_note_and_a_forgetting_are_by_nobody() -> None:
    assert not ask("remember that Bob said yes in March").filters
    assert not ask("forget what I said about Bob").filters


@pytest.mark.parametrize(
    ("question", "language", "left"),
    [
        ("wer hat über Bienen geschrieben?", "de", "wer hat Bienen"),
        ("Wer schrieb mit Betreff Bienen?", "de", "Wer mit Bienen"),
        ("who wrote about bees?", "en", "who bees"),
        ("qui a écrit sur les abeilles ?", "fr", ""),
        ("the climate report", "en", "the climate report"),
        ("who wrote?", "en", "who wrote?"),
    ],
)
def test_verbs_that_only_ask_are_not_looked_for(question: str, language: str, left: str) -> None:
    got = without_asking(question, tongue(language))
    assert got == left or (not left and "écrit" not in got)


def test_what_is_not_known_is_said() -> None:
    assert ask("what was said before the election in 2024?").filtered == (
        "until 31 December 2024, as I do not know the day",
    )
    assert ask("what was said before 2024?").filtered == ("until 31 December 2023",)


@pytest.mark.parametrize("question", ["what did Zebediah say about bees?", "Was hat Zebediah über Bienen geschrieben?"])
def test_somebody_who_is_not_known_is_said_to_be_so(question: str) -> None:
    assert ask(question).filtered == ("everybody, as I know nobody called “Zebediah”",)


@pytest.mark.parametrize("question", ["what did Ana say about bees?", "what did people say?", "Wer hat geschrieben?"])
def test_nobody_is_called_unknown_who_is_known_or_not_named(question: str) -> None:
    assert "nobody" not in " ".join(ask(question).filtered)


# -- laws


PIECES = (
    "in May last since before the 3 2024 Ana Bob said what did von im März vor zwei Wochen il y a et ? @ana “ ' - / ."
)


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join))
def test_nothing_that_is_typed_breaks_it(question: str) -> None:
    got = ask(question, FIRST)
    since, until = got.filters.since, got.filters.until
    assert since is None or until is None or since < until
    assert ask(question).filters.people <= KNOWN.accounts.keys()


@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES.split()), max_size=20).map(" ".join))
def test_a_question_without_filters_is_understood_as_itself(question: str) -> None:
    got = ask(question)
    if not got.filters and got.intent is Intent.FIND:
        assert ask(got.text) == got


@given(
    st.sampled_from(["in March", "since Monday", "last winter", "two weeks ago", "between May and July", "yesterday"]),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(
        ["UTC", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Pacific/Auckland", "America/St_Johns"]
    ),
)
def test_days_are_whole_local_days_that_have_begun(when: str, now: datetime, zone: str) -> None:
    filters = understand(f"what was said {when}", now, ZoneInfo(zone), KNOWN).filters
    assert filters.since
    assert filters.since < now
    assert filters.until is None or filters.since < filters.until
    evening = filters.since - timedelta(seconds=1)
    assert evening.astimezone(ZoneInfo(zone)).date() < filters.since.astimezone(ZoneInfo(zone)).date()
