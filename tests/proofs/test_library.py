"""The library: modules are found by file, key and name; each proves what it says and names its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

import proofs
from symderive.commands import prove as command
from symderive.errors import SymderiveError
from symderive.library import prove
from symderive.proof.kernel import KernelError, Theorem
from symderive.proof.result import Proved

STATES = ("velocities", "first moments", "second moments", "states")
MODULES = {m.KEY: m for m in proofs.library()}


def test_theorems_come_in_the_order_of_their_numbers() -> None:
    assert list(MODULES) == [
        "T1", "T2", "T2b", "T3", "T4", "T5", "T5b", "T5c", "T6", "T7", "T8", "T8b",
        "T9", "T10", "T10b", "T11", "T12", "T13", "T14", "T18", "T19",
    ]  # fmt: skip


def test_every_file_of_a_theorem_is_in_the_library_once(checkout: Path) -> None:
    files = [p.stem for p in (checkout / "proofs").glob("*.py") if re.match(r"t\d", p.name)]
    theorems = [m.__name__.split(".")[-1] for m in MODULES.values()]
    assert set(files) == set(theorems)
    assert len({m.NAME for m in MODULES.values()}) == len(MODULES)


@pytest.mark.parametrize("key", MODULES)
def test_a_module_says_its_theorem_first(key: str) -> None:
    module = MODULES[key]
    assert re.match(rf"{key}\. \S.*", (module.__doc__ or "").splitlines()[0])
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", module.NAME)
    for name in (key, key.lower(), module.NAME):
        assert proofs.find(name) is module


@pytest.mark.parametrize("name", ["", "T", "T0", "T99", "tied", "../t1", "t1_layer_equations", "__init__"])
def test_unknown_names_are_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(SymderiveError, match=rf"T5 tied_neurons, .*\), found {name!r}"):
        proofs.find(name)
    with pytest.raises(SymderiveError, match="expected a theorem of the library"):
        prove(name)


def test_a_new_file_is_a_new_theorem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t98_last.py").write_text("KEY, NAME = 'T98', 'last'\n")
    (tmp_path / "t97_before.py").write_text("KEY, NAME = 'T97', 'before'\n")
    (tmp_path / "table.py").write_text("KEY, NAME = 'table', 'no_theorem'\n")
    monkeypatch.setattr(proofs, "__path__", [*proofs.__path__, str(tmp_path)])
    keys = [m.KEY for m in proofs.library()]
    assert sorted(keys) == sorted([*MODULES, "T97", "T98"]) and keys[-3:] == ["T19", "T97", "T98"]
    assert proofs.find("last").KEY == "T98"


# ------------------------------------------------------------------------------------ what is proved


@pytest.mark.parametrize("key", MODULES)
def test_every_statement_is_a_theorem_of_the_kernel(key: str) -> None:
    result = prove(key)
    assert isinstance(result, Proved)
    assert result.key == key and result.propositions and result.sources
    for p in result.propositions:
        assert isinstance(p.theorem, Theorem)
        for a in p.arguments:
            assert isinstance(a.theorem, Theorem)
            assert a.theorem.lhs == a.start
            assert a.lines[-1][0] == a.theorem.rhs
            assert all(reason for _, reason in a.lines)


@pytest.mark.parametrize("key", MODULES)
def test_no_statement_rests_on_an_open_induction(key: str) -> None:
    """An induction hypothesis is discharged; what is left are definitions and named assumptions."""
    result = prove(key)
    for p in result.propositions:
        kinds = {"definition", "assumption", *(["citation"] if key in CITES else [])}
        assert {h.kind for h in p.theorem.hypotheses} <= kinds
    assert all(h.name for h in result.hypotheses())


# what of analysis is cited and not proved: nothing, but by these
CITES = {"T9": {"mean value theorem"}, "T11": {
    "theta is the integral of the error (fundamental theorem of calculus)",
    "rest in the limit (monotone convergence theorem)",
    *(
        f"{what}: derivative 0, hence constant (mean value theorem)"
        for what in ("sums", "differences", "Saxe's quantity")
    ),
}}  # fmt: skip


@pytest.mark.parametrize("key", MODULES)
def test_what_is_cited_is_named_and_nothing_else_is(key: str) -> None:
    found = {h.name for h in prove(key).hypotheses() if h.kind == "citation"}
    assert found == CITES.get(key, set())


TIED = ("incoming weights", "outgoing weights", "biases")
COLOURED = {
    "as many colours as outputs", "colours begin at 1", "colours end at K", "equal biases in a colour",
    "equal weights between colours", "every colour has members", "inputs have colours of their own",
    "outputs have colours of their own",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "assumed"),
    [
        ("T1", set()),
        ("T2", {"targets are fixed", "inputs are fixed", "only one weight moves", "biases do not move"}),
        ("T2b", {"targets are fixed", "inputs are fixed", "only one weight moves", "biases do not move"}),
        ("T3", {"permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place"}),
        ("T4", {"permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place"}),
        ("T5", {f"equal {x}" for x in TIED}),
        (
            "T5b",
            {
                f"equal {state}{x}"
                for x in TIED
                for state in ("", *(f"{s} of the " for s in STATES))
            },
        ),
        (
            "T5c",
            {f"opposite {s}{x}" for x in TIED for s in ("", "velocities of the ", "first moments of the ")}
            | {f"equal second moments of the {x}" for x in TIED}
            | {
                "the activation is odd", "the sign is odd",
                "the normalised gradient is odd in the gradient",
            },
        ),
        (
            "T6",
            {
                f"equal {x} {when}"
                for x in ("incoming weights", "biases")
                for when in ("at step t", "at step t + 1", "at every step")
            },
        ),
        (
            "T7",
            COLOURED
            | {"equal states of the biases", "equal states of the weights"}
            | {"equal incoming sums in a colour", "equal outgoing sums in a colour"},
        ),
        (
            "T8",
            {
                "activations are 0 at 0", "constant biases", "constant weights", "zero hidden biases",
                "zero weights",
            },
        ),
        ("T8b", COLOURED | {"no group in the layer after", "no group in the layer before"}),
        (
            "T9",
            {
                "Lipschitz gradient", "step size below 1/K", "momentum is not 0", "K is constant",
                "time passes",
                "permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place",
                "p becomes q", "q becomes p", "neurons before p stay", "neurons between p and q stay",
                "neurons after q stay", "layers before m stay", "layers after m stay",
            }
            | {f"equal {x} {when}" for x in (*TIED, "parameters") for when in ("after the step", "at time T")}
            | {f"equal velocities {x}after the step" for x in ("", *(f"of the {t} " for t in TIED))},
        ),
        (
            "T10",
            {f"equal {x}" for x in TIED}
            | {f"{x} move" for x in TIED}
            | {f"other {x} stay" for x in TIED}
            | {f"{x} {where} stay" for x in ("weights", "biases") for where in ("before", "after")}
            | {f"eigenvector of B, {x}" for x in TIED}
            | {
                "the direction sums to 0", "inputs are fixed", "targets are fixed", "the curvature is 0",
                "the step size is fixed", "the decay is fixed", "mu is a lower bound of B",
            },
        ),
        ("T10b", {"Z is in the kernel", "W is in the kernel", "Y and X are dual"}),
        (
            "T11",
            {
                "gradient flow on the incoming weights", "gradient flow on the outgoing weights",
                "inputs are fixed", "targets are fixed", "balanced weights", "positive output", "time",
                "start of Saxe's quantity",
            }
            | {f"equal {x} at {when}" for x in ("sums", "differences") for when in ("one time", "the start")},
        ),
        ("T12", set(proofs.find("T12").ASSUMES)),
        ("T13", set(proofs.find("T13").ASSUMES)),
        ("T14", set(proofs.find("T14").ASSUMES)),
        ("T18", {"equal inputs"}),
        ("T19", set()),
    ],
)  # fmt: skip
def test_what_is_assumed_is_what_the_statement_needs(key: str, assumed: set[str]) -> None:
    found = {h.name for h in prove(key).hypotheses() if h.kind == "assumption"}
    assert found == assumed


def test_what_is_cited_is_shown_by_the_audit() -> None:
    """Steps of analysis, of the flows in T9 and T11; all else is derived."""
    cited = {
        (key, h.name)
        for key, module in MODULES.items()
        for p in module.prove().propositions
        for h in p.theorem.audit()["citation"]
    }
    assert cited == {(key, name) for key, names in CITES.items() for name in names}


def test_all_theorems_are_listed_with_what_they_assume() -> None:
    (mark,) = test_what_is_assumed_is_what_the_statement_needs.pytestmark  # type: ignore[attr-defined]
    assert [key for key, _ in mark.args[1]] == list(MODULES)


def test_a_theorem_cannot_be_written_by_hand() -> None:
    theorem = prove("T3").propositions[-1].theorem
    with pytest.raises((KernelError, TypeError)):
        Theorem(theorem.lhs, 2 * theorem.lhs, theorem.context, frozenset())  # type: ignore[call-arg]


def test_the_experiments_belong_to_the_theorems(proved: Sequence[command.Outcome]) -> None:
    numeric = {o.key: [e.text for e in o.checked.numeric] for o in proved}
    assert any("costs of two" in t for t in numeric["T3"])
    assert any("complex step" in t for t in numeric["T4"])
    assert any("gap between tied neurons" in t for t in numeric["T5"])


def test_the_experiments_get_the_commands_seed(proved: Sequence[command.Outcome]) -> None:
    seeds = {e.seed for o in proved for e in o.checked.numeric}
    assert seeds == {20_260}


def test_modules_are_the_same_at_every_call() -> None:
    one: list[ModuleType] = [*proofs.library()]
    assert [m.__name__ for m in one] == [m.__name__ for m in proofs.library()]
    assert prove("T1") is prove("layer_equations")
