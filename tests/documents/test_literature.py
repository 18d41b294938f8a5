"""The literature: each entry has what a reader needs to find it, and none stands twice."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from symderive.documents.blocks import Link
from symderive.documents.literature import literature, read, source
from symderive.errors import SymderiveError

TEXT = (files("symderive.documents") / "literature.bib").read_text("utf-8")


def test_every_entry_can_be_found() -> None:
    found = literature()
    assert len(found) >= 11 and len({s.title for s in found.values()}) == len(found)
    for key, s in found.items():
        assert re.fullmatch(r"[a-z]+\d{4}", key) and key.endswith(s.year)
        assert re.match(r"https?://", s.url) and s.names and s.title
        if "doi.org" in s.url:
            assert re.fullmatch(r"https://doi\.org/10\.\d{4,}/\S+", s.url)
        assert isinstance(s.cite(), Link) and s.year in s.cite().text
        assert s.key.rstrip("0123456789") in "".join(s.names).lower().replace("ş", "s").replace("é", "e")


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("  author = {Nielsen, Michael A.},\n", "", "nielsen2015: expected an author"),
        ("year = {1992},", "", "sussmann1992: expected a year"),
        ("doi = {10.1038/323533a0}", "", "rumelhart1986: expected a DOI or an address"),
        ("@article{chen1993", "@article{sussmann1992", "sussmann1992"),
        ("title = {Deep Learning},", "title = {Deep Learning,", "literature:"),
    ],
)
def test_a_broken_entry_is_one_line(was: str, now: str, words: str) -> None:
    assert was in TEXT
    with pytest.raises(SymderiveError, match=re.escape(words)) as found:
        read(TEXT.replace(was, now, 1))
    assert "\n" not in str(found.value)


def test_an_unknown_source_is_one_line() -> None:
    with pytest.raises(SymderiveError, match="expected a source of rumelhart1986"):
        source("nobody1900")
