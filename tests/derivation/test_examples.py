"""Systems typed by hand: every step of every derivative is true, and derivatives can be derived again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from entrywise import Truth
from example_systems import EXAMPLES, Example
from sympy import Expr

from symderive.calculus.terms import Applied, Binder, Entry, IndexSum
from symderive.derivation import Derivation, derive, hessian_vector
from symderive.systems import Definition

ROUNDING = 1e-11


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    return EXAMPLES[request.param]()


@pytest.fixture(scope="module")
def derived(example: Example) -> Derivation:
    return derive(example.system, wrt=[*example.system.parameters, *example.system.inputs])


@pytest.fixture(scope="module")
def truths(example: Example) -> list[Truth]:
    return [Truth(example.system, sizes) for sizes in example.all_sizes]


def all_of(d: Derivation) -> tuple[Definition, ...]:
    return (*d.definitions, *d.auxiliary)


def test_every_parameter_and_input_has_its_derivative_everywhere(
    example: Example, derived: Derivation, truths: list[Truth]
) -> None:
    truth = truths[0]
    for t in (*example.system.parameters, *example.system.inputs):
        entries = [d.lhs.xreplace(env) for d in derived.of(t) for env in truth.points(d.indices)]
        wanted = 1
        for lo, hi in t.ranges(*[1] * t.rank) if not any(hi.atoms(Entry) for _, hi in t.axes) else ():
            wanted *= truth.integer(hi, {}, ()) - truth.integer(lo, {}, ()) + 1
            assert len(set(entries)) == len(entries)
        assert entries
        if wanted > 1:
            assert len(entries) == wanted


def test_every_step_is_true(derived: Derivation, truths: list[Truth]) -> None:
    for truth in truths:
        points = 0
        for d in all_of(derived):
            for step in derived.steps[d]:
                gap, found = truth.gap(step.lhs, step.rhs, step.context.limits)
                assert gap < ROUNDING, f"{step} at {truth.sizes}: {gap}"
                points += found
        assert points > 10


def test_the_steps_lead_to_the_definition(derived: Derivation) -> None:
    for d in all_of(derived):
        steps = derived.steps[d]
        assert steps[0].rule == "chain rule"
        assert (steps[-1].lhs, steps[-1].rhs, steps[-1].context.limits) == (d.lhs, d.rhs, d.indices)
        assert len({(s.lhs, s.rhs) for s in steps}) == len(steps), "a step is there twice"
        for s in steps[:-1]:
            assert s.rule != "case"
            assert s.context == steps[0].context and s.lhs == steps[0].lhs


def test_forward_and_backward_make_a_typed_system(derived: Derivation) -> None:
    system = derived.as_system()
    assert len(system.definitions) == len(derived.system.definitions) + len(derived.definitions)


def sum_dropped(e: Expr) -> Expr | None:
    return e.open(e.lo) if isinstance(e, IndexSum) and e.lo != e.hi else None


def prime_dropped(e: Expr) -> Expr | None:
    return e.func(e.function, e.order - 1, *e.args[2:]) if isinstance(e, Applied) and e.order else None


def superscript_off_by_one(e: Expr) -> Expr | None:
    if not (isinstance(e, Entry) and e.symbol.sup and e.symbol.kind == "real"):
        return None
    return e.symbol[(e.index[0] + 1, *e.index[1:])]


def indices_swapped(e: Expr) -> Expr | None:
    if not (isinstance(e, Entry) and e.symbol.rank > e.symbol.sup + 1 and e.index[-1] != e.index[-2]):
        return None
    return e.symbol[(*e.index[:-2], e.index[-1], e.index[-2])]


CHANGES: dict[str, Callable[[Expr], Expr | None]] = {
    "sign": lambda e: None,
    "sum dropped": sum_dropped,
    "prime dropped": prime_dropped,
    "superscript off by one": superscript_off_by_one,
    "indices swapped": indices_swapped,
}


def mutants(e: Expr, change: Callable[[Expr], Expr | None]) -> Iterator[Expr]:
    """The term with one place changed."""
    new = change(e)
    if new is not None:
        yield new
    if isinstance(e, Binder):
        k, body = e.unbind()
        yield from (e.func(b, (k, e.lo, e.hi)) for b in mutants(body, change))
    else:
        for n, a in enumerate(e.args if not isinstance(e, Entry) else ()):
            if isinstance(a, Expr):
                yield from (e.func(*e.args[:n], b, *e.args[n + 1 :]) for b in mutants(a, change))


@pytest.mark.parametrize("kind", CHANGES)
def test_a_mutant_is_told_from_the_truth(kind: str, derived: Derivation, truths: list[Truth]) -> None:
    """The check above is one: with the slightest change in a definition it fails."""
    for d in derived.definitions:
        if all(truth.gap(d.rhs, 0 * d.rhs, d.indices)[0] == 0 for truth in truths):
            continue  # twice 0 is 0
        for wrong in [-d.rhs] if kind == "sign" else mutants(d.rhs, CHANGES[kind]):
            found = any(truth.gap(d.lhs, wrong, d.indices)[0] > 1e-6 for truth in truths)
            assert found, f"{kind}: {d.lhs} = {wrong}"


SECOND = ("two branches", "skip", "tied autoencoder", "recurrent", "convolution 2", "layer norm")


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_by_the_same_machinery(name: str) -> None:
    """H v of each system, against the complex step through the derived first derivatives, which are true."""
    example = EXAMPLES[name]()
    second = hessian_vector(derive(example.system))
    truth = Truth(second.system, example.sizes)
    for d in all_of(second):
        gap, points = truth.gap(d.lhs, d.rhs, d.indices)
        assert gap < ROUNDING and points, f"{d}: {gap}"
    assert second.as_system()
