"""What is to be remembered and forgotten: nothing is forgotten before it was shown, and then it leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from agents.gathering import Reading
from bot.commands import COMMANDS, Asked
from bot.notes import EVERYTHING, MOST, NOTHING, WAITS, Notebook, agreed
from bot.speaking import Speaker
from memory.keeping.export import export
from memory.keeping.taking_in import take_in
from memory.records import Message, Visibility
from memory.store import Store
from memory.store.questions import STOPPED, Question
from tests.fakes import NOW, OWNER, HashedWords, account, post, words

ME = account("me").uri


@dataclass
class Pad:
    """The owner's commands about notes, and what they are answered."""

    store: Store
    clock: list[datetime] = field(default_factory=lambda: [NOW])
    swept: list[bool] = field(default_factory=list)

    def __call__(self, said: str) -> str:
        """A command."""
        name, _, rest = said.partition(" ")
        with self.store.begin() as memory:
            given = {"channel": "pigeon", "author": ME, "swept_later": lambda: self.swept.append(True)}
            speaker = Speaker({}, {}, ZoneInfo("UTC"))
            asked = Asked(memory, speaker, rest.strip(), None, self.clock[0], "key", "in7", "none", **given)  # type: ignore[arg-type]
            answer = COMMANDS[name](asked)
        assert not isinstance(answer, list)
        return answer.text

    def notes(self) -> list[str]:
        with self.store.begin() as memory:
            return [note.text for note in memory.notes.all()]

    def said(self, text: str, number: str = "m1") -> None:
        """A message of the owner's that is kept as one."""
        message = Message("pigeon", text, self.clock[0], number)
        with self.store.begin() as memory:
            memory.messages.add(message)
            memory.notes.heard(message, ME, asks=False)


@pytest.fixture
def pad(store: Store) -> Pad:
    return Pad(store)


def test_a_note_is_an_item_of_the_owners_that_nobody_else_may_read(pad: Pad) -> None:
    assert pad("remember the key is with Ana") == "Note 1: “the key is with Ana”\n/forget 1 takes it back."
    with pad.store.begin() as memory:
        (note,) = memory.notes.all()
        (reaction,) = memory.reactions.of(note.uri)
    assert (note.kind, note.source, note.author, note.visibility) == ("note", "magpie", ME, Visibility.DIRECT)
    assert reaction.kind == "authored" and note.uri.startswith("magpie:note/")


def test_notes_are_found_by_their_words_at_once(pad: Pad) -> None:
    pad("remember the key is with Ana")
    with pad.store.begin() as memory:
        (found,) = memory.conn.scalars(text("SELECT count(*) FROM items WHERE text LIKE '%key%' AND indexable"))
    assert found == 1


def test_notes_are_listed_with_numbers_and_dates(pad: Pad) -> None:
    assert pad("notes").startswith("There are no notes yet.")
    pad("remember one")
    pad.clock[0] += timedelta(days=1)
    pad("remember two")
    assert pad("notes") == "1 · 2026-11-20: “one”\n2 · 2026-11-21: “two”"


def test_a_note_is_edited_in_its_place(pad: Pad) -> None:
    pad("remember the key is with Ana")
    pad("remember two")
    assert pad("edit 1 the key is with Ben") == "Note 1 was: “the key is with Ana”\nNow it is: “the key is with Ben”"
    assert pad.notes() == ["the key is with Ben", "two"]
    assert pad("edit 9 nothing") == "There is no note 9; /notes lists them."


@pytest.mark.parametrize("said", ["remember", "edit 1", "edit key", "forget", "forget yes"])
def test_a_command_that_is_used_wrongly_is_answered_with_an_example(pad: Pad, said: str) -> None:
    assert pad(said).startswith("I did not understand that. For example: /")


def test_a_note_is_shown_before_it_is_forgotten(pad: Pad) -> None:
    pad("remember the key is with Ana")
    asked = pad("forget 1")
    assert "“the key is with Ana”" in asked and asked.endswith("Say yes, or /forget 1 yes.")
    assert pad.notes() == ["the key is with Ana"] and not pad.swept
    assert pad("forget 1 yes").startswith("Forgotten.")
    assert pad.notes() == [] and pad.swept


def test_a_yes_without_having_been_shown_shows_first(pad: Pad) -> None:
    pad("remember one")
    pad("remember two")
    assert "“two”" in pad("forget 2 yes") and pad.notes() == ["one", "two"]
    pad("forget 1")
    assert "“two”" in pad("forget 2 yes") and pad.notes() == ["one", "two"]
    assert pad("forget 2 yes").startswith("Forgotten.") and pad.notes() == ["one"]


def test_what_was_shown_is_forgotten_although_the_numbers_have_moved(pad: Pad) -> None:
    for one in ("one", "two", "three"):
        pad(f"remember {one}")
    pad("forget 2")
    with pad.store.begin() as memory:
        memory.items.purge(memory.notes.all()[0].ref, NOW)
    pad("forget 2 yes")
    assert pad.notes() == ["three"]


def test_a_bare_yes_counts_for_some_minutes(pad: Pad) -> None:
    def about() -> str:
        with pad.store.begin() as memory:
            return Notebook(memory, pad.clock[0], ME).asked_about()

    assert about() == ""
    pad("remember one")
    pad("forget 1")
    assert about() == "1"
    pad.clock[0] += WAITS + timedelta(seconds=1)
    assert about() == ""
    assert agreed("Yes!") and agreed("ja") and agreed(" oui ") and not agreed("yes please, tell me more")


def test_what_was_said_about_something_is_found_shown_and_forgotten_with_every_trace(pad: Pad) -> None:
    pad("remember the divorce papers are in the blue box")
    pad.said("My divorce is through at last")
    pad.said("My tram was late", "m2")
    with pad.store.begin() as memory:
        memory.rules.set_interest("divorce", 1.0, NOW)
        memory.outbox.queue("pigeon", words("answer/1", "you said that the divorce is through"), NOW)
        memory.questions.add(Question("pigeon", "m3", "c", "what of my divorce?", NOW))
        memory.items.keep(post("a", "A famous divorce, says the paper"), NOW)
    asked = pad("forget divorce")
    assert "blue box" in asked and "at last" in asked and "your wish about divorce" in asked and "tram" not in asked
    pad("forget divorce yes")
    with pad.store.begin() as memory:
        dump = memory.conn.connection.driver_connection
        assert dump is not None
        left = "\n".join(line for line in dump.iterdump() if "divorce" in line.lower())
        question = memory.questions.of("pigeon", "m3")
    assert "A famous divorce" in left, "what others have said is theirs"
    assert "blue box" not in left and "through" not in left and "what of my" not in left
    assert question is not None and question.state == STOPPED
    with pad.store.begin() as memory:
        assert [item.text for item in memory.notes.said()] == ["My tram was late"]


def test_the_message_that_brought_a_note_goes_with_it(pad: Pad) -> None:
    with pad.store.begin() as memory:
        memory.messages.add(Message("pigeon", "/remember the key is with Ana", NOW, "m1"))
        memory.messages.add(Message("pigeon", "the weather is fine", NOW, "m2"))
    pad("remember the key is with Ana")
    pad("forget 1")
    pad("forget 1 yes")
    with pad.store.begin() as memory:
        kept = list(memory.conn.scalars(text("SELECT text FROM messages ORDER BY id")))
    assert kept == ["", "the weather is fine"]


def test_nothing_known_about_it_is_said_plainly(pad: Pad) -> None:
    assert pad("forget divorce") == "You have told me nothing about “divorce”."
    assert pad("forget 3") == "There is no note 3; there are none yet."
    assert "no word" in pad("forget !!!")


def test_all_that_would_be_forgotten_is_shown_and_too_much_is_not_taken(pad: Pad) -> None:
    for n in range(MOST):
        pad.said(f"the tram number {n} was late", f"m{n}")
    asked = pad("forget tram")
    assert all(f"number {n} was" in asked for n in range(MOST))
    pad.said("one more tram", "more")
    assert pad("forget tram").endswith("too many to show: say more words.")
    assert "too many" in pad("forget tram yes")
    with pad.store.begin() as memory:
        assert len(memory.notes.said()) == MOST + 1


def test_questions_are_counted_and_shown_one_by_one_only_if_they_are_meant(pad: Pad) -> None:
    with pad.store.begin() as memory:
        memory.notes.heard(Message("pigeon", "where is the key?", NOW, "q1"), ME, asks=True)
    assert pad("forget key").endswith("only asked about it: /forget questions about key")
    pad("remember the key is with Ana")
    asked = pad("forget key")
    assert "where is the key?" not in asked and "and a question of yours with these words" in asked
    with pad.store.begin() as memory:
        memory.items.purge(memory.notes.all()[0].ref, NOW)
    assert "you asked · 2026-11-20: “where is the key?”" in pad("forget questions about key")
    assert pad("forget questions about key yes").startswith("Forgotten.")
    with pad.store.begin() as memory:
        assert memory.notes.said() == []


def test_a_note_keeps_its_number_and_no_number_is_given_twice(pad: Pad) -> None:
    for one in ("one", "two", "three"):
        pad(f"remember {one}")
    pad("forget 1")
    pad("forget 1 yes")
    assert pad("notes") == "2 · 2026-11-20: “two”\n3 · 2026-11-20: “three”"
    assert pad("forget 1") == "There is no note 1; /notes lists them."
    pad("forget 3")
    pad("forget 3 yes")
    assert pad("remember four").startswith("Note 4: ")


def test_nothing_is_no_note(pad: Pad) -> None:
    with pad.store.begin() as memory:
        assert Notebook(memory, NOW, ME).remember(" \n") == NOTHING
    assert pad.notes() == []


@pytest.mark.parametrize("all_of_it", ["everything", "Alles!", "everything about me"])
def test_how_everything_is_forgotten_is_told_and_not_done(pad: Pad, all_of_it: str) -> None:
    pad("remember everything is in the blue box")
    assert pad(f"forget {all_of_it}") == pad(f"forget {all_of_it} yes") == EVERYTHING
    assert len(pad.notes()) == 1


def test_notes_travel_with_an_export(pad: Pad, tmp_path: Path) -> None:
    pad("remember the key is with Ana")
    path, _ = export(pad.store, tmp_path / "all.jsonl", NOW)
    other = Store.open(tmp_path / "other" / "magpie.db", OWNER)
    assert take_in(other, path).faults == []
    assert Pad(other).notes() == ["the key is with Ana"]
    other.close()


def test_a_note_is_no_like_of_what_it_speaks_of(pad: Pad) -> None:
    pad("remember no more football in this house")
    reading = Reading(pad.store, HashedWords(), ME)
    with pad.store.begin() as memory:
        (note,) = memory.notes.all()
        memory.vectors.put("hashed words", [(note, HashedWords().embed([note.text])[0])])
        assert reading.taste(memory, NOW).examples == ()


def test_a_standing_fact_is_a_mild_interest_as_long_as_its_note_is_there(pad: Pad) -> None:
    reading = Reading(pad.store, HashedWords(), ME)
    pad("remember I live in Lisbon")
    with pad.store.begin() as memory:
        memory.rules.set_interest("rail", 1.0, NOW)
    known = reading.circumstances(NOW)
    assert known.interests == {"lisbon": 0.3, "rail": 1.0} and known.standing == {"lisbon": "I live in Lisbon"}
    with pad.store.begin() as memory:
        memory.rules.set_interest("lisbon", -1.0, NOW)
    assert reading.circumstances(NOW).interests["lisbon"] == -1.0, "what was asked for comes first"
    assert reading.circumstances(NOW).standing == {}
    pad("forget 1")
    pad("forget 1 yes")
    assert reading.circumstances(NOW).standing == {}
