"""Embedded passages on disk: taken up by the next process, and never in the way."""

import numpy as np
import pytest

from agents.embedded import kept
from agents.embedded.embeddings import Embedder

PASSAGES = {"Traffic of the site.": np.arange(3, dtype=np.float32), "Costs of ads.": np.ones(3, dtype=np.float32)}


class Native:
    """Counts what it is asked to embed."""

    def __init__(self):
        self.asked = []

    def passage(self, text):
        self.asked.append(text)
        return np.full(3, len(text), dtype=np.float32)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "passages.npz"


def test_what_is_written_is_read(file):
    kept.write(file, PASSAGES)
    found = kept.read(file)
    assert found.keys() == PASSAGES.keys()
    assert all(np.array_equal(found[text], PASSAGES[text]) for text in PASSAGES)


def test_the_next_process_embeds_nothing_again(file):
    first, second = Embedder(Native()), Embedder(native := Native())
    vector = first.passage("Traffic of the site.")
    first.keep(file)
    second.recall(file)
    assert np.array_equal(second.passage("Traffic of the site."), vector) and native.asked == []


def test_nothing_new_is_not_written_again(file):
    kept.write(file, PASSAGES)
    embedder = Embedder(Native())
    embedder.recall(file)
    for text in PASSAGES:
        embedder.passage(text)
    file.unlink()
    embedder.keep(file)
    assert not file.exists()


def test_what_no_tool_says_any_more_is_not_kept_for_ever(file):
    kept.write(file, PASSAGES)
    embedder = Embedder(Native())
    embedder.recall(file)
    embedder.passage("Costs of ads.")
    embedder.passage("A new tool.")
    embedder.keep(file)
    assert kept.read(file).keys() == {"Costs of ads.", "A new tool."}


def test_without_a_model_nothing_is_read_or_written(file):
    kept.write(file, PASSAGES)
    embedder = Embedder(reason="switched off")
    embedder.recall(file)
    assert embedder.passage("Costs of ads.") is None
    embedder.keep(file)
    assert kept.read(file).keys() == PASSAGES.keys()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off", b"\x93NUMPY"])
def test_a_damaged_file_is_as_good_as_none(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    assert kept.read(file) == {}


def test_a_file_of_another_model_is_as_good_as_none(file, monkeypatch):
    kept.write(file, PASSAGES)
    monkeypatch.setattr(kept, "_model", lambda: "another 1.0")
    assert kept.read(file) == {}


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    kept.write(in_the_way / "passages.npz", PASSAGES)
    assert kept.read(in_the_way / "passages.npz") == {}


def test_a_file_cut_off_anywhere_is_as_good_as_none(file):
    kept.write(file, PASSAGES)
    whole = file.read_bytes()
    for length in range(0, len(whole), 37):
        file.write_bytes(whole[:length])
        assert kept.read(file) == {}
