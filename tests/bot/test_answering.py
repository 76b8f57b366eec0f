"""What an answer looks like: sentences with numbers, what they cite below, whole, and within what a message holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.answer import Answer, Claim, Intent, Understood
from bot.answering import Answering
from bot.channels.rendering import parts
from bot.speaking import FOR_FOLLOWERS, Speaker
from memory.query import Hit, Passage
from memory.records import Item, Media, Outgoing, Visibility
from memory.store.notes import NOTE, SOURCE
from tests.fakes import account, post

LATE = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
BEES = post("bees", "The bees came back to the bell tower. Nobody had asked them.", by="ann", at=LATE)
TRAM = post("tram", "The tram to the harbour runs again.", by="bob", at=LATE)


def hit(item: Item, passage: str = "") -> Hit:
    begin = item.searchable.find(passage)
    return Hit(item, 1.0, ("words",), Passage(item.uri, 0, begin, begin + len(passage), passage) if passage else None)


def answering(room: int = 0, private_words: bool = True) -> Answering:
    accounts = {account(name).uri: account(name) for name in ("ann", "bob")}
    return Answering(Speaker({}, accounts, ZoneInfo("Europe/Berlin"), private_words=private_words), room)


def said(*claims: Claim, hits: tuple[Hit, ...] = (hit(BEES), hit(TRAM)), **more: Any) -> Answer:
    return Answer(Understood("bees", **more), claims, hits)


def told(answer: Answer, room: int = 0, private_words: bool = True) -> list[Outgoing]:
    return answering(room, private_words).messages("where are the bees?", answer, "answer/m1", "m1")


def text(answer: Answer, private_words: bool = True) -> str:
    return "\n".join(out.text for out in told(answer, private_words=private_words))


def test_a_sentence_has_the_numbers_of_what_it_cites_and_that_stands_below() -> None:
    (out,) = told(said(Claim("They are in the tower.", (1,), ("The bees came back to the bell tower.",))))
    assert out.text == (
        "They are in the tower. [1]\n\n[1] 1 Apr 2026, ann@fedi.example\nThe bees came back to the bell tower.\n"
    )
    assert [span.url for span in out.spans if span.kind == "link"] == [BEES.url]
    assert (out.key, out.reply_to, out.about) == ("answer/m1", "m1", (BEES.uri,))


def test_the_date_is_that_of_the_owners_zone() -> None:
    assert "1 Apr 2026" in text(said(hits=(hit(BEES),)))


def test_only_what_is_cited_is_shown_and_it_is_numbered_anew() -> None:
    words = text(said(Claim("The tram runs [2].", (2,))))
    assert words.startswith("The tram runs. [1]\n\n[1]") and "bees" not in words


def test_a_number_that_no_hit_has_is_not_told() -> None:
    assert text(said(Claim("They are away.", (7, 1)))).startswith("They are away. [1]\n")


def test_a_quote_that_stands_in_no_source_is_not_told() -> None:
    assert "ninety" not in text(said(Claim("They are away.", (1,), ("ninety bees",))))


def test_without_sentences_the_passages_are_the_answer() -> None:
    words = text(said(hits=(hit(BEES, "Nobody had asked them."), hit(TRAM))))
    assert words.startswith("From your archive on “where are the bees?”:\n\n[1] 1 Apr 2026")
    assert "\nNobody had asked them.\n" in words and "came back" not in words and "[2]" in words


def test_what_narrowed_the_search_is_said() -> None:
    filtered = ("by @ann@fedi.example", "March 2026")
    for claims in ((), (Claim("Yes.", (1,)),)):
        assert "Looked at: by @ann@fedi.example, March 2026." in text(said(*claims, filtered=filtered))
    assert "Looked at" not in text(said())


def test_nothing_found_is_said_plainly_and_the_nearest_is_offered() -> None:
    nothing = Answer(Understood("bees"))
    assert text(nothing) == "I found nothing about “where are the bees?” in your archive."
    near = text(replace(nothing, nearest=(hit(TRAM),)))
    assert near.startswith("I found nothing about") and "Nearest to it:\n\n[1]" in near and "harbour" in near


def test_a_question_that_goes_on_is_shown_as_it_was_understood() -> None:
    went_on = Answer(Understood("Tarn Viaduct"), hits=(hit(TRAM),))
    assert text(went_on).startswith("From your archive on “Tarn Viaduct”:")


def test_a_warning_and_a_description_are_no_words_of_the_author() -> None:
    seen = replace(BEES, warning="insects", media=(Media("image", "A tower with black dots"),))
    for passage in ("", seen.searchable, "A tower with black dots"):
        (out,) = told(said(hits=(hit(seen, passage),)))[-1:]
        quotes = [span.text for span in out.spans if span.kind == "quote"]
        assert out.warning == "insects" and not any("insects" in quote or "dots" in quote for quote in quotes)
        assert quotes == ([] if passage.startswith("A tower") else [BEES.text])
        assert ("[image] A tower with black dots" in out.text) == bool(passage)
    (out,) = told(said(Claim("Dots.", (1,), ("A tower with black dots",)), hits=(hit(seen),)))
    assert [span.text for span in out.spans if span.kind == "quote"] == [BEES.text]


def test_sentences_about_the_answer_itself_are_told() -> None:
    assert text(Answer(Understood("bees"), notes=("You have missed nothing.",))) == "You have missed nothing."


def test_a_content_warning_hides_what_it_was_for_and_nothing_else() -> None:
    warned = replace(TRAM, warning="accidents")
    outs = told(said(Claim("Bees.", (1,)), Claim("A tram.", (2,)), hits=(hit(BEES), hit(warned))))
    for out in outs:
        assert out.warning == ("accidents" if "tram" in out.text.lower() else "")
    assert len(outs) > 1


@pytest.mark.parametrize("claims", [(), (Claim("She says that nobody had asked them.", (1,)),)])
def test_words_for_followers_stay_here(claims: tuple[Claim, ...]) -> None:
    private = replace(BEES, visibility=Visibility.FOLLOWERS, warning="nobody", title="asked")
    answer = said(*claims, hits=(hit(private, "Nobody had asked them."),))
    out = " ".join(f"{out.text} {out.warning}" for out in told(answer, private_words=False))
    assert "asked them" not in out and "obody" not in out and FOR_FOLLOWERS in out
    assert private.url in [span.url for out in told(answer, private_words=False) for span in out.spans]
    assert "asked them" in text(answer)


def test_what_magpie_has_counted_is_told_beside_a_post_for_followers() -> None:
    private = replace(BEES, visibility=Visibility.FOLLOWERS)
    answer = said(Claim("I sent it because two share it.", (1,)), hits=(hit(private),), intent=Intent.WHY)
    assert "two share it" in text(answer, private_words=False)


def test_a_note_of_the_owners_is_told_to_the_owner_and_has_no_link() -> None:
    note = replace(BEES, uri="magpie:note/1", url="", source=SOURCE, kind=NOTE, visibility=Visibility.DIRECT)
    (out,) = told(said(hits=(hit(note),)), private_words=False)
    assert "a note of yours\nThe bees came back" in out.text
    assert not [span for span in out.spans if span.kind == "link"]


def test_a_long_answer_is_several_messages_and_no_citation_is_cut() -> None:
    posts = [
        replace(BEES, uri=f"{BEES.uri}/{n}", text=f"{n} bees. " * 40, url=f"https://a.example/{n}") for n in range(5)
    ]
    claims = [Claim(f"There were {n} of them in that hive, and they were well.", (n + 1,)) for n in range(5)]
    outs = told(said(*claims, hits=tuple(map(hit, posts))), room=480)
    assert [out.key for out in outs] == ["answer/m1", *(f"answer/m1/{n}" for n in range(1, len(outs)))]
    for out in outs:
        assert len(parts(out, 480, len)) == 1
    for number, item in enumerate(posts, 1):
        (holds,) = [out for out in outs if item.url in [span.url for span in out.spans]]
        assert f"[{number}] 1 Apr 2026" in holds.text and f"{number - 1} bees." in holds.text
        assert item.uri in holds.about


def test_a_question_is_repeated_in_one_line_and_cut() -> None:
    (out,) = answering().messages("where\n\nare " + "the bees " * 50, Answer(Understood("bees")), "k")
    assert "where are the bees" in out.text and len(out.text) < 200
