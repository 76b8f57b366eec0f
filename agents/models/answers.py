"""What all chat models here do alike: whole answers, stop words, answers by schema, and being built from settings."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap, RunnablePassthrough
from pydantic import BaseModel, ConfigDict, ValidationError

from config.errors import ConfigError, ModelError
from config.settings import refuse_unknown

Schema = type[BaseModel] | Mapping[str, Any]
M = TypeVar("M", bound=BaseChatModel)
_log = logging.getLogger(__name__)


class StreamedModel(BaseChatModel):
    """A chat model that gives its answers piece by piece: a whole one is all of its pieces."""

    model_config = ConfigDict(extra="forbid")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, None, **kwargs))


def ending(name: str, why: str, used: tuple[int, int] | None, seconds: float) -> AIMessageChunk:
    """What comes after the text: why it ended, and what it has cost in tokens read and written, if that is known."""
    read, wrote = used or (0, 0)
    _log.info("event=model_answered model=%s read=%d wrote=%d seconds=%.1f", name, read, wrote, seconds)
    usage = UsageMetadata(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
    return AIMessageChunk(
        content="",
        usage_metadata=usage if used else None,
        response_metadata={"finish_reason": why, "model_name": name},
        chunk_position="last",
    )


def settled(model: type[M], kind: str, settings: Mapping[str, Any], name: str, **more: Any) -> M:
    """The model of these settings. ``name`` is the field that the setting ``name`` goes to, ``more`` are its others.

    Raises ConfigError when a setting is unknown, missing or impossible.
    """
    known = set(model.model_fields) - {name, *more, *BaseChatModel.model_fields} | {"name"}
    refuse_unknown(settings, known, f"The model {kind!r}")
    given = {name if key == "name" else key: value for key, value in settings.items()}
    try:
        return model(**more, **given)
    except ValidationError as error:
        wrong = error.errors()[0]
        setting = ".".join(map(str, wrong["loc"]))
        setting = "name" if setting == name else setting
        raise ConfigError(f"The setting {setting!r} of the model {kind!r} cannot be used: {wrong['msg']}.") from error


def by_schema(
    answer: Runnable[LanguageModelInput, Any], schema: Schema, include_raw: bool
) -> Runnable[LanguageModelInput, Any]:
    """The answer as an instance of ``schema`` (a dict for a JSON schema).

    ``include_raw``: a dict of raw (the message), parsed and parsing_error instead, as LangChain has it.
    """
    parse = RunnableLambda(lambda message: parsed(message, schema))
    if not include_raw:
        return answer | parse
    whole = RunnablePassthrough.assign(parsed=itemgetter("raw") | parse, parsing_error=lambda _: None)
    broken = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=answer) | whole.with_fallbacks([broken], exception_key="parsing_error")


def parsed(message: BaseMessage, schema: Schema) -> Any:
    """What a message says in JSON, as ``schema`` has it. Raises ModelError when it does not fit."""
    try:
        found = _json(str(message.text))
        return schema.model_validate_json(found) if isinstance(schema, type) else _checked(json.loads(found), schema)
    except (ValidationError, ValueError, RecursionError) as error:
        why = "it was cut off, so raise max_tokens" if _cut(message) else _first_line(error)
        raise ModelError(f"The model's answer does not fit its schema: {why}.") from error


def _json(text: str) -> str:
    """The object in the text: a model that nothing holds to a schema puts it into a fence, or thinks aloud first."""
    text = text.rpartition("</think>")[2]
    begin = text.find("{")
    if begin < 0:
        return text
    _, end = json.JSONDecoder().raw_decode(text, begin)
    return text[begin:end]


def _checked(found: Any, schema: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(found):
        raise ValueError(f"{error.json_path} breaks the rule {error.validator!r}")
    return found


def _cut(message: BaseMessage) -> bool:
    return bool(message.response_metadata.get("finish_reason") == "length")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".:")


def until(heard: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    """The pieces of a text up to the first stop word. ``heard`` is the whole text so far, again and again.

    What may still become a stop word, or is half a sign, is held back.
    """
    stop = [word for word in stop if word]
    text, said = "", 0
    for text in heard:
        if found := [text.index(word) for word in stop if word in text]:
            if rest := text[said : min(found)]:
                yield rest
            return
        sure = len(text.rstrip("\ufffd")) - _beginning(text, stop)
        if sure > said:
            yield text[said:sure]
            said = sure
    if rest := text[said:]:
        yield rest


def _beginning(text: str, stop: Sequence[str]) -> int:
    """Length of the longest end of ``text`` that a stop word begins with."""
    return max((n for word in stop for n in range(1, len(word)) if text.endswith(word[:n])), default=0)
