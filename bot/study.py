"""Where questions are answered: the asker and the answerer, put together from the parts of a Magpie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.answer import Turn, Understood
from agents.personas import tone
from agents.standing import facts
from agents.understanding import Known, understand
from bot.jobs.answer import Answerer, Asks
from bot.speaking import Speaker
from memory.index import bring_up_to_date
from memory.keeping import sweeping
from memory.keeping.embedding import embed_missing
from memory.store import Memory

if TYPE_CHECKING:
    from bot.build import Magpie
    from bot.parlour import Parlour

MOST_NEW = 50
"""So many passages, the newest, are embedded before a question is answered, in a second or two."""


def answerer(magpie: Magpie, parlour: Parlour) -> Answerer:
    """The job that answers the questions of one channel."""
    return Answerer(
        magpie.store,
        parlour.channel,
        lambda: asker(magpie),
        lambda memory: speaker(magpie, memory),
        lambda: magpie.reading.owner_uri,
        magpie.checkpoints,
        magpie.now,
        deliver=parlour.speak,
        ending=lambda: magpie.ending(),  # noqa: PLW0108 - a service brings its own later on
        swept_later=lambda: sweeping.begin(magpie.settings.data),
    )


def asker(magpie: Magpie) -> Asks:
    """What answers from the archive. Raises ConfigError."""
    from agents.ask import Asker

    _embed_the_newest(magpie)
    mind, teller = magpie.mind, Speaker({}, {}, magpie.zone, private_words=magpie.private_words)
    return Asker(
        store=magpie.store,
        archive=magpie.archive,
        reading=magpie.reading,
        now=magpie.now,
        zone=magpie.zone,
        facts=lambda: standing_facts(magpie),
        may_tell=lambda item: teller.told(item) is item,
        understand=lambda question, before: _understood(magpie, question, before),
        model=None if mind.weak else mind.model,
        weak=mind.weak,
        tone=tone(magpie.settings.persona),
        keep=mind.keep,
        private_words=mind.private_words,
        noai=mind.refused_by,
    )


def _embed_the_newest(magpie: Magpie) -> None:
    """What was said a moment ago is found by meaning, too; more than that is left to the next collect.

    Beside another Magpie the index is left alone: it is that one's.
    """
    model = magpie.embedder.name
    with magpie.store.begin() as memory:
        new = bool(memory.vectors.missing(model, 1))
    if new:
        embed_missing(magpie.store, magpie.embedder, most=MOST_NEW)
        if magpie.alone:
            bring_up_to_date(magpie.store, magpie.index, model)


def _understood(magpie: Magpie, question: str, before: Sequence[Turn]) -> Understood:
    """By the rules of the languages, knowing who and what there is; no model has a say in it."""
    owner = magpie.reading.owner_uri
    with magpie.store.begin() as memory:
        known = Known(memory.accounts.people(), owner, *memory.sources.origins())
    return understand(question, magpie.now(), magpie.zone, known, before)


def standing_facts(magpie: Magpie) -> tuple[str, ...]:
    """What the owner's notes say of the owner, and stays so."""
    with magpie.store.begin() as memory:
        return tuple(fact.words for fact in facts(note.text for note in memory.notes.all()))


def speaker(magpie: Magpie, memory: Memory) -> Speaker:
    """Who says answers, as the channel may hear them."""
    zone = magpie.timetable.schedule(memory).zone
    return Speaker({}, memory.accounts.all(), zone, private_words=magpie.private_words)
