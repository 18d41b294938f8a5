"""(x, y) for the NumPy reference from a CSV or .npz file: finite numbers, or one line about what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from symderive.errors import SymderiveError
from symderive.reference_arrays import Array, as_numbers


def load_data(
    path: str | Path, inputs: int | None = None, targets: int | None = None, cost: str = "squared_error"
) -> tuple[Array, Array]:
    """(x, y), shapes (N, inputs) and (N, targets), from a CSV file or the arrays x and y of an .npz file.

    CSV: a first row without any number is a header; the last columns are y (one, if `targets` is None). If
    `cost` is softmax_cross_entropy, a single column for y holds classes 0, 1, ... and becomes one-hot rows of
    width `targets`; in a CSV file y is such a column unless there are inputs + targets columns.
    Errors, one line each: no such file, not a number, too few or too many columns, ragged rows, NaN or
    infinity, an empty file, pickled objects, a label that is not a class. Rows of a CSV are numbered by line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "d.csv")
    ...     _ = file.write_text("height,width,class\\n1,2,0\\n3,4,2\\n")
    ...     load_data(file, inputs=2, targets=3, cost="softmax_cross_entropy")[1].tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    path, softmax = Path(path), cost == "softmax_cross_entropy"
    if not path.is_file():
        raise SymderiveError(f"expected a data file, found no file {path}")
    if path.suffix.lower() == ".npz":
        x, y = _npz(path)
        rows: Sequence[int] = range(1, len(x) + 1)
        if inputs is not None and x.shape[1] != inputs:
            raise SymderiveError(f"expected {inputs} columns in x of {path}, found {x.shape[1]}")
        label = softmax and y.shape[1] == 1
        if not label and targets is not None and y.shape[1] != targets:
            raise SymderiveError(f"expected {targets} columns in y of {path}, found {y.shape[1]}")
    else:
        table, rows = _csv(path)
        found = table.shape[1]
        label = softmax and (targets is None or inputs is None or found == inputs + 1)
        last = 1 if label or targets is None else targets
        if found != (max(found, last + 1) if inputs is None else inputs + last):
            wanted = f"at least {last + 1}" if inputs is None else inputs + last
            raise SymderiveError(f"expected {wanted} columns in {path}, the last {last} for y, found {found}")
        x, y = table[:, :-last], table[:, -last:]
    if label:
        return x, _one_hot(y[:, 0], rows, targets)
    wrong = (y.min(axis=1) < 0) | (np.abs(y.sum(axis=1) - 1.0) > 1e-6)
    if softmax and wrong.any():
        i = int(wrong.argmax())
        place = f"row {rows[i]} of {path}"
        raise SymderiveError(f"expected probabilities that sum to 1 at {place}, found the sum {y[i].sum():g}")
    return x, y


def _csv(path: Path) -> tuple[Array, list[int]]:
    """The numbers, and the line of the file that each row ends on."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, row) for row in reader if len(row) > 1 or "".join(row).strip()]
    except (OSError, ValueError, csv.Error) as error:
        raise SymderiveError(f"expected a CSV text file, cannot read {path}: {error}") from None
    width = len(rows[0][1]) if rows else 0
    if rows and not any(_is_number(cell) for cell in rows[0][1]):
        del rows[0]
    if not rows:
        raise SymderiveError(f"expected rows of numbers in {path}, found none")
    for line, row in rows:
        if len(row) != width:
            raise SymderiveError(f"expected {width} columns at row {line} of {path}, found {len(row)}")
        for column, cell in enumerate(row, start=1):
            if not _is_number(cell):
                raise SymderiveError(
                    f"expected a number at row {line} column {column} of {path}, found {cell[:40]!r}"
                )
    lines = [line for line, _ in rows]
    return _finite(np.array([[float(cell) for cell in row] for _, row in rows]), lines, str(path)), lines


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 1_0 as 10


def _npz(path: Path) -> tuple[Array, Array]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = sorted(archive.files)
            found = [np.asarray(archive[name]) for name in ("x", "y") if name in names]
    except Exception as error:  # a damaged archive makes NumPy and zipfile raise a dozen different types
        reason = "pickled objects" if "Object arrays" in str(error) else "another format or damaged data"
        raise SymderiveError(f"expected an .npz file of plain arrays, found {reason} in {path}") from None
    if len(found) != 2:
        raise SymderiveError(f"expected the arrays x and y in {path}, found {', '.join(names) or 'none'}")
    x, y = (as_numbers(f"{name} of {path}", v) for name, v in zip("xy", found, strict=True))
    x, y = (v[:, None] if v.ndim == 1 else v for v in (x, y))
    if np.iscomplexobj(x) or np.iscomplexobj(y):
        raise SymderiveError(f"expected real numbers in {path}, found complex ones")
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or 0 in (x.size, y.size):
        found_shapes = f"found {x.shape} and {y.shape}"
        raise SymderiveError(f"expected x of shape (N, inputs) and y (N, targets) in {path}, {found_shapes}")
    rows = range(1, len(x) + 1)
    return _finite(x, rows, f"x of {path}"), _finite(y, rows, f"y of {path}")


def _finite(table: Array, rows: Sequence[int], where: str) -> Array:
    for i, column in np.argwhere(~np.isfinite(table))[:1]:
        place = f"row {rows[i]} column {column + 1} of {where}"
        raise SymderiveError(f"expected a finite number at {place}, found {table[i, column]}")
    return table


def _one_hot(labels: Array, rows: Sequence[int], classes: int | None) -> Array:
    limit = classes or 10**5
    for i in np.flatnonzero((labels < 0) | (labels >= limit) | (labels != np.round(labels)))[:1]:
        place = f"0..{limit - 1} at row {rows[i]}"
        raise SymderiveError(f"expected a class label in {place}, found {labels[i]:g}")
    width = classes or int(labels.max()) + 1
    return np.asarray(labels[:, None] == np.arange(width), dtype=np.float64)
