"""The notebooks, run: `python -m tests.display.notebooks` writes their outputs anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "proofs" / "notebooks"
NAMES = ("first_quarter_of_an_hour", "prove_something_of_your_own")
# the last digits of rounding errors belong to the machine
_ERRORS = re.compile(r"\d+(?:\.\d+)?e-\d+")


def read(name: str) -> Any:
    """The notebook as it is stored."""
    import nbformat

    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def executed(notebook: Any, folder: Path) -> Any:
    """The notebook with the outputs of this run; an error in a cell is raised."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.record_timing = False
    client.execute()
    return notebook


def plain(notebook: Any) -> Any:
    """With the text of each output alone: what is stored stays small, and is read on any page."""
    for cell in notebook.cells:
        for out in cell.get("outputs", ()):
            if "data" in out:
                out["data"] = {"text/plain": out["data"]["text/plain"]}
    return notebook


def outputs(notebook: Any) -> list[list[tuple[str, str]]]:
    """What each cell of code shows, by type, without rounding errors."""
    found: list[list[tuple[str, str]]] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown: list[tuple[str, str]] = []
            for out in cell.outputs:
                if out.output_type == "stream":
                    shown.append((out.name, out.text))
                else:
                    shown += sorted((kind, str(text)) for kind, text in out.data.items())
            found.append([(kind, _ERRORS.sub("(error)", text)) for kind, text in shown])
    return found


def main() -> None:
    """Run all, and store them with their outputs as text."""
    import nbformat

    for name in NAMES:
        nbformat.write(plain(executed(read(name), FOLDER)), FOLDER / f"{name}.ipynb")


if __name__ == "__main__":
    main()
