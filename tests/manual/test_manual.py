"""The committed picture is what its seed gives, and generated pages say what was proved."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import numpy as np

import proofs
from symderive.cli import DEFAULT_SEED
from symderive.manual import generated
from symderive.proof import kernel
from symderive.training.drawing import render
from symderive.training.figures import figure
from symderive.view import to_latex


def curves(svg: str) -> list[np.ndarray]:
    """The numbers of each path, in order; fonts and versions of the drawing library stay out."""
    paths = re.findall(r'<path d="([^"]*)" clip-path', svg)
    return [np.array([float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path)]) for path in paths]


def same(a: str, b: str) -> bool:
    return len(curves(a)) == len(curves(b)) > 0 and all(
        len(p) == len(q) and np.allclose(p, q, atol=0.05) for p, q in zip(curves(a), curves(b), strict=True)
    )


def test_the_picture_is_what_the_seed_gives(checkout: Path) -> None:
    kept = (checkout / "symderive/manual/gap.svg").read_text("utf-8")
    assert same(kept, render(figure("gap", DEFAULT_SEED)).decode())
    assert not same(kept, render(figure("gap", DEFAULT_SEED + 1)).decode())
    assert len(kept) < 60_000


def test_a_page_holds_every_statement_and_hypothesis() -> None:
    proved = proofs.find("T18").prove()
    page = generated.theorem_page(proved)
    assert all(to_latex(p.theorem, ranges=True) in page for p in proved.propositions)
    assert all(f"{h.name}:\n\n$$\n{to_latex(h, ranges=True)}\n$$" in page for h in proved.hypotheses())
    assert page.index("**Assumed**") < page.index("**Defined**") and "**Cited**" not in page


def test_every_rule_of_the_kernel_is_listed() -> None:
    made = {
        name
        for name, f in vars(kernel).items()
        if getattr(f, "__module__", "") == kernel.__name__
        and not name.startswith("_")
        and getattr(f, "__annotations__", {}).get("return") == "Theorem"
    }
    assert made == set(generated.RULES)


def test_every_error_is_listed(sources: dict[str, str]) -> None:
    known, more = {"SymderiveError"}, True
    classes = [c for s in sources.values() for c in ast.walk(ast.parse(s)) if isinstance(c, ast.ClassDef)]
    while more:
        more = {c.name for c in classes if known & {ast.unparse(b) for b in c.bases}} - known
        known |= more
    page = generated.errors_page()
    assert len(known) > 20
    assert [name for name in known - {"SymderiveError"} if f"- `{name}` (" not in page] == []


def test_a_page_holds_the_public_names_of_its_modules_with_their_signatures() -> None:
    page = generated.module_page(*generated.REFERENCE["testing"])
    assert "### assert_gradient\n\n```text\nassert_gradient(fn: Callable[..., Any], network: System" in page
    assert ".holds\n    Whether the gradient agrees" in page and ".as_json(self) -> dict[str, Any]" in page
    assert "### networks" in page and "### pytest_addoption" not in page and "Traceback" in page
    for title, modules in generated.REFERENCE.values():
        page = generated.module_page(title, modules)
        assert "Built-in" not in page and "str(object=" not in page  # of the defaults of fields
        for module in modules:
            listed = getattr(import_module(f"symderive.{module}"), "__all__", ())
            objects = {n: getattr(import_module(f"symderive.{module}"), n) for n in listed}
            assert [n for n, o in objects.items() if callable(o) and f"### {n}\n" not in page] == []


def test_every_generated_page_is_in_the_table_of_contents(checkout: Path) -> None:
    contents = (checkout / "symderive/manual/reference.md").read_text("utf-8")
    assert [n for n in (*generated.REFERENCE, "errors") if f"_generated/{n}\n" not in contents] == []
