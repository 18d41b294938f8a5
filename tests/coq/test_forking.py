"""Coq is started without Python code in a forked process: a process with threads must not run any there."""

from __future__ import annotations

import os
from pathlib import Path

from symderive.coq.compiler import compile_file

FORKED: list[str] = []
os.register_at_fork(before=lambda: FORKED.append("fork"))


def test_no_hook_of_a_fork_runs(coq: None, tmp_path: Path) -> None:
    (tmp_path / "Easy.v").write_text("Goal True. exact I. Qed.")
    FORKED.clear()
    assert compile_file(tmp_path / "Easy.v", {}).accepted
    assert FORKED == []
