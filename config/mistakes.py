"""What is wrong with a setting, in one sentence that whoever wrote it understands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_SECRET: Final = re.compile(r"(^|[_-])(token|secrets?|password|passphrase|credentials|api[_-]?key)$", re.IGNORECASE)
_WISHES: Final = {
    "bool": "write true or false",
    "int": "write a whole number",
    "float": "write a number",
    "string": "put it in quotes",
    "path": "put a path in quotes",
    "tuple": 'make it a list, such as ["…"]',
    "model": "make it a table, with its keys below its name in brackets",
}
_BOUNDS: Final = {
    "ge": "it must be at least",
    "gt": "it must be more than",
    "le": "it can be at most",
    "lt": "it must be less than",
    "min_length": "there must be at least",
    "max_length": "there can be at most",
}


def sentence(error: ValidationError, settings: type[BaseModel]) -> str:
    """The likeliest of them; ``settings`` is the model that refused the table."""
    found = error.errors(include_url=False)
    # A key that is misspelt is also one that is missing.
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no setting {place!r}{nearest(str(first['loc'][-1]), _keys(first['loc'][:-1], settings))}."
    if first["type"] == "missing":
        return f"the setting {place!r} is missing; the README shows an example."
    if first["type"].startswith("tuple") and isinstance(first["input"], Mapping):
        return f"{place!r} may be there several times: write [[{place}]] above each, in two brackets."
    return f"{place!r} is {first['input']!r}: {_wish(first, settings)}."


def _wish(error: ErrorDetails, settings: type[BaseModel]) -> str:
    """What should stand there, in plain words where pydantic's are a programmer's."""
    kind, bounds = error["type"], error.get("ctx", {})
    example = _example(error["loc"], settings)
    if kind == "string_pattern_mismatch" and example:
        return f"write it like {example}"
    if kind == "literal_error":
        return f"write {bounds['expected']}"
    for name, words in _BOUNDS.items():
        if name in bounds:
            return f"{words} {bounds[name]}"
    return _WISHES.get(kind.partition("_")[0], error["msg"].removeprefix("Value error, "))


def _example(loc: tuple[int | str, ...], settings: type[BaseModel]) -> str:
    """How a setting looks that has a form of its own; nothing for any other."""
    schema = settings.model_json_schema()
    tables = schema["$defs"]
    for part in loc:
        schema = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
        schema = tables.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return str(schema["description"]) if "pattern" in schema and "description" in schema else ""


def _keys(loc: tuple[int | str, ...], settings: type[BaseModel]) -> set[str]:
    model: Any = settings
    for part in loc:
        model = model.model_fields[part].annotation if isinstance(part, str) and part in model.model_fields else None
        if model is None or not hasattr(model, "model_fields"):
            return set()
    return set(model.model_fields) - {"secrets"}


def nearest(key: str, known: set[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]!r}" if near else f"; there are: {', '.join(sorted(known))}" if known else ""


def secret_places(value: Any, place: str = "") -> Iterator[str]:
    """Where in a table something stands that nobody but the owner may read."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if _SECRET.search(key):
                yield f"{place}{key}"
            yield from secret_places(inner, f"{place}{key}.")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from secret_places(inner, f"{place}{number}.")
