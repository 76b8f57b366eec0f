"""How well the archive finds: each conversation in a memory of its own, its questions asked as anybody would ask.

A folder holds a folder a conversation, with ``archive.jsonl`` (a turn a line: id, author, text, and where known
created_at and caption) and ``queries.jsonl`` (doc_id, question_index, q).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from config.errors import SourceError
from memory.embedding import Embedder
from memory.exact import ExactIndex
from memory.keeping.embedding import embed_missing
from memory.records import Account, Item, Media
from memory.scoring import WEIGHTS, Weights
from memory.search import Archive
from memory.store import Store

OWNER: Final = "owner@archive.example"
SOMETIME: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""The first turn of a conversation whose turns have no dates: then each comes a second after the other."""

RANKED: Final = 100


def conversations(folder: Path) -> list[Path]:
    """The conversations of a folder. Raises SourceError when there are none."""
    found = sorted(path.parent for path in folder.glob("*/archive.jsonl"))
    if not found:
        raise SourceError(f"There is no conversation in {folder}: each needs a folder with archive.jsonl.")
    return found


def ranked(
    folder: Path, embedder: Embedder, ignored: Collection[str], weights: Weights = WEIGHTS
) -> Iterator[dict[str, Any]]:
    """Answer the questions of one conversation: doc_id, question_index, and the ids of turns, best first."""
    with TemporaryDirectory(prefix="magpie-recall-") as room:
        store = Store.open(Path(room) / "magpie.db", OWNER)
        try:
            take_in(store, folder)
            embed_missing(store, embedder)
            index = ExactIndex(store, embedder.name)
            yield from answers(folder, Archive(store, embedder, index, ignored, weights))
        finally:
            store.close()


def answers(folder: Path, archive: Archive) -> Iterator[dict[str, Any]]:
    """Ask what is to be asked of a conversation that was taken in."""
    for asked in _rows(folder / "queries.jsonl"):
        hits = archive.search(asked["q"], RANKED)
        ids = [hit.item.ref.partition("#")[2] for hit in hits]
        yield {"doc_id": asked["doc_id"], "question_index": asked["question_index"], "ranked": ids}


def take_in(store: Store, folder: Path) -> None:
    """Every turn as an item of one chat."""
    with store.begin() as memory:
        turns = list(_rows(folder / "archive.jsonl"))
        names = {str(turn["author"]) for turn in turns}
        memory.accounts.keep([Account(_person(name), f"{name.replace(' ', '.')}@chat.example", name) for name in names])
        for place, turn in enumerate(turns):
            memory.items.keep(_item(folder.name, place, turn), SOMETIME)


def _item(chat: str, place: int, turn: dict[str, Any]) -> Item:
    caption = turn.get("caption")
    return Item(
        uri=f"chat://{chat}/{turn['id']}",
        ref=f"chat://{chat}#{turn['id']}",
        author=_person(turn["author"]),
        created_at=_at(turn.get("created_at"), place),
        text=turn["text"],
        source="chat",
        kind="chat",
        reply_to=f"chat://{chat}",
        media=(Media("image", caption),) if caption else (),
    )


def _at(said: str | None, place: int) -> datetime:
    if not said:
        return SOMETIME + timedelta(seconds=place)
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _person(name: object) -> str:
    return f"chat://people/{name}"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for line in path.read_text(encoding="utf-8-sig").splitlines():
            yield json.loads(line)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read ({error}): each line is to be a JSON object.") from error
