"""Data from CSV and .npz files: what is read, and the one line about each thing that is wrong with a file."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symderive.errors import SymderiveError
from symderive.reference import load_data

SOFTMAX: dict[str, Any] = {"cost": "softmax_cross_entropy"}


def test_csv(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    plain, header, windows = "1,2,3\n4,5,6\n", "a,b,c\n1,2,3\n\n4, 5 ,6", "\ufeffa,b,c\r\n1,2,3\r\n4,5,6\r\n"
    for text in (plain, header, windows, '"1","2","3"\n4e0,5,6'):
        file.write_text(text, encoding="utf-8", newline="")
        x, y = load_data(file, 2, 1)
        assert x.tolist() == [[1, 2], [4, 5]] and y.tolist() == [[3], [6]]
        assert [v.shape for v in load_data(file)] == [(2, 2), (2, 1)]
        assert [v.shape for v in load_data(str(file), targets=2)] == [(2, 1), (2, 2)]
    file.write_text("1,2,0\n3,4,2\n", encoding="utf-8")
    assert load_data(file, 2, 4, **SOFTMAX)[1].tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert load_data(file, **SOFTMAX)[1].tolist() == [[1, 0, 0], [0, 0, 1]]
    file.write_text("1,0.25,0.75\n2,1,0\n", encoding="utf-8")
    assert load_data(file, 1, 2, **SOFTMAX)[1].tolist() == [[0.25, 0.75], [1, 0]]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("", {}, "expected rows of numbers in .*, found none"),
        ("a,b\n", {}, "expected rows of numbers in .*, found none"),
        ("a,b\n1,2\n3,abc\n", {}, "expected a number at row 3 column 2 of .*, found 'abc'"),
        ("1,2\n3,\n", {}, "expected a number at row 2 column 2 of .*, found ''"),
        ("1,2\n1_0,2\n", {}, "row 2 column 1 of .*, found '1_0'"),
        ("1,2\n,\n", {}, "row 2 column 1 of .*, found ''"),
        ("1,b\n1,2\n", {}, "row 1 column 2 of .*, found 'b'"),
        ("1,2\n\n3,nan\n", {}, "expected a finite number at row 3 column 2 of .*, found nan"),
        ("1,2\ninf,2\n", {}, "expected a finite number at row 2 column 1 of .*, found inf"),
        ("1,2\n1e999,2\n", {}, "expected a finite number at row 2 column 1 of .*, found inf"),
        ("1,2\n3\n", {}, "expected 2 columns at row 2 of .*, found 1"),
        ("1,2\n3,4,5\n", {}, "expected 2 columns at row 2 of .*, found 3"),
        ("1\n2\n", {}, "expected at least 2 columns in .*, the last 1 for y, found 1"),
        ("1,2,3\n", {"inputs": 3, "targets": 1}, "expected 4 columns in .*, the last 1 for y, found 3"),
        ("1,2,3\n", {"inputs": 3, "targets": 2, **SOFTMAX}, "expected 5 columns in .*, the last 2 for y"),
        ("1,2\n1,10\n", {"inputs": 1, "targets": 10, **SOFTMAX}, r"class label in 0..9 at row 2, found 10$"),
        ("1,2\n1,-1\n", {"inputs": 1, "targets": 10, **SOFTMAX}, r"class label in 0..9 at row 2, found -1$"),
        ("1,0.5\n", {"inputs": 1, "targets": 3, **SOFTMAX}, r"class label in 0..2 at row 1, found 0.5$"),
        ("1,1e300\n", SOFTMAX, r"class label in 0..99999 at row 1, found 1e\+300$"),
        ("1,0.5,0.6\n", {"inputs": 1, "targets": 2, **SOFTMAX}, "sum to 1 at row 1 of .*, found the sum 1.1"),
        ("1,-1,2\n", {"inputs": 1, "targets": 2, **SOFTMAX}, "probabilities that sum to 1 at row 1"),
        ("\udcff\udcfe", {}, "expected a CSV text file, cannot read"),
        ("1,2\0\n", {}, "expected a (CSV text file|number)"),
    ],
)  # fmt: skip
def test_csv_errors(tmp_path: Path, text: str, arguments: dict[str, Any], message: str) -> None:
    file = tmp_path / "d.csv"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SymderiveError, match=message) as caught:
        load_data(file, **arguments)
    assert "\n" not in str(caught.value)


def test_npz(tmp_path: Path) -> None:
    file = tmp_path / "d.npz"
    np.savez(file, x=np.array([[1, 2], [3, 4]]), y=np.array([2, 0]))
    assert load_data(file)[1].tolist() == [[2.0], [0.0]]
    x, y = load_data(file, 2, 3, **SOFTMAX)
    assert x.dtype == float and y.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": [[1.0, 2.0]]}, "expected the arrays x and y in .*, found x$"),
        ({"u": [1.0]}, "expected the arrays x and y in .*, found u$"),
        ({"x": [[1.0, 2.0]], "y": np.array([None])}, "plain arrays, found pickled objects in"),
        ({"x": [["a", "b"]], "y": [1.0]}, "expected numbers in x of .*, found the type <U1"),
        ({"x": [[1.0, 2.0]], "y": [1.0, 2.0]}, r"found \(1, 2\) and \(2, 1\)"),
        ({"x": np.zeros((0, 2)), "y": np.zeros((0, 1))}, r"found \(0, 2\) and \(0, 1\)"),
        ({"x": [[1.0, math.nan]], "y": [1.0]}, "finite number at row 1 column 2 of x of .*, found nan"),
        ({"x": [[1.0, 2.0]], "y": [math.inf]}, "finite number at row 1 column 1 of y of .*, found inf"),
        ({"x": [[1.0, 2.0]], "y": [1j]}, "expected real numbers in .*, found complex ones"),
        ({"x": [[1.0, 2.0, 3.0]], "y": [1.0]}, "expected 2 columns in x of .*, found 3"),
        ({"x": [[1.0, 2.0]], "y": [[1.0, 2.0]]}, "expected 1 columns in y of .*, found 2"),
    ],
)
def test_npz_errors(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    plain: dict[str, Any] = {name: np.asarray(v) for name, v in arrays.items()}
    np.savez(tmp_path / "d.npz", **plain)
    with pytest.raises(SymderiveError, match=message):
        load_data(tmp_path / "d.npz", inputs=2, targets=1)


def test_files_that_are_not_archives(tmp_path: Path) -> None:
    file = tmp_path / "d.npz"
    with pytest.raises(SymderiveError, match="expected a data file, found no file"):
        load_data(file)
    with pytest.raises(SymderiveError, match="expected a data file, found no file"):
        load_data(tmp_path)
    np.savez(tmp_path / "good.npz", x=np.zeros((9, 2)), y=np.zeros(9))
    good = (tmp_path / "good.npz").read_bytes()
    half, spoilt = good[: len(good) // 2], good[:150] + b"zz" + good[152:]
    for content in (b"", b"hello", pickle.dumps({"x": 1}), half, spoilt):
        file.write_bytes(content)
        with pytest.raises(SymderiveError, match="of plain arrays, found another format or damaged data"):
            load_data(file)
