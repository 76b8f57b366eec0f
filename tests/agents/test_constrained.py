from __future__ import annotations

import random
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llguidance import LLTokenizer
from pydantic import BaseModel, Field

from agents.checks import Summary
from agents.models.constrained import Constraint, grammar
from config.errors import ModelError
from tests.laws import tried

BYTES = LLTokenizer("byte")
"""A vocabulary in which a token is a byte: all that a model could ever say."""

Word = Annotated[str, Field(max_length=6)]


class Mood(Enum):
    GLAD = "glad"
    SAD = "sad"


class Place(BaseModel):
    name: Word
    height: int = Field(ge=-50, le=9000)


class Report(BaseModel):
    mood: Mood
    places: list[Place] = Field(max_length=2)
    note: Word | None = None
    weight: float = Field(ge=0, le=1, multiple_of=0.01)
    sure: bool
    kind: Literal["a", "b"] = "a"


def talk(schema: str, choose: random.Random, most: int = 4000) -> str:
    """What somebody says who takes any token that is allowed, and never ends before it must."""
    constraint, said = Constraint(BYTES, schema), []
    while not constraint.done and len(said) < most:
        allowed = [int(token) for token in constraint.allowed().nonzero()[0] if token != BYTES.eos_token]
        if not allowed:
            break
        token = choose.choice(allowed)
        said += [token, *constraint.take(token)]
    return bytes(said).decode()


@tried(40)
@given(st.randoms(use_true_random=False))
def test_whatever_is_said_within_the_mask_fits_the_schema(choose: random.Random) -> None:
    report = Report.model_validate_json(talk(grammar(Report), choose))

    assert len(report.places) <= 2


@tried(10)
@given(st.randoms(use_true_random=False))
def test_a_summary_ends_by_itself_however_much_is_said(choose: random.Random) -> None:
    assert len(Summary.model_validate_json(talk(grammar(Summary), choose)).sentence) <= 220


def test_what_must_follow_is_given_at_once() -> None:
    constraint = Constraint(BYTES, grammar(Place))

    assert bytes(constraint.take(ord("{"))) == b'"name":"'
    assert constraint.take(ord("O")) == []
    assert bytes(constraint.take(ord('"'))) == b',"height":'
    assert not constraint.done


def test_only_what_fits_is_allowed() -> None:
    allowed = Constraint(BYTES, grammar(Place)).allowed()

    assert [chr(token) for token in allowed.nonzero()[0]] == ["{"]
    assert allowed.shape == (BYTES.vocab_size,)


def test_a_token_outside_the_mask_is_a_model_error() -> None:
    with pytest.raises(ModelError, match="left its schema"):
        Constraint(BYTES, grammar(Place)).take(ord("x"))


def test_keys_that_are_not_in_the_schema_cannot_be_invented() -> None:
    constraint = Constraint(BYTES, grammar({"type": "object", "properties": {"a": {"type": "boolean"}}}))
    constraint.take(ord("{"))
    allowed = constraint.allowed()

    with pytest.raises(ModelError):
        for sign in b'"b"':
            constraint.take(sign)
    assert not allowed[ord("x")]


class Free(BaseModel):
    text: str


class Endless(BaseModel):
    count: int = Field(ge=0)


class Fraction(BaseModel):
    share: float = Field(ge=0, le=1)


class Many(BaseModel):
    names: list[Word]


class Anything(BaseModel):
    value: Any


class Keys(BaseModel):
    counts: dict[str, bool]


class Tree(BaseModel):
    branches: list[Tree] = Field(max_length=2)


class Inner(BaseModel):
    free: Free


class Either(BaseModel):
    value: Word | str


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        (Free, r"Free\.text .*maxLength"),
        (Endless, r"Endless\.count .*maximum"),
        (Fraction, r"Fraction\.share .*multipleOf"),
        (Many, r"Many\.names .*maxItems"),
        (Anything, r"Anything\.value .*anything"),
        (Keys, r"Keys\.counts .*keys"),
        (Tree, r"Tree\.branches.* refers to itself"),
        (Inner, r"Inner\.free\.text"),
        (Either, r"Either\.value"),
        ({"type": "object"}, "schema .*keys"),
        ({"type": ["string", "null"], "maxLength": 3}, "anything"),
    ],
)
def test_an_unbounded_schema_is_refused_with_the_place_named(schema: Any, where: str) -> None:
    with pytest.raises(ModelError, match=where):
        grammar(schema)


def test_a_schema_that_no_grammar_is_made_of_is_refused_when_it_is_used() -> None:
    schema = {"type": "object", "properties": {"day": {"type": "string", "maxLength": 9, "format": "moonday"}}}

    with pytest.raises(ModelError, match="schema cannot be used"):
        Constraint(BYTES, grammar(schema))


class Dated(BaseModel):
    day: date = Field(json_schema_extra={"maxLength": 10})


def test_a_bounded_date_is_a_date() -> None:
    assert Dated.model_validate_json(talk(grammar(Dated), random.Random(1)))
