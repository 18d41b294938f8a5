"""Every emitted equation reads back as it was, and a typo in any of them is caught.

Caught means what the command does: the text does not parse, or what it says has another normal form than the
derived equation. Beside that, what still parses is tested by itself, without looking at the derived equation:
in exact arithmetic in a model of the laws, and derived definitions against the NumPy reference.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from emitted import Emitted, every
from typos import KINDS, mutants, shifted

from symderive.calculus.normal_form import equal
from symderive.claims import crosscheck
from symderive.claims.against_reference import Data, compare
from symderive.claims.evidence import CheckFailed
from symderive.commands import derive, prove
from symderive.errors import SymderiveError
from symderive.evaluation.floating import FloatModel
from symderive.evaluation.modular import Model
from symderive.evaluation.no_value import ModularError, NotExact
from symderive.latex import LatexError, MatrixForm, parse_equation
from symderive.systems import Definition

SEED = 20_260
POINTS = 100
# the same chains for one optimiser after the other, or for one tensor after the other
ALIKE = ("T5b", "T5c", "T7", "T8b")

NOT_PARSED, ANOTHER, PASSED = "not parsed", "another equation", "passed"
REFUTED, NO_VALUE, TRUE, NOT_EXACT = "refuted", "no value", "true all the same", "not exact"


@pytest.fixture(scope="module")
def emitted(proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]) -> list[Emitted]:
    return every(proved, derived)


@pytest.fixture(scope="module")
def distinct(emitted: list[Emitted]) -> list[Emitted]:
    """Each equation once; a line of one chain is often the first line of the next."""
    return list({e.latex: e for e in emitted}.values())


@pytest.fixture(scope="module")
def typos(distinct: list[Emitted]) -> list[tuple[str, Emitted, tuple[str, str]]]:
    """For each equation one typo of each kind that it has room for; three kinds for chains that repeat."""
    rng = random.Random(SEED)
    return [
        (kind, e, rng.choice(found))
        for e in distinct
        for kind in (rng.sample([*KINDS], 3) if e.where.startswith(ALIKE) else KINDS)
        if (found := mutants(kind, e.latex))
    ]


def test_every_equation_reads_back(
    emitted: list[Emitted], proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]
) -> None:
    back = 0
    for e in emitted:
        left, right = e.read(e.latex)
        back += equal(left, e.lhs) and equal(right, e.rhs)
    assert back == len(emitted)
    # nothing that a command printed is missing here
    refuted = sum(w.claim is not None for o in proved for w in o.checked.witnesses)  # printed, but not true
    printed = sum(o.equations for o in proved) + sum(o.checked.count for o in derived.values())
    assert len(emitted) + refuted == printed
    print(f"\n{back} of {len(emitted)} equations read back, {len({e.latex for e in emitted})} different ones")


# ------------------------------------------------------------------ what the command does with a typo


def caught(e: Emitted, text: tuple[str, str], patch: pytest.MonkeyPatch) -> str:
    """How the command takes it when its printer makes this typo."""
    patch.setattr(crosscheck, "equation_to_latex", lambda *_, **__: text)
    try:
        if e.form is None:
            e.cross.printed(e.lhs, e.rhs, e.context)
        else:
            definition, letters = e.form
            patch.setattr(crosscheck, "matrix_form", lambda *_, **__: MatrixForm(*text, letters))
            assert e.cross.matrix(definition)
    except CheckFailed as error:
        return NOT_PARSED if isinstance(error.__cause__, LatexError) else ANOTHER
    return PASSED


def truth_of(e: Emitted, text: tuple[str, str], models: dict[object, Model]) -> str:
    """What exact arithmetic says of the text alone; "" where it says no equation."""
    try:
        left, right = e.read(text)
    except LatexError:
        return ""
    if e.kind == "activation":
        return NOT_EXACT  # a law of a function, which is no law of entries
    for kind in (Model, FloatModel):  # floating point where a function has no exact values
        key = (kind, id(e.cross), e.laws)
        if key not in models:
            models[key] = kind(e.laws, e.cross.sizes, SEED)
        try:
            found = models[key].test_everywhere(left, right, e.context, POINTS)
        except NotExact:
            continue
        except ModularError:
            return NO_VALUE  # an index that nothing binds, or a derivative of what is not defined
        return (TRUE if found.points else NOT_EXACT) if found.holds else REFUTED
    return NOT_EXACT


def test_every_typo_is_caught(
    typos: list[tuple[str, Emitted, tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    models: dict[object, Model] = {}
    passed = []
    for kind, e, text in typos:
        how = caught(e, text, monkeypatch)
        counts[kind, how] += 1
        if how == PASSED:
            passed.append((kind, e, text))
        truth = truth_of(e, text, models)
        if truth:
            counts[kind, truth] += 1
        # the two ways agree: what does not parse has no value, what parses has one of these fates
        assert (how == NOT_PARSED) == (truth == "")
    table(counts)
    # sum_{km} A_{mk} x_k x_m is sum_{km} A_{km} x_k x_m: what passes is no typo
    wrong = [
        (k, e.where, " = ".join(e.latex), t) for k, e, t in passed if k != "transpose" or not same_form(e, t)
    ]
    assert wrong == []
    assert {kind for kind, _ in counts} == set(KINDS)
    assert len(typos) >= 1000
    # what exact arithmetic cannot tell from the truth is a true equation: T5's tied neurons exchanged, the
    # bound of a sum over [j = k] widened, an index replaced by its equal
    parsed = sum(n for (_, how), n in counts.items() if how == ANOTHER)
    refuted = sum(n for (_, how), n in counts.items() if how in (REFUTED, NO_VALUE))
    # of hypotheses with slack squares, and of critical points, no random numbers are a model
    untested = sum(n for (_, how), n in counts.items() if how == NOT_EXACT)
    assert refuted >= 0.85 * (parsed - untested) and untested <= 0.25 * parsed


def same_form(e: Emitted, text: tuple[str, str]) -> bool:
    r"""Whether the typo says the same of whatever numbers: sum_{km} A_{mk} x_k x_m.

    All entries are drawn, no law holds, no matrix is symmetric; the normal form has no part in it.
    """
    sides = tuple(zip((e.lhs, e.rhs), e.read(text), strict=True))
    for kind in (Model, FloatModel):  # floating point where a function has no exact values
        without_laws = kind((), e.cross.sizes, SEED + 1)
        try:
            found = [without_laws.test_everywhere(was, now, e.context, POINTS) for was, now in sides]
        except NotExact:
            continue
        return all(f.holds and f.points for f in found)
    return False


def test_a_transposed_matrix_is_another_form_where_it_stands_once(
    emitted: list[Emitted],
) -> None:
    """The test of forms refuses what is no quadratic form: a product with the transposed matrix."""
    e = next(e for e in emitted if e.where == "T2" and "w^{(l+1)}_{kj}" in e.latex[1])
    assert same_form(e, e.latex)
    assert not same_form(e, (e.latex[0], e.latex[1].replace("w^{(l+1)}_{kj}", "w^{(l+1)}_{jk}")))


def table(counts: Counter[tuple[str, str]]) -> None:
    """By kind: typos, how they were caught, and what exact arithmetic alone says of those that parse."""
    columns = (NOT_PARSED, ANOTHER, PASSED, REFUTED, NO_VALUE, TRUE, NOT_EXACT)
    rows = [(kind, *(counts[kind, c] for c in columns)) for kind in KINDS]
    rows.append(("total", *(sum(counts[kind, c] for kind in KINDS) for c in columns)))
    print("\n" + " ".join(f"{c:>17}" for c in ("typo", "all", *columns)))
    for kind, *values in rows:
        print(" ".join(f"{c:>17}" for c in (kind, sum(values[:3]), *values)))


def test_a_reader_that_guesses_what_was_meant_is_noticed(
    typos: list[tuple[str, Emitted, tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a typo were read as the equation that was meant, it would pass, and the test above would fail."""
    for kind, e, text in [(k, e, t) for k, e, t in typos if e.form is None][:40]:
        monkeypatch.setattr(crosscheck, "parse_equation", lambda *_, e=e, **__: (e.lhs, e.rhs))
        assert caught(e, text, monkeypatch) == PASSED, kind


# ----------------------------------------------------------------- against the reference, by numbers


@pytest.mark.parametrize("name", ["4,5,3", "depth 3", "batch", "classifier"])
def test_typos_in_definitions_fail_against_the_reference(
    name: str, derived: Mapping[str, derive.Outcome], requests: Mapping[str, derive.Request]
) -> None:
    """The definitions with one of them misprinted, evaluated on arrays: no comparison passes."""
    checked, request = derived[name].checked, requests[name]
    network = derive.reference_network(request)
    data = Data.random(network, 4, SEED)
    system, cross = checked.derivation.system, checked.cross
    definitions = [*system.definitions, *checked.derivation.definitions]
    assert compare(definitions, system, network, data).worst < 1e-6
    rng, counts, same = random.Random(SEED), Counter[str](), []
    for n, c in enumerate(checked.derived, start=len(system.definitions)):
        for kind in KINDS:
            found = mutants(kind, (c.printed.lhs, c.printed.rhs))
            for text in rng.sample(found, min(2, len(found))):
                try:
                    left, right = parse_equation(" = ".join(text), cross.table)
                except LatexError:
                    continue
                try:
                    wrong = Definition(left, right, c.definition.indices, c.definition.name)
                    compare([*definitions[:n], wrong, *definitions[n + 1 :]], system, network, data).require()
                except CheckFailed:
                    counts["other numbers"] += 1
                except SymderiveError:
                    counts["no values"] += 1
                else:
                    same.append((kind, " = ".join(text)))
    print(f"\n{name}: {dict(counts)}")
    # a ReLU's value is positive where its argument is: with 0 at the kink, this is a true equation
    harmless = {("wrong name", t) for _, t in same if r"\operatorname{ReLU}'\left(a^" in t}
    assert set(same) <= harmless
    assert counts["other numbers"] >= 20


# --------------------------------------------------------------------------------- the typos themselves


def test_typos_are_made_as_said() -> None:
    sides = (
        r"\delta^{(l)}_{j}",
        r"\sigma'\left(z^{(l)}_{j}\right) \sum_{k=1}^{n_{l+1}} w^{(l+1)}_{kj} b_{k}",
    )
    made = {kind: [b for a, b in mutants(kind, sides) if a == sides[0]] for kind in KINDS}
    assert made["transpose"] == [sides[1].replace("_{kj}", "_{jk}")]
    assert sides[1].replace("_{kj}", "_{jj}") in made["index"]
    assert made["prime dropped"] == [sides[1].replace("'", "")]
    assert sides[1].replace("k=1", "k=2") in made["sum bound"]
    assert sides[1].replace("n_{l+1}", "n_{l}") in made["sum bound"]
    assert sides[1].replace("w^{(l+1)}", "w^{(l)}") in made["layer number"]
    assert made["sign"] == [f"-{sides[1]}"]
    assert sides[1].replace("w^{(l+1)}_{kj} ", "") in made["factor dropped"]
    assert sides[1].replace("z^", "a^") in made["wrong name"]
    assert (sides[0].replace("(l)", "(l+1)"), sides[1]) in mutants("layer number", sides)
    assert mutants("sign", ("y", "0")) == [("-y", "0")]


def test_numbers_and_letters_are_shifted_by_one() -> None:
    assert shifted("L-1") == ["L", "L-2"]
    assert shifted("0") == ["1"]
    assert shifted("n_{l}") == []
