"""One call of a chat model: what it answers to a prompt, and how that is written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.prompts import Prompt
from memory.store.runs import ModelCall

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from pydantic import BaseModel


def reply(model: BaseChatModel, form: type[BaseModel], prompt: Prompt) -> Mapping[str, Any]:
    """Of raw (the message), parsed, parsing_error and error what there is. Nothing is raised: models that are plugged
    in raise what they like."""
    try:
        answer = model.with_structured_output(form, include_raw=True).invoke(prompt.messages)
    except Exception as error:
        return {"error": error}
    return answer if isinstance(answer, Mapping) else {"parsed": answer}


def written_down(
    prompt: Prompt,
    raw: Any,
    *,
    run: str,
    at: datetime,
    model: str,
    inputs: tuple[str, ...],
    verdict: str,
    seconds: float,
) -> ModelCall:
    """The call as the log keeps it; ``raw`` is the message that came, if one did."""
    usage = getattr(raw, "usage_metadata", None) or {}
    return ModelCall(
        run=run,
        at=at,
        prompt=prompt.name,
        version=prompt.version,
        model=model,
        inputs=inputs,
        messages=tuple(text for _, text in prompt.messages),
        output=str(raw.content) if raw is not None else "",
        verdict=verdict,
        tokens_in=usage.get("input_tokens", 0),
        tokens_out=usage.get("output_tokens", 0),
        seconds=seconds,
    )
