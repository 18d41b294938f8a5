"""The notebooks run, show pages, and are stored with the text of what they show."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.bridges.needed import library
from tests.display import notebooks

pytestmark = pytest.mark.filterwarnings("default")  # those of the notebook's own machinery


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_outputs_are_current(name: str, tmp_path: Path) -> None:
    """After a change of what is shown: python -m tests.display.notebooks."""
    for needed in ("nbformat", "nbclient", "ipykernel"):
        library(needed)
    stored = notebooks.read(name)
    found = notebooks.executed(copy.deepcopy(stored), tmp_path)
    pages = [text for cell in notebooks.outputs(found) for kind, text in cell if kind == "text/html"]
    assert len(pages) >= 8 and all(page.startswith("<") for page in pages)
    assert sum("<math" in page for page in pages) >= 7 and sum("<details" in page for page in pages) >= 3
    assert notebooks.outputs(notebooks.plain(found)) == notebooks.outputs(stored)
    assert all(notebooks.outputs(stored)[n] for n in range(3)), "stored without outputs"


def test_another_output_is_seen() -> None:
    """The comparison is not blind: one changed letter of one output fails it."""
    library("nbformat")
    stored = notebooks.read(notebooks.NAMES[0])
    changed = copy.deepcopy(stored)
    cell = next(c for c in changed.cells if c.cell_type == "code" and c.outputs and "data" in c.outputs[0])
    cell.outputs[0].data["text/plain"] = cell.outputs[0].data["text/plain"].replace("mlp", "mpl")
    assert notebooks.outputs(changed) != notebooks.outputs(stored)


def test_a_cell_that_fails_is_an_error(tmp_path: Path) -> None:
    for needed in ("nbformat", "nbclient", "ipykernel"):
        library(needed)
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    broken = new_notebook(cells=[new_code_cell("import symderive\nsymderive.dervie")])
    with pytest.raises(CellExecutionError, match="did you mean derive"):
        notebooks.executed(broken, tmp_path)


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_what_is_stored_tells_nothing_of_a_machine(name: str) -> None:
    text = (notebooks.FOLDER / f"{name}.ipynb").read_text("utf-8")
    for mark in ("/home/", "/root/", "/tmp/", "site-packages", "Traceback", "0x7f"):
        assert mark not in text
