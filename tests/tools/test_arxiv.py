"""arXiv as a source."""

from __future__ import annotations

import pytest

from config.errors import ConfigError
from memory.records import Item
from tests.tools.recorded import cursor_after, fetched, items, recorded_web, source
from tools.sources.arxiv import build


@pytest.fixture(scope="module")
def papers() -> dict[str, Item]:
    return {item.uri: item for item in items(fetched(source("arxiv")))}


def test_a_paper_is_one_whatever_its_version(papers: dict[str, Item]) -> None:
    assert set(papers) == {"https://arxiv.org/abs/2611.01234", "https://arxiv.org/abs/cs/0601001"}
    web = recorded_web("arxiv")
    first = fetched(source("arxiv", web=web))
    url, page = next(iter(web.answers.items()))
    web.says(url, page.body.replace(b"2611.01234v2", b"2611.01234v3"), "application/atom+xml")
    (again,) = items(fetched(source("arxiv", web=web), cursor_after(first)))
    assert again.uri == "https://arxiv.org/abs/2611.01234"


def test_it_comes_with_authors_abstract_and_code(papers: dict[str, Item]) -> None:
    paper = papers["https://arxiv.org/abs/2611.01234"]
    assert paper.title == "Small Models That Admit What They Do Not Know"
    assert paper.text.startswith("Ada Quist, Bo Lund\n\nWe ask small models to stay silent. They mostly do.")
    assert "Code: https://github.com/quiet/models, https://huggingface.co/datasets/quiet/asks" in paper.text
    assert paper.links == (paper.uri, "https://github.com/quiet/models", "https://huggingface.co/datasets/quiet/asks")


def test_plain_words_are_searched_for_everywhere() -> None:
    assert build({"queries": ["night trains", "au:Noether AND ti:ring"]}, {}).searches == (
        'all:"night trains"',
        "au:Noether AND ti:ring",
    )


@pytest.mark.parametrize(
    "settings", [{}, {"categories": ["everything at once"]}, {"categories": ["cs.CL"], "papers": 0}]
)
def test_what_arxiv_does_not_know_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build(settings, {})
