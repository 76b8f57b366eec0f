"""What the digest and the answer have in common: a walk of named nodes, one after the other, that can be resumed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict, get_type_hints

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.sqlite import SqliteSaver

LONGEST_WAIT: Final = 10.0  # seconds for another connection to let go of the file


def walk(
    name: str,
    nodes: Mapping[str, Callable[..., Any]],
    state: type,
    context: type,
    in_words: Collection[str],
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> Any:
    """The compiled graph of these nodes, in their order. The parts of its state ``in_words`` are in no checkpoint."""
    from langgraph.channels import UntrackedValue
    from langgraph.graph import START, StateGraph

    hints = get_type_hints(state)
    fields = hints | {part: Annotated[hints[part], UntrackedValue] for part in in_words}
    graph = StateGraph(TypedDict("State", fields, total=False), context_schema=context)  # type: ignore
    before = START
    for node, work in nodes.items():
        graph.add_node(node, work)
        graph.add_edge(before, node)
        before = node
    return graph.compile(checkpointer=checkpointer, name=name)


@contextmanager
def saver(path: Path, nouns: Collection[type]) -> Iterator[SqliteSaver]:
    """LangGraph's checkpoints in a file of their own; only these nouns may be read back from it."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
    os.environ["LANGSMITH_TRACING"] = "false"
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    allowed = [(noun.__module__, noun.__name__) for noun in nouns]
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, timeout=LONGEST_WAIT, check_same_thread=False)) as conn:
        conn.execute("PRAGMA secure_delete = ON")
        conn.execute("PRAGMA synchronous = NORMAL")  # after a power cut a run begins anew from a node before
        yield SqliteSaver(conn, serde=JsonPlusSerializer(allowed_msgpack_modules=allowed))
