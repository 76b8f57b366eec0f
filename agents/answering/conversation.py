"""What a conversation leaves behind for its next question, in a file of checkpoints: no words of anybody but the owner.

Of each turn it keeps the owner's question and the URIs of what was cited; the words of the answer are read from memory
again, so that what was deleted or forgotten since is not in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from agents.answer import Answer, Intent, Turn, Understood
from agents.answering import Means
from agents.answering.network import who
from agents.extract import lead_sentence
from memory.query import Filters
from memory.records import Kind

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

KEPT: Final = 5
"""How many turns back a question may refer to."""

CITED: Final = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A turn as it is kept: the owner's own words, how they were understood, and the Item.uri of what was cited."""

    question: str
    understood: Understood
    cited: tuple[str, ...]


def turn(means: Means, told: Told) -> Turn:
    """The turn again, with what is left of its answer: who said what, a line each."""
    accounts = means.accounts()
    lines = [f"{who(accounts, [item.author])}: {lead_sentence(item.searchable)}" for item in means.items(told.cited)]
    return Turn(told.question, told.understood, "\n".join(lines))


def grown(before: Sequence[Told], question: str, answer: Answer) -> list[Told]:
    """The turns with one more; one that is asked again, as after a crash, is the same turn."""
    used = {number for claim in answer.claims for number in claim.cites}
    cited = [hit for number, hit in enumerate(answer.hits, 1) if number in used or not used]
    told = Told(question, answer.understood, tuple(hit.item.uri for hit in cited[:CITED]))
    return [*(one for one in before if one.question != question), told][-KEPT:]


NOUNS: Final = (Told, Understood, Intent, Filters, Kind)
"""What checkpoints of a conversation are made of."""


def thread(conversation: str) -> Any:
    """What the graph takes for the config of a conversation. Its name sorts by time, as those of runs do."""
    return {"configurable": {"thread_id": conversation}}


def keep_last(checkpoints: SqliteSaver, conversation: str) -> None:
    """Of a conversation only the last checkpoint is of use; the others leave the file."""
    last = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?"
    with checkpoints.cursor() as cursor:
        for table in ("writes", "checkpoints"):
            older = f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < ({last})"  # noqa: S608
            cursor.execute(older, (conversation, conversation))
