"""What a conversation leaves behind for its next question, in a file of checkpoints: no words of anybody but the owner.

Of each turn it keeps the owner's question and the URIs of what was cited; the words of the answer are read from memory
again, so that what was deleted or forgotten since is not in them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
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
LONGEST_WAIT: Final = 10.0  # seconds for another connection to let go of the file


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


@contextmanager
def saver(path: Path) -> Iterator[SqliteSaver]:
    """LangGraph's checkpoints; only our own nouns may be read back from the file."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
    os.environ["LANGSMITH_TRACING"] = "false"
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    nouns = [(noun.__module__, noun.__name__) for noun in (Told, Understood, Intent, Filters, Kind)]
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, timeout=LONGEST_WAIT, check_same_thread=False)) as conn:
        conn.execute("PRAGMA secure_delete = ON")
        yield SqliteSaver(conn, serde=JsonPlusSerializer(allowed_msgpack_modules=nouns))


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
