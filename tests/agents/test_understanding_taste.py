"""What the owner likes in general is told from what is believed; what was liked of something, from the archive."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agents.answer import UNWANTED, Intent, Turn, Understood
from agents.understanding import Known, understand
from memory.query import NO_FILTERS
from memory.records import Account, Kind

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZONE)
NAMES = {"me": "Sam Reed", "ana": "Ana Kovač", "will": "Will Turner"}
KNOWN = Known(
    {handle: Account(handle, f"{handle}@example.social", name) for handle, name in NAMES.items()},
    "me",
    frozenset({"mastodon"}),
    frozenset({"post", "note", "article"}),
)


def ask(question: str, *before: Turn) -> Understood:
    return understand(question, NOW, ZONE, KNOWN, before)


@pytest.mark.parametrize(
    "question",
    [
        "What do I like?",
        "what do i like",
        "And what do I really like most?",
        "what do I like to read?",
        "what do I like and dislike?",
        "what do you think I like",
        "What do you think I like?",
        "what kind of posts do you think I like?",
        "which topics do I like best?",
        "Which authors do I like?",
        "who do I like to read?",
        "tell me what I like",
        "show me my taste",
        "what are my interests?",
        "What's my taste?",
        "what am I interested in?",
        "what do you know about my taste?",
        "what did you learn about my tastes?",
        "Was mag ich?",
        "was mag ich denn so alles",
        "Was mag ich am liebsten?",
        "Was glaubst du, was ich mag?",
        "was denkst du, dass ich mag?",
        "Was gefällt mir?",
        "was interessiert mich eigentlich?",
        "Welche Themen mag ich?",
        "Wen lese ich gern?",
        "Was sind meine Interessen?",
        "Was ist mein Geschmack?",
        "Was weißt du über meinen Geschmack?",
        "Zeig mir meinen Geschmack",
        "Wofür interessiere ich mich?",
        "Qu'est-ce que j'aime ?",
        "Qu’est-ce que tu crois que j’aime ?",
        "quels sont mes goûts ?",
        "qu'est-ce qui m'intéresse ?",
        "¿Qué me gusta?",
        "¿Qué crees que me gusta?",
        "¿Cuáles son mis gustos?",
        "Che cosa mi piace?",
        "cosa pensi che mi piaccia?",
        "Do que eu gosto?",
        "o que você acha que eu gosto?",
        "Wat vind ik leuk?",
        "wat denk je dat ik leuk vind?",
        "/taste",
        "/TASTE ",
    ],
)
def test_what_is_believed_of_the_owner_is_asked_for(question: str) -> None:
    got = ask(question)
    assert (got.intent, got.text, got.filters, got.filtered) == (Intent.TASTE, "", NO_FILTERS, ())


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("why do you think I like bees?", "bees"),
        ("Do you think that I dislike Rust?", "Rust"),
        ("do you believe I like trains in winter", "trains in winter"),
        ("Warum glaubst du, dass ich Bienen mag?", "Bienen"),
        ("glaubst du, dass ich Fußball nicht mag?", "Fußball"),
        ("do I like bees?", "bees"),
        ("would I like a post on bees?", "bees"),
        ("Would I enjoy reading about wild bees?", "wild bees"),
        ("am I interested in night trains?", "night trains"),
        ("do bees interest me?", "bees"),
        ("is rail something I like?", "rail"),
        ("Mag ich eigentlich Jazz?", "Jazz"),
        ("Würde mir ein Beitrag über Bienen gefallen?", "Bienen"),
        ("Est-ce que j'aime les abeilles ?", "abeilles"),
        ("j'aimerais un article sur les abeilles ?", "abeilles"),
        ("¿Me gustan las abejas?", "abejas"),
        ("¿me interesaría un post sobre poesía?", "poesía"),
        ("Mi piacciono le api?", "api"),
        ("mi interesserebbe un post sulla poesia?", "poesia"),
        ("Hou ik van bijen?", "bijen"),
        ("zou ik een bericht over bijen leuk vinden?", "bijen"),
        ("Eu gosto de abelhas?", "abelhas"),
        ("gostaria de um artigo sobre abelhas?", "abelhas"),
        ("/taste bees", "bees"),
        ("/taste @ana", "@ana"),
        ("/Taste what I said about bees in March", "what I said about bees in March"),
    ],
)
def test_what_is_believed_of_a_topic_is_asked_for(question: str, topic: str) -> None:
    got = ask(question)
    assert (got.intent, got.text, got.filters) == (Intent.TASTE, topic, NO_FILTERS)


@pytest.mark.parametrize(
    "question",
    [
        "What don't I like?",
        "and what do I dislike?",
        "what do you believe that I dislike?",
        "which topics don't I like?",
        "what bores me?",
        "Was mag ich nicht?",
        "Welche Themen mag ich nicht?",
        "Was kann ich nicht leiden?",
        "Qu'est-ce que je n'aime pas ?",
        "qu'est-ce que je déteste ?",
        "¿Qué no me gusta?",
        "¿Qué odio?",
        "che cosa non mi piace?",
        "wat vind ik niet leuk?",
        "do que eu não gosto?",
    ],
)
def test_what_is_believed_to_be_unwanted_is_asked_for_alone(question: str) -> None:
    got = ask(question)
    assert (got.intent, got.text, got.filters) == (Intent.TASTE, UNWANTED, NO_FILTERS)


@pytest.mark.parametrize("question", ["what do I like and dislike?", "Was mag ich und was nicht?"])
def test_both_halves_of_a_taste_are_all_of_it(question: str) -> None:
    assert (ask(question).intent, ask(question).text) == (Intent.TASTE, "")


ARCHIVE = [
    "what did I like last week?",
    "which posts about bees did I like?",
    "do I have notes on bees?",
    "do I like the post by Ana?",
    "do I like posts by Ana?",
    "do I like it?",
    "do I need a permit for bees?",
    "does Ana like bees?",
    "would I like to ask the doctor?",
    "how do I like my eggs?",
    "Habe ich Notizen zu Bienen?",
    "Mag Ana Bienen?",
    "est-ce que j'ai des notes sur les abeilles ?",
    "qu'est-ce que j'ai aimé la semaine dernière ?",
    "¿tengo notas sobre abejas?",
    "ho appunti sulle api?",
    "heb ik notities over bijen?",
    "do que gostei na semana passada?",
    "what do I like about Rust",
    "what do I like about Rust?",
    "what do I like about living in Lisbon?",
    "What do you think I like about Rust?",
    "what do you think about Rust?",
    "did I like the post about bees",
    "did I like anything by Ana?",
    "what have I liked this week",
    "what did I like yesterday?",
    "what did I like in March?",
    "what did I like",
    "which posts do I like",
    "what do I like lately?",
    "what do I like by Ana?",
    "what do I like this week",
    "my likes about rail",
    "what posts about trains did I like?",
    "what would I like to ask the doctor?",
    "what do people like about Rust?",
    "what does Ana like?",
    "what did Will say I like?",
    "do you think it will rain?",
    "do you think I like it?",
    "what do bees like?",
    "what do I need to buy?",
    "what I like about spring",
    "what is my address?",
    "what is it like to keep bees?",
    "what looks like what I like",
    "Was mag ich an Rust?",
    "Was mag ich am Frühling?",
    "Was mochte ich diese Woche?",
    "Was habe ich diese Woche gemocht?",
    "Was mag Ana?",
    "Mochte ich den Beitrag über Bienen?",
    "Welche Beiträge mag ich?",
    "Was gefällt mir an Lissabon?",
    "Was hat mir gestern gefallen?",
    "was habe ich über Geschmack geschrieben",
    "Was ist Geschmack?",
    "Qu'est-ce que j'aime dans Rust ?",
    "qu'est-ce que j'ai aimé cette semaine ?",
    "¿Qué me gusta de Lisboa?",
    "¿Qué me gustó ayer?",
    "che cosa mi piace di Roma?",
    "o que eu gosto em Lisboa?",
    "wat vind ik leuk aan Rust?",
    "tasteful gardens",
    "/tastes",
]


@pytest.mark.parametrize("question", ARCHIVE)
def test_what_was_liked_of_something_or_at_some_time_is_asked_of_the_archive(question: str) -> None:
    assert ask(question).intent is Intent.FIND


def test_what_was_liked_is_still_narrowed_to_that() -> None:
    got = ask("what have I liked this week")
    assert got.filters.deeds == {Kind.LIKE} and got.filters.since is not None


@pytest.mark.parametrize("question", ["What do you know about me?", "was weißt du über mich?", "que sais-tu de moi ?"])
def test_what_is_known_of_the_owner_is_more_than_the_taste(question: str) -> None:
    assert ask(question).intent is Intent.SELF


def test_it_is_no_part_of_what_was_asked_before_and_nothing_goes_on_from_it() -> None:
    first = Turn("what did Ana say about rain?", ask("what did Ana say about rain?"), "")
    taste = ask("and what do I like?", first)
    assert (taste.intent, taste.filters) == (Intent.TASTE, NO_FILTERS)
    after = ask("and in March?", first, Turn("and what do I like?", taste, ""))
    assert (after.intent, after.text, set(after.filters.people)) == (Intent.FIND, "rain", {"ana"})
