"""What is private goes to no model elsewhere unless the owner lets it; who asks to be left out is shown to none."""

from __future__ import annotations

import pytest
from langchain_core.language_models import FakeListChatModel

from agents.discretion import PRIVATE, Discretion
from memory.records import Visibility
from tests.fakes import account, post

ELSEWHERE, HERE = Discretion(trusted=False), Discretion(trusted=True)


@pytest.mark.parametrize("kind", sorted(PRIVATE))
def test_what_is_the_owners_own_affair_is_private_even_if_it_says_it_is_public(kind: str) -> None:
    item = post("a", kind=kind, visibility=Visibility.PUBLIC)
    assert HERE.may_read(item) and not ELSEWHERE.may_read(item)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_post_goes_elsewhere_only_if_anybody_may_read_it(visibility: Visibility) -> None:
    assert ELSEWHERE.may_read(post("a", visibility=visibility)) is visibility.open


@pytest.mark.parametrize("trusted", [True, False])
def test_who_asks_not_to_be_read_by_models_is_shown_to_none(trusted: bool) -> None:
    discretion = Discretion(trusted, frozenset({account("shy").uri}))
    assert not discretion.may_read(post("a", by="shy")) and discretion.may_read(post("b", by="ann"))


@pytest.mark.parametrize("allowed", [True, False])
def test_a_model_that_does_not_say_where_it_is_is_trusted_only_if_the_owner_allows_it(allowed: bool) -> None:
    model = FakeListChatModel(responses=["Hi"])
    assert Discretion.towards(model, allowed, frozenset()).trusted is allowed
