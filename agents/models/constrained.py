"""Answers that always fit their schema: a mask over the next token, the same for every engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from config.errors import ModelError

if TYPE_CHECKING:
    from llguidance import LLTokenizer

_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "discriminator", "deprecated"})
_BOUNDS: Mapping[str, tuple[tuple[str, ...], ...]] = {  # type → what it needs, each in one of these words
    "string": (("maxLength",),),
    "integer": (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
    "number": (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"), ("multipleOf",)),
    "array": (("maxItems",),),
    "boolean": (),
    "null": (),
}


class Constraint:
    """Walks one answer along a grammar: which tokens may come next, and which must."""

    def __init__(self, tokenizer: LLTokenizer, grammar: str) -> None:
        from llguidance import LLMatcher

        if wrong := LLMatcher.validate_grammar(grammar, tokenizer):
            raise ModelError(f"The schema cannot be used for an answer: {wrong.splitlines()[0]}.")
        self._matcher = LLMatcher(tokenizer, grammar, log_level=0)
        self._size = tokenizer.vocab_size

    @property
    def done(self) -> bool:
        """Whether the answer is complete and nothing can follow."""
        return bool(self._matcher.is_stopped())

    def allowed(self) -> NDArray[np.bool_]:
        """(vocabulary,): whether a token may come next."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        return np.unpackbits(bits, bitorder="little")[: self._size].astype(bool)

    def take(self, token: int) -> list[int]:
        """Go on with ``token``; return the tokens that must follow it, taken as well: they need no thinking."""
        if not self._matcher.consume_token(token):
            raise ModelError(f"The answer has left its schema: {self._matcher.get_error()}.")
        forced: list[int] = [] if self.done else self._matcher.compute_ff_tokens()
        if forced and not self._matcher.consume_tokens(forced):
            raise ModelError(f"The answer has left its schema: {self._matcher.get_error()}.")
        return forced


def guide(tokenizer: Any, vocabulary: int, stops: frozenset[int]) -> LLTokenizer:
    """What Constraint needs to know of a tokenizer of transformers. ``vocabulary``: how many logits the model gives."""
    from llguidance.hf import from_tokenizer

    try:
        return from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=sorted(stops))
    except ValueError as error:
        raise ModelError(f"This model's tokenizer cannot be held to a schema ({error}): take another model.") from error


def grammar(schema: type[BaseModel] | Mapping[str, Any]) -> str:
    """The grammar of compact JSON that fits ``schema``.

    Raises ModelError when anything in it has no bound: a small model would fill it until it is stopped.
    """
    return _grammar(json.dumps(bounded(schema)))


def bounded(schema: type[BaseModel] | Mapping[str, Any]) -> dict[str, Any]:
    """The JSON schema without annotations and references, closed to further keys. Raises ModelError as above."""
    plain = schema.model_json_schema() if isinstance(schema, type) else schema
    name = schema.__name__ if isinstance(schema, type) else str(schema.get("title", "schema"))
    return _bounded(plain, plain.get("$defs", {}), name, ())


@lru_cache(maxsize=64)
def _grammar(closed: str) -> str:
    from llguidance import LLMatcher

    guidance = {"whitespace_flexible": False, "coerce_one_of": True}
    return str(LLMatcher.grammar_from_json_schema(json.dumps({**json.loads(closed), "x-guidance": guidance})))


def _bounded(node: Mapping[str, Any], shared: Mapping[str, Any], where: str, trail: tuple[str, ...]) -> dict[str, Any]:
    """The node without annotations and references, closed to further keys; ModelError where it is unbounded."""
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        if name in trail or name not in shared:
            raise _unbounded(where, "it refers to itself or to nothing")
        return _bounded(shared[name], shared, where, (*trail, name))
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            return {"anyOf": [_bounded(one, shared, where, trail) for one in node[choice]]}
    plain = {key: value for key, value in node.items() if key not in _ANNOTATIONS and key != "$defs"}
    if "enum" in node or "const" in node:
        return plain
    if node.get("type") == "object":
        return _closed(plain, shared, where, trail)
    if node.get("type") == "array" and isinstance(node.get("items"), Mapping):
        plain["items"] = _bounded(node["items"], shared, f"{where}[]", trail)
    _check_bounds(plain, where)
    return plain


def _closed(node: dict[str, Any], shared: Mapping[str, Any], where: str, trail: tuple[str, ...]) -> dict[str, Any]:
    fields: Mapping[str, Any] = node.get("properties", {})
    if not fields or node.get("additionalProperties"):
        raise _unbounded(where, "its keys are not listed")
    closed = {name: _bounded(field, shared, f"{where}.{name}", trail) for name, field in fields.items()}
    return {**node, "properties": closed, "additionalProperties": False}


def _check_bounds(node: Mapping[str, Any], where: str) -> None:
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in _BOUNDS or (kind == "array" and "items" not in node):
        raise _unbounded(where, "it may hold anything")
    for words in _BOUNDS[kind]:
        if not any(word in node for word in words):
            raise _unbounded(where, f"the {kind} has no {words[0]}")


def _unbounded(where: str, why: str) -> ModelError:
    return ModelError(f"{where} cannot be asked of a model because {why}: bound it, or the answer may never end.")
