"""A repository of Bluesky as it is downloaded: a CAR file of blocks in DAG-CBOR, read twice and never held as a whole.

Blocks of the tree tell which record is called how; the order of records is that of the file.
https://atproto.com/specs/repository, https://ipld.io/specs/transport/car/carv1/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from config.errors import SourceError
from tools.importers.fields import Json, word
from tools.importers.opening import Opened
from tools.importers.rows import RowError

_LONGEST: Final = 4 << 20  # bytes of a block; the network allows 2 MB
_COLLECTIONS: Final = (b"app.bsky.feed.post/", b"app.bsky.feed.like/", b"app.bsky.feed.repost/")


@dataclass
class Repo:
    """One repository. ``keys``: the name of a block → what its record is called (collection/key)."""

    opened: Opened
    name: str
    did: str = ""
    shown: str = ""  # the name that the owner shows
    keys: dict[bytes, str] = field(default_factory=dict)
    faults: list[RowError] = field(default_factory=list)

    def survey(self) -> None:
        """Read the tree, and whose it is. Damage is noted; what came before counts."""
        try:
            for number, (_, data) in enumerate(self._blocks(), 1):
                block = _decoded(data)
                if isinstance(block, dict):
                    self._note(block)
                else:
                    self.faults.append(RowError(f"Block {number} of {self.name}", "it is no DAG-CBOR"))
        except SourceError as error:
            self.faults.append(RowError(f"The rest of {self.name}", str(error).rstrip(".")))
        if not self.did:
            self.faults.append(RowError(self.name, "it does not say whose repository it is"))

    def records(self) -> Iterator[tuple[str, Json]]:
        """Records of posts, likes and reposts with what each is called."""
        try:
            for cid, data in self._blocks():
                key, block = self.keys.get(cid), None
                if key is not None:
                    block = _decoded(data)
                if key is not None and isinstance(block, dict):
                    yield key, block
        except SourceError:
            return  # it was noted by the survey

    def _note(self, block: dict[str, Any]) -> None:
        if block.keys() == {"e", "l"} and isinstance(block["e"], list):
            self._branch(block["e"])
        elif isinstance(block.get("did"), str) and "data" in block:
            self.did = block["did"]
        elif block.get("$type") == "app.bsky.actor.profile":
            self.shown = word(block, "displayName")

    def _branch(self, entries: list[Any]) -> None:
        """Entries of a node of the tree; each shares the beginning of its key with the one before."""
        before = b""
        for entry in entries:
            try:
                before = before[: entry["p"]] + entry["k"]
                wanted = before.startswith(_COLLECTIONS) and len(before) < 1024
                if wanted:
                    self.keys[bytes(entry["v"])] = before.decode("ascii")
            except (TypeError, LookupError, ValueError):
                self.faults.append(RowError(f"A branch of {self.name}", "it is none"))
                return

    def _blocks(self) -> Iterator[tuple[bytes, bytes]]:
        """The blocks with their names (CIDs). Raises SourceError where the file is damaged."""
        with self.opened.stream(self.name) as file:
            header = _section(file, self.name)
            if not isinstance(found := _decoded(header or b""), dict) or found.get("version") != 1:
                raise SourceError(f"{self.name} is no CAR file of version 1.")
            while (section := _section(file, self.name)) is not None:
                size = _cid_size(section)
                if not size:
                    raise SourceError(f"{self.name} is damaged: a block has no name.")
                yield section[:size], section[size:]


def _section(file: BinaryIO, name: str) -> bytes | None:
    """The next section; None at the end."""
    size = _varint(file)
    if size is None:
        return None
    if not 0 < size <= _LONGEST:
        raise SourceError(f"{name} is damaged: a block of {size} bytes is none.")
    data = file.read(size)
    if len(data) < size:
        raise SourceError(f"{name} ends in the middle of a block.")
    return data


def _varint(file: BinaryIO) -> int | None:
    value = 0
    for place in range(9):
        byte = file.read(1)
        if not byte:
            return None if place == 0 else -1
        value |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            return value
    return -1


def _cid_size(data: bytes) -> int:
    """How long the name at the beginning of a section is; 0: there is none."""
    if data[:2] == b"\x12\x20":
        return 34  # version 0: a bare hash
    # Version 1: version, codec, kind of hash, its length; all that are in use here take one byte each.
    if len(data) < 4 or data[0] != 1 or max(data[:4]) >= 0x80:
        return 0
    return 4 + data[3] if 4 + data[3] <= len(data) else 0


def _decoded(data: bytes) -> Any:
    """A block in DAG-CBOR; None for what is none."""
    import libipld

    try:
        return libipld.decode_dag_cbor(data)
    except (ValueError, RecursionError):
        return None
