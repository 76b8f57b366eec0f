"""What is said outside this machine has no words of posts for followers only."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from agents.extract import lead_sentence
from bot.speaking import FOR_FOLLOWERS, Speaker
from memory.query import Hit
from memory.records import Entry, Item, Media, Outgoing, Visibility
from tests.fakes import account, post

SECRET = "The bees have moved into the organ loft and the vicar must not know of it."
LINK = "https://church.example/organ"


def private(**more: object) -> Item:
    item = post("p", text=SECRET)
    return replace(item, visibility=Visibility.FOLLOWERS, links=(LINK,), canonical=(LINK,), warning="organ", **more)  # type: ignore[arg-type]


def speaker(item: Item, *others: Item, private_words: bool) -> Speaker:
    known = {one.uri: one for one in (item, *others)}
    return Speaker(known, {item.author: account("ann")}, ZoneInfo("UTC"), private_words=private_words)


def entry(item: Item, *others: Item) -> Entry:
    uris = tuple(one.uri for one in (item, *others))
    return Entry(1, item.uri, uris, (item.author,), reasons=("it is new",), summary="Bees in the loft.", links=(LINK,))


def words(out: Outgoing) -> str:
    return " ".join((out.warning, *(f"{span.text} {span.url}" for span in out.spans)))


def everything_said(item: Item, *, private_words: bool) -> str:
    says, told = speaker(item, private_words=private_words), entry(item)
    outs = [
        says.entry(told, "k"),
        says.story(told, "k"),
        says.why(told, "k"),
        says.hits("bees", [Hit(item, 1.0, ("words",))], "k"),
    ]
    return " ".join([*map(words, outs), says.headline(told)])


def test_the_words_of_a_post_for_followers_stay_here_in_whatever_is_said() -> None:
    item = private(media=(Media("image", "A vicar under an organ"),), poll=("tell him", "do not"))
    said = everything_said(item, private_words=False)
    for kept_back in (SECRET, lead_sentence(SECRET), "vicar", "tell him", "organ", LINK, "Bees in the loft"):
        assert kept_back not in said
    assert FOR_FOLLOWERS in said
    assert item.url in said


def test_in_a_channel_on_this_machine_they_are_quoted() -> None:
    assert SECRET in everything_said(private(), private_words=True)


def test_an_open_post_is_quoted_everywhere() -> None:
    assert SECRET in everything_said(replace(private(), visibility=Visibility.UNLISTED), private_words=False)


def test_a_summary_that_has_read_a_post_for_followers_is_not_told_outside() -> None:
    lead = post("q", text="The organ is being tuned on Thursday by somebody from far away.")
    says = speaker(lead, private(), private_words=False)
    assert "Bees in the loft" not in words(says.entry(entry(lead, private()), "k"))
    assert "tuned on Thursday" in words(says.entry(entry(lead, private()), "k"))
