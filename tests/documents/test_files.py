"""Files appear whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from symderive.documents.files import write_file, write_files
from symderive.errors import SymderiveError


def test_files_are_written_and_written_again(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    assert write_files(directory, {"x.tex": "ü", "y.pdf": b"\0"}) == (
        directory / "x.tex",
        directory / "y.pdf",
    )
    write_file(directory / "x.tex", "new")
    assert (directory / "x.tex").read_text("utf-8") == "new"
    assert sorted(path.name for path in directory.iterdir()) == ["x.tex", "y.pdf"]


def test_permissions_are_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    path = write_file(tmp_path / "x", "")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_a_set_that_cannot_be_written_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    with pytest.raises(SymderiveError, match=r"cannot write .*b: expected a file, found a directory"):
        write_files(tmp_path, {"a": "new", "b": "new"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_failure_while_writing_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SymderiveError, match=r"cannot write .*a: no space left on device") as caught:
        write_files(tmp_path, {"a": "new", "c": "new"})
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SymderiveError, match=r"cannot make the directory .*file"):
        write_file(tmp_path / "file" / "x", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_directory_that_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SymderiveError, match="permission denied"):
            write_file(tmp_path / "x", "")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SymderiveError, match="expected the name of a file"):
        write_files(tmp_path / "new", {name: ""})
    assert not (tmp_path / "new").exists()
