"""What Magpie says: digests, entries and explanations as neutral spans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.speaking import LONGEST_QUOTE, Speaker, say
from memory.query import Hit
from memory.records import Digest, Entry, Factor, Item, Media, Outgoing, Span
from tests.fakes import NOW, account, digest, post

BRIDGE = "https://news.example/bridge"
PEOPLE = {a.uri: a for a in (replace(account("ann"), name="Ann A."), account("bob"))}


def speaker(*items: Item, form: Any = "thread", zone: str = "UTC") -> Speaker:
    return Speaker({item.uri: item for item in items}, PEOPLE, ZoneInfo(zone), form)


def entry(*items: Item, **more: Any) -> Entry:
    reasons = more.pop("reasons", ("@ann posted it", "you liked 2 posts like it"))
    return Entry(1, items[0].uri, tuple(i.uri for i in items), (items[0].author,), reasons=reasons, **more)


def told(*items: Item, **more: Any) -> Outgoing:
    return speaker(*items).entry(entry(*items, **more), "key")


def words(out: Outgoing) -> str:
    return "".join("\n" if span.kind == "break" else span.text for span in out.spans)


def of_kind(out: Outgoing, kind: str) -> list[str]:
    return [span.url if kind == "link" else span.text for span in out.spans if span.kind == kind]


def test_an_entry_says_who_what_where_and_why() -> None:
    item = post("a", "The bees are back.", links=(BRIDGE,))
    out = told(item, links=(BRIDGE,))
    assert words(out).split("\n") == [
        "1 · Ann A. ann@fedi.example",
        "The bees are back.",
        "Link",
        "Post",
        "Why: @ann posted it; you liked 2 posts like it.",
    ]
    assert of_kind(out, "quote") == ["The bees are back."] and of_kind(out, "link") == [BRIDGE, item.url]
    assert of_kind(out, "handle") == ["ann@fedi.example"]


def test_somebody_without_a_name_is_shown_by_handle_and_a_stranger_by_uri() -> None:
    assert words(told(post("a", by="bob"))).startswith("1 · bob@fedi.example")
    assert words(told(post("a", by="zoe"))).startswith(f"1 · {account('zoe').uri}")


def test_a_summary_stands_before_the_words_that_it_sums_up() -> None:
    out = told(post("a", "The bees are back."), summary="Bees return.")
    assert words(out).index("Bees return.") < words(out).index("The bees are back.")
    assert of_kind(out, "quote") == ["The bees are back."]


def test_a_content_warning_is_passed_on() -> None:
    assert told(post("a", warning="spiders")).warning == "spiders"
    assert told(post("a")).warning == ""


def test_the_language_is_passed_on() -> None:
    assert told(post("a", language="de")).language == "de"


def test_pictures_are_told_by_their_description_and_polls_by_their_options() -> None:
    media = (Media("image", "a hive"), Media("video"), Media("image", "a third"))
    out = told(post("a", media=media, poll=("yes", "no")))
    assert "[image] a hive\n[video] without a description\n[poll] yes / no\n" in words(out)
    assert "a third" not in words(out)


def test_a_post_without_words_has_no_empty_quotation() -> None:
    out = told(replace(post("a"), text="", media=(Media("image", "a hive"),)))
    assert of_kind(out, "quote") == ["a hive"]


def test_a_link_in_the_words_is_not_told_twice() -> None:
    longer = f"{BRIDGE}/part-two"
    out = told(post("a", f"See {longer} and {BRIDGE} now", links=(BRIDGE, longer)), links=(BRIDGE,))
    assert of_kind(out, "quote") == ["See and now"] and of_kind(out, "link")[0] == BRIDGE


def test_a_long_text_is_cut_at_a_word() -> None:
    (text,) = of_kind(told(post("a", "honey " * 100)), "quote")
    assert text.endswith("honey…") and len(text) <= LONGEST_QUOTE + 1


@given(st.text(min_size=1, max_size=700).filter(str.strip))
def test_whatever_the_text_its_quotation_is_short_and_on_one_line(text: str) -> None:
    for quote in of_kind(told(replace(post("a"), text=text)), "quote"):
        assert len(quote) <= LONGEST_QUOTE + 1 and "\n" not in quote and quote.strip()


@given(st.text(max_size=200))
def test_no_link_ever_comes_from_the_words_of_a_post(text: str) -> None:
    item = replace(post("a"), text=f"{text} https://evil.example/x")
    assert of_kind(told(item), "link") == [item.url]
    assert of_kind(speaker(item).story(entry(item), "key"), "link") == [item.url]


def test_the_link_is_shown_as_its_author_wrote_it_without_shorteners_and_amp() -> None:
    amp, plain = "https://news.example/amp/bridge", f"{BRIDGE}?utm_source=fedi"
    items = [
        post(n, links=(url,), canonical=(BRIDGE,))
        for n, url in zip("abc", ("https://bit.ly/x", amp, plain), strict=True)
    ]
    assert of_kind(told(*items, links=(BRIDGE,)), "link")[0] == plain


def test_where_only_a_shortener_was_written_the_link_behind_it_is_shown() -> None:
    item = post("a", links=("https://bit.ly/x",), canonical=(BRIDGE,))
    assert of_kind(told(item, links=(BRIDGE,)), "link")[0] == BRIDGE


def test_a_post_without_an_address_is_linked_by_its_uri() -> None:
    item = replace(post("a"), url="")
    assert of_kind(told(item), "link") == [item.uri]
    assert of_kind(speaker(item).story(entry(item), "key"), "link") == [item.uri]


def test_a_digest_is_a_head_and_a_message_for_each_entry() -> None:
    items = [post("a", "The bees are back."), post("b", "The train is late.", by="bob")]
    made = replace(digest(*items), notes=("I read 9 posts.",))
    messages = speaker(*items).digest(made)
    assert [e.number if e else None for _, e in messages] == [None, 1, 2]
    assert [out.key for out, _ in messages] == [f"digest/pigeon/2026-11-20{end}" for end in ("", "/1", "/2")]
    head = "Magpie · Friday 20 November\n2 stories you have not seen.\nI read 9 posts."
    assert messages[0][0].text == head
    assert of_kind(messages[0][0], "contents") == ["1. The bees are back.", "2. The train is late."]


@pytest.mark.parametrize(("count", "line"), [(0, "A quiet day."), (1, "1 story you have not seen.")])
def test_the_head_counts_as_one_counts(count: int, line: str) -> None:
    items = [post("a")][:count]
    assert line in words(speaker(*items).digest(digest(*items))[0][0])


@pytest.mark.parametrize("form", ["thread", "compact"])
def test_a_day_without_news_is_one_line_that_says_why(form: str) -> None:
    why = "Nothing to tell: of 3 posts, 2 stories you know already and none of the rest stood out."
    ((out, _),) = speaker(form=form).digest(replace(digest(), notes=(why,)))
    assert words(out) == f"Magpie · Friday 20 November · {why}"
    ((out, _),) = speaker(form=form).digest(replace(digest(), notes=("Posts of home are missing.", why)))
    assert words(out).split("\n")[1:] == ["Posts of home are missing."]


@pytest.mark.parametrize("form", ["thread", "compact"])
def test_a_lead_that_was_deleted_is_skipped_and_not_counted(form: str) -> None:
    gone, there = post("gone", "Forget me."), post("there", "The train is late.")
    made = digest(gone, there)
    made = replace(made, entries=tuple(replace(e, summary="") for e in made.entries))
    messages = speaker(there, form=form).digest(made)
    together = "\n".join(words(out) for out, _ in messages)
    assert "1 story" in together and "2 · " in together and "1 · " not in together and "Forget" not in together


def compact(*items: Item, **more: Any) -> Outgoing:
    made: Digest = digest(*items)
    made = replace(made, entries=tuple(replace(e, **({"summary": ""} | more)) for e in made.entries))
    ((out, about),) = speaker(*items, form="compact").digest(made)
    assert about is None
    return out


def test_the_compact_form_is_one_message_with_a_few_words_on_each() -> None:
    out = compact(post("a", "The bees are back. And there is more."), post("b", "The train is late today.", by="bob"))
    assert out.key == "digest/pigeon/2026-11-20/compact"
    assert "1 · ann@fedi.example: The bees are back" in words(out) and "2 · bob@fedi.example" in words(out)
    assert of_kind(out, "link") == [post("a").url, post("b", by="bob").url] and "it is new" in words(out)


def test_the_compact_form_gathers_the_warnings_and_keeps_warned_words_back() -> None:
    warned = post("b", "eight legs", warning="spiders")
    out = compact(post("a", "The bees are back."), warned, post("c", "more legs", warning="spiders"))
    assert out.warning == "spiders" and "legs" not in words(out)


def test_an_entry_is_recognised_by_its_warning_else_its_lead_else_its_author() -> None:
    warned, plain, bare = post("a", "eight legs", warning="spiders"), post("b", "The bees are back."), post("c")
    speaks = speaker(warned, plain, replace(bare, text="🎉"))
    assert speaks.headline(entry(warned)) == "spiders"
    assert speaks.headline(entry(plain)) == "The bees are back."
    assert speaks.headline(entry(post("gone"))) == "a post that is deleted"


def test_a_story_in_full_tells_every_post_that_is_left_with_its_warning() -> None:
    long, warned, gone = post("a", "honey " * 100), post("b", "legs\nlegs", by="bob", warning="spiders"), post("c")
    out = speaker(long, warned).story(entry(long, warned, gone), "key", "p7")
    assert words(out).count("honey") == 100 and "legs\nlegs" in words(out)
    assert (out.key, out.reply_to, out.warning) == ("key", "p7", "spiders")
    assert of_kind(out, "link") == [long.url, warned.url]


def test_why_lists_every_factor_with_its_number_the_heaviest_first() -> None:
    factors = (
        Factor("age", 5, -0.1, "5 hours since it was last shared"),
        Factor("network", 3, 2.4, "3 people you follow share it"),
        Factor("bot", 0, 0.0),
        Factor("wishes", -1, -5.0, "you asked for less crypto"),
    )
    item = post("a", "The bees are back.")
    lines = words(speaker(item).why(entry(item, factors=factors), "key")).split("\n")
    assert lines[0] == "1 · “The bees are back.” scored -2.70 points:"
    assert [line.split()[1] for line in lines[1:-1]] == ["wishes", "network", "age"]
    assert lines[2] == "+2.40 network = 3.00 (3 people you follow share it)"
    assert lines[-1] == "Why: @ann posted it; you liked 2 posts like it."


def test_hits_are_numbered_dated_quoted_and_linked() -> None:
    late = replace(post("a", "The bees are back.", at=NOW.replace(hour=23)), warning="")
    out = speaker(late, zone="Asia/Tokyo").hits("bees", [Hit(late, 0.1, ("words",))], "key", "in1")
    assert words(out).startswith("From your archive on “bees”:\n\n[1] 21 Nov 2026, Ann A. ann@fedi.example\nThe bees")
    assert of_kind(out, "link") == [late.url] and out.reply_to == "in1"


def test_the_words_of_a_hit_with_a_warning_are_told_only_if_they_are_wanted() -> None:
    warned, plain = post("a", "eight legs", warning="spiders"), post("b", "two legs")
    hits = [Hit(warned, 0.1, ()), Hit(plain, 0.1, ())]
    out = speaker(warned, plain).hits("legs", hits, "key")
    assert "Content warning: spiders" in words(out) and "eight" not in words(out)
    assert "two legs" in words(out) and out.warning == "", "a warning hides nothing but what it is about"
    assert of_kind(out, "link") == [warned.url, plain.url]
    bold = words(speaker(warned, plain).hits("legs", hits, "key", behind_warnings=True))
    assert bold.index("Content warning: spiders") < bold.index("eight legs")


def test_an_empty_hand_is_said_plainly() -> None:
    assert words(speaker().hits("bees", [], "key")) == "I found nothing about “bees” in your archive."


def test_lines_become_breaks_and_nothing_is_lost() -> None:
    out = say("key", "one\n\ntwo", Span("strong", "three"))
    assert [span.kind for span in out.spans] == ["text", "break", "break", "text", "strong"]
    assert words(out) == "one\n\ntwothree"


def test_of_a_long_article_the_best_passages_are_quoted_with_a_link_to_their_place() -> None:
    lines = [
        f"The night train number {n} to Malmö runs again, and people are glad of it in town {n}." for n in range(40)
    ]
    article = post("a", "\n\n".join(lines), title="Night trains", kind="article", url="https://paper.example/malmo")
    out = told(article)
    (quote,) = of_kind(out, "quote")
    title, *passages = quote.split(" … ")
    assert title == "Night trains" and len(passages) == 2 and set(passages) <= set(lines)
    assert len(quote) <= LONGEST_QUOTE
    (link,) = of_kind(out, "link")
    assert link.startswith("https://paper.example/malmo#:~:text=The%20night%20train%20number%20")


def test_a_long_post_of_a_person_is_quoted_from_its_beginning() -> None:
    out = told(post("a", "The bees are back. " * 200))
    assert of_kind(out, "quote")[0].startswith("The bees are back.") and ":~:" not in of_kind(out, "link")[0]


def test_an_article_is_linked_once() -> None:
    article = post("a", "Short.", kind="article", url=f"{BRIDGE}?utm_source=rss", links=(BRIDGE,))
    assert of_kind(told(article, links=(BRIDGE,)), "link") == [article.url]
