"""A concrete network as a file of Coq: every component, every derived gradient, and what they are.

The definitions are those of `System` and `Derivation`, written out component by component. For each Coq proves

- that it is the quantity of the library's network (z_1_1 is the weighted input of neuron 1 of layer 1, ..);
- that each derived delta and gradient equals an expansion over all paths, which SymPy differentiated by itself
  from the nested layer equations;
- that each gradient is the derivative of the cost by that weight or bias.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Add, Expr, Function, Integer, Mul, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.atoms import ScalarFunction, TensorSymbol
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Applied, Entry, Family
from symderive.coq.export import Exported
from symderive.coq.names import Names
from symderive.coq.terms import OutOfReach, Printer
from symderive.derivation.derive import Derivation
from symderive.derivation.explicit import explicit
from symderive.systems import Definition, System

MOST_PARAMETERS = 400
MOST_PATHS = 20_000

HEADER = """\
(* The network {title}: printed by symderive from its own terms. Indices count from 1; `real` is any ordered field. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Network Backpropagation EpsilonDelta Sums Concrete.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.
"""


def export_network(derivation: Derivation) -> Exported:
    """The file of a fully connected network with numbers as widths, one sample, and its derivation.

    Raises OutOfReach where the library does not cover the network.

    >>> import symderive as sd
    >>> made = export_network(sd.derive(sd.mlp(widths=[1, 1], cost="squared_error")))
    >>> [line for line in made.text.splitlines() if line.startswith("Definition z_1_1")]
    ['Definition z_1_1 w b : real := a_0_1 * w 1%N 1%N 1%N + b 1%N 1%N.']
    >>> made.stated[-1]
    'derivative_of_b_1_1'
    """
    return _File(derivation).exported()


@dataclass
class _Components(Printer):
    """Prints components: z[1, 2] of a defined tensor is the definition z_1_2, applied to the parameters."""

    defined: frozenset[TensorSymbol] = frozenset()
    fixed: frozenset[TensorSymbol] = frozenset()

    def name(self, e: Entry) -> str:
        """The name of a component's definition."""
        return self.names.of(e, "_".join([e.symbol.name, *map(str, e.index)]))

    def applied(self, e: Entry, ctx: object) -> str:
        if e.symbol not in self.defined:
            return super().applied(e, EMPTY)
        name = self.name(e)
        return name if self.is_input(e) else f"{name} w b"

    def is_input(self, e: Entry) -> bool:
        """Whether a component is an input, which no parameter changes."""
        return e.symbol.name == "a" and e.index[0] == 0

    def _family(self, fam: Expr, ctx: object) -> str:
        if not isinstance(fam, Family):
            return self.term(fam, EMPTY)
        values = range(int(fam.lo), int(fam.hi) + 1)
        return "[:: " + "; ".join(self.bare(fam.open(v), EMPTY) for v in values) + "]"


@dataclass
class _File:
    """The lines of one file, in the order of the definitions."""

    derivation: Derivation
    lines: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)

    def exported(self) -> Exported:
        system = self.derivation.system
        self.widths = _widths(system)
        self.depth = len(self.widths) - 1
        self.functions = [_activation(system, layer) for layer in range(1, self.depth + 1)]
        _require_affordable(self.widths)
        self.squared = _factor(system)
        self.forward = explicit(system)
        self.backward = explicit(self.derivation)
        defined = frozenset(d.lhs.symbol for d in (*self.forward, *self.backward))
        self.printer = _Components(Names(), defined=defined)
        for word in ("w", "b", "x", "y", "network", "input_of", "widths", "layers", "slopes", "sample", "cost_of"):
            self.printer.names.of(word, word)
        for t in (*system.parameters, *system.inputs):
            self.printer.tensors[t] = t.name
        self._definitions()
        self._network()
        for d in self.forward:
            self._forward(d)
        for d in self.backward:
            self._backward(d)
        self._expansions()
        self._derivatives()
        title = "-".join(map(str, self.widths))
        text = "\n".join([HEADER.format(title=title), *self._opening(), *self.lines, "End Exported.", ""])
        return Exported(f"network_{'_'.join(map(str, self.widths))}", text, tuple(self.stated))

    # ------------------------------------------------------------------ what is given, and the definitions

    def _opening(self) -> list[str]:
        p = self.printer
        lines = ["Section Exported.", "Variable real : realFieldType.",
                 "Implicit Types (w : nat -> nat -> nat -> real) (b : nat -> nat -> real).",
                 "Variables (x y : nat -> real)."]  # fmt: skip
        for (f, _), name in sorted(p.functions.items(), key=lambda item: item[1]):
            if f.sup:
                raise OutOfReach(f"Coq export: expected activations without a layer number, found {f.name}")
            lines.append(f"Variable {name} : real -> real.")
        if self.squared is None:
            lines.append("Variable cost : seq real -> seq real -> real.")
            lines.append("Variables cost_1 cost_2 : nat -> seq real -> seq real -> real.")
        return lines

    def _definitions(self) -> None:
        """Every component as it was derived; the printer finds out which functions occur."""
        if self.squared is None:
            for wish in ("cost", "cost_1", "cost_2"):
                self.printer.names.of(("kept", wish), wish + "_kept")
        for d in (*self.forward, *self.backward):
            name = self.printer.name(d.lhs)
            given = "" if self.printer.is_input(d.lhs) else " w b"
            self.lines.append(f"Definition {name}{given} : real := {self.printer.bare(d.rhs, EMPTY)}.")

    def _network(self) -> None:
        p = self.printer
        numbers = "; ".join(map(str, self.widths))
        self.lines += [
            "", "(* the network of the library with these widths, functions, inputs and targets *)",
            f"Definition widths (l : nat) : nat := nth 0%N [:: {numbers}]%N l.",
            f"Definition layers (l : nat) : real -> real := {self._by_layer(0)}.",
            f"Definition slopes (l : nat) : real -> real := {self._by_layer(1)}.",
        ]  # fmt: skip
        if self.squared is None:
            self.lines.append(f"Definition sample := of_cost {self.depth} widths x y cost_1.")
            self.lines.append(f"Definition cost_of out := cost out (targets {self.depth} widths y).")
        else:
            factor = p.term(self.squared, EMPTY)
            self.lines.append(f"Definition sample := of_squared_error x y {factor}.")
            self.lines.append(f"Definition cost_of := squared_error {self.depth} widths y {factor}.")
        self.lines += [
            "Notation activation_of w b := (act widths layers (from_0 w b) sample).",
            "Notation weighted_input_of w b := (pre widths layers (from_0 w b) sample).",
            f"Notation delta_of w b := (delta {self.depth} widths layers slopes (from_0 w b) sample).",
            "",
        ]

    def _by_layer(self, order: int) -> str:
        """The functions of the layers, or their derivatives."""
        names = [
            (self.printer.function(f, order) if f is not None else "id" if not order else "(fun=> 1)")
            for f in self.functions
        ]
        if len(set(names)) == 1:
            return names[0]
        cases = " | ".join(f"{m}%N => {name}" for m, name in enumerate(names[:-1], 1))
        return f"match l with {cases} | _ => {names[-1]} end"

    # ------------------------------------------------------------------ each component is the library's

    def _lemma(self, name: str, claim: str, proof: str, of: str = "w b") -> str:
        self.lines.append(f"Lemma {name} {of} : {claim}.\nProof. {proof} Qed.")
        self.stated.append(name)
        return name

    def _is(self, e: Entry) -> str:
        return f"{self.printer.name(e)}_is"

    def _forward(self, d: Definition) -> None:
        name, kind = self.printer.name(d.lhs), d.lhs.symbol.name
        if kind == "C":
            self._cost(name)
            return
        layer, k = (int(i) for i in d.lhs.index)
        if kind == "z":
            before = self._layer("a", layer - 1)
            self._lemma(
                f"{name}_is", f"weighted_input_of w b {layer} {k - 1} = {name} w b",
                f"by rewrite /pre /= !big_ord_recr big_ord0 /= {before} /{name}; ring.",
            )  # fmt: skip
        elif layer == 0:
            self._lemma(f"{name}_is", f"activation_of w b 0 {k - 1} = {name}", "by [].")
        else:
            z = self._is(self._entry("z", layer, k))
            self._lemma(f"{name}_is", f"activation_of w b {layer} {k - 1} = {name} w b", f"by rewrite act_S {z} /layers.")

    def _entry(self, name: str, *index: int) -> Entry:
        for d in (*self.forward, *self.backward):
            if d.lhs.symbol.name == name:
                return d.lhs.symbol[index]
        raise OutOfReach(f"Coq export: expected the tensors a, z, delta of a network, found no {name}")

    def _layer(self, name: str, layer: int) -> str:
        """The lemmas of all neurons of a layer, to be rewritten with."""
        return " ".join(f"?{self._is(self._entry(name, layer, k))}" for k in range(1, self.widths[layer] + 1))

    def _cost(self, name: str) -> None:
        outputs = self._layer("a", self.depth)
        unfold = "/squared_error" if self.squared is not None else "/targets"
        sums = "!big_ord_recr big_ord0 /=" if self.squared is not None else "/="
        end = "; ring" if self.squared is not None else ""
        self._lemma(
            f"{name}_is", f"cost_of (output {self.depth} widths layers (from_0 w b) sample) = {name} w b",
            f"by rewrite /cost_of {unfold} /output /mkseq /= {sums} {outputs} /{name}{end}.",
        )  # fmt: skip

    def _backward(self, d: Definition) -> None:
        p, kind = self.printer, d.lhs.symbol.name
        name = p.name(d.lhs)
        layer, k = (int(i) for i in d.lhs.index[:2])
        if kind == "delta":
            z = self._is(self._entry("z", layer, k))
            if layer == self.depth:
                outputs = self._layer("a", layer)
                close = "ring." if self.squared is None else "by field; rewrite ?pnatr_eq0."
                proof = f"rewrite delta_top /output /mkseq /= ?/targets /= ?{z} {outputs} /{name} /slopes /=; {close}"
            else:
                after = self._layer("delta", layer + 1)
                proof = f"rewrite delta_rec //= !big_ord_recr big_ord0 /= ?{z} {after} /{name} /slopes /=; ring."
            self._lemma(f"{name}_is", f"delta_of w b {layer} {k - 1} = {name} w b", proof)

    # ------------------------------------------------------------------ an independent expansion

    def _expansions(self) -> None:
        """Each delta, and each gradient, over all paths to the cost: SymPy's derivative of the composed network."""
        self.lines.append("\n(* expansions that SymPy differentiated from the nested layer equations *)")
        unfolded: list[str] = []
        by_neuron = {}
        for layer in range(self.depth, 0, -1):
            for k in range(1, self.widths[layer] + 1):
                delta = self.printer.name(self._entry("delta", layer, k))
                text = _Paths(self, layer, k).text()
                by_neuron[layer, k] = text
                unfold = "".join(f" /{u}" for u in (delta, *unfolded))
                self._lemma(f"{delta}_expanded", f"{delta} w b = {text}", f"rewrite{unfold}; ring.")
            unfolded = [
                self.printer.name(self._entry("delta", m, k))
                for m in range(layer, self.depth + 1)
                for k in range(1, self.widths[m] + 1)
            ]
            unfolded.sort(key=lambda u: int(u.split("_")[1]))
        for d in self.backward:
            kind = d.lhs.symbol.name
            if kind == "delta":
                continue
            name = self.printer.name(d.lhs)
            layer, k = (int(i) for i in d.lhs.index[:2])
            delta = self.printer.name(self._entry("delta", layer, k))
            text = by_neuron[layer, k]
            if kind == "grad_w":
                entry = self._entry("a", layer - 1, int(d.lhs.index[2]))
                text = f"{self.printer.applied(entry, EMPTY)} * ({text})"
            self._lemma(
                f"{name}_expanded", f"{name} w b = {text}", f"by rewrite /{name} {delta}_expanded //; ring."
            )

    # ------------------------------------------------------------------ the gradients are derivatives

    def _derivatives(self) -> None:
        """For each weight and bias: the derivative of the cost by it alone."""
        self.lines += ["", "(* each gradient is the derivative of the cost by that weight or bias *)"]
        functions = {f for f in self.functions if f is not None}
        for f in sorted(functions, key=str):
            name, slope = (self.printer.function(f, order) for order in (0, 1))
            kinks = "" if self._smooth(f) else "u != 0 -> "
            self.lines.append(
                f"Hypothesis {name}_differentiable : forall u, {kinks}deriv u {name} ({slope} u)."
            )
        size = f"(widths {self.depth}).+1"
        if self.squared is None:
            self.lines.append(f"Hypothesis cost_differentiable : partials {size} {size} cost cost_1 cost_2.")
            smooth = f"(@of_cost_diff _ {self.depth} widths x y cost cost_1 cost_2 cost_differentiable)"
        else:
            smooth = f"(@of_squared_error_diff _ {self.depth} widths x y _)"
        kinks = self._kinks()
        self._here(kinks)
        cost = self.printer.name(self._cost_entry())
        for d in self.backward:
            kind = d.lhs.symbol.name
            if kind == "delta":
                continue
            name = self.printer.name(d.lhs)
            at = [int(i) for i in d.lhs.index]
            entry = " ".join(f"{i}%N" for i in at)
            letter = kind[-1]
            moved = f"(with_{letter} {letter} {entry} t)"
            with_t = f"{moved} b" if letter == "w" else f"w {moved}"
            theorem = "dC_dW" if letter == "w" else "dC_dB"
            spot = f"{at[0] - 1} {at[1] - 1}"
            delta = self._is(self._entry("delta", at[0], at[1]))
            activation = f" {self._is(self._entry('a', at[0] - 1, at[2]))}" if letter == "w" else ""
            proof = (
                f"apply: (deriv_is (@{theorem} real {self.depth} widths layers slopes (from_0 w b) sample cost_of "
                f"(@layers_differentiable w b{' no_kink' if kinks else ''}) {smooth} {spot} erefl erefl"
                f"{f' {at[2] - 1} erefl' if letter == 'w' else ''})) => [t|]; first exact: {cost}_is.\n"
                f"by rewrite {delta}{activation} /{name}; ring."
            )
            no_kink = " (no_kink : kinks_avoided w b)" if kinks else ""
            self._lemma(
                f"derivative_of_{letter}_{'_'.join(map(str, at))}",
                f"deriv ({letter} {entry}) (fun t => {cost} {with_t}) ({name} w b)",
                proof,
                of=f"w b{no_kink}",
            )

    def _cost_entry(self) -> Entry:
        return next(d.lhs for d in self.forward if d.lhs.symbol.name == "C")

    def _smooth(self, f: ScalarFunction) -> bool:
        known = self.derivation.system.activations.get(f)
        return known is None or known.smooth

    def _kinks(self) -> list[str]:
        """The weighted inputs that must not be 0, for an activation with a kink there."""
        return [
            f"{self.printer.name(self._entry('z', layer, k))} w b != 0"
            for layer, f in enumerate(self.functions, 1)
            if f is not None and not self._smooth(f)
            for k in range(1, self.widths[layer] + 1)
        ]

    def _here(self, kinks: list[str]) -> None:
        """Every layer's function is differentiable at its weighted inputs."""
        if kinks:
            together = " /\\ ".join(f"({k})" for k in kinks)
            self.lines.append(f"Definition kinks_avoided w b := {together}.")
        cases, given = [], ""
        place = 0
        for layer, f in enumerate(self.functions, 1):
            for k in range(1, self.widths[layer] + 1):
                if f is None:
                    cases.append("exact: deriv_id")
                    continue
                law = f"{self.printer.function(f, 0)}_differentiable"
                if self._smooth(f):
                    cases.append(f"exact: {law}")
                else:
                    place += 1
                    cases.append(f"by rewrite {self._is(self._entry('z', layer, k))}; apply: {law}; move: no_kink; rewrite /kinks_avoided; tauto")
        if kinks:
            given = " (no_kink : kinks_avoided w b)"
        lines = [f"Lemma layers_differentiable w b{given} l k : (l < {self.depth})%N -> (k < widths l.+1)%N ->",
                 "  deriv (weighted_input_of w b l.+1 k) (layers l.+1) (slopes l.+1 (weighted_input_of w b l.+1 k)).",
                 "Proof."]  # fmt: skip
        at = iter(cases)
        for layer in range(1, self.depth + 1):
            lines.append("case: l => [_|l].")
            for _ in range(self.widths[layer]):
                lines.append(f"  case: k => [_|k]; first by {next(at).removeprefix('by ')}.")
            lines.append("  by rewrite /widths /= ?ltnS ltn0.")
        lines.append("by rewrite /= ?ltnS ltn0.")
        self.lines += [*lines, "Qed."]
        self.stated.append("layers_differentiable")


class _Paths:
    """dC/dz of one neuron, expanded: SymPy differentiates the composition of the layers after it."""

    def __init__(self, file: _File, layer: int, k: int) -> None:
        self.file, self.layer, self.k = file, layer, k
        self.names: dict[Basic, str] = {}

    def text(self) -> str:
        """The sum over all paths, as Coq reads it."""
        file, p = self.file, self.file.printer
        here = Symbol("here")
        values: dict[int, Expr] = {}
        for j in range(1, file.widths[self.layer] + 1):
            z = here if j == self.k else self._atom(p.applied(file._entry("z", self.layer, j), EMPTY))
            values[j] = self._activated(z, self.layer, j)
        for m in range(self.layer + 1, file.depth + 1):
            after = {}
            for i in range(1, file.widths[m] + 1):
                # what does not depend on this neuron has no derivative by it, and needs no name
                z = Add(*(self._atom(f"w {m}%N {i}%N {j}%N") * v for j, v in values.items() if v.has(here)))
                after[i] = self._activated(z, m, i)
            values = after
        slopes = self._cost_slopes()
        total = expand(Add(*(slopes[i] * v.diff(here) for i, v in values.items())))
        return " + ".join(self._product(t) for t in Add.make_args(total)) if total != 0 else "0"

    def _activated(self, z: Expr, layer: int, k: int) -> Expr:
        """sigma(z), whose derivative is a name: sigma'(z_k)."""
        f = self.file.functions[layer - 1]
        if f is None:
            return z
        p = self.file.printer
        at = p.term_of(self.file._entry("z", layer, k))
        slope = self._atom(f"{p.function(f, 1)} {at}")

        class Activated(Function):  # type: ignore[misc]
            def fdiff(self, argindex: int = 1) -> Expr:
                return slope

        Activated.__name__ = f"f_{layer}_{k}"
        applied: Expr = Activated(z)
        return applied

    def _cost_slopes(self) -> dict[int, Expr]:
        """dC/da of each output, by a name or by SymPy's derivative of the squared error."""
        file, p = self.file, self.file.printer
        outputs = range(1, file.widths[-1] + 1)
        a = {k: self._atom(p.applied(file._entry("a", file.depth, k), EMPTY)) for k in outputs}
        if file.squared is not None:
            y = {k: self._atom(f"y {k}%N") for k in outputs}
            error = file.squared * Add(*((a[k] - y[k]) ** 2 for k in outputs))
            return {k: error.diff(a[k]) for k in outputs}
        listed = "; ".join(self.names[a[k]] for k in outputs)
        wanted = "; ".join(f"y {k}%N" for k in outputs)
        return {k: self._atom(f"cost_1 {k}%N [:: {listed}] [:: {wanted}]") for k in outputs}

    def _atom(self, text: str) -> Symbol:
        s = Symbol(text)
        self.names[s] = text
        return s

    def _product(self, t: Expr) -> str:
        factor, rest = t.as_coeff_Mul()
        parts = []
        for f in Mul.make_args(rest):
            if f != 1:
                parts.append(f"({self.names[f]})" if " " in self.names[f] else self.names[f])
        if factor != 1 or not parts:
            parts.insert(0, self.file.printer.term(factor, EMPTY))
        return "(" + " * ".join(parts) + ")"


def _widths(system: System) -> tuple[int, ...]:
    n = {e.index[0]: v for e, v in system.sizes.items() if isinstance(e, Entry)}
    if system.name != "mlp" or not n:
        raise OutOfReach("Coq export: expected a fully connected network with numbers as widths, found none")
    if system.tensor("x").rank != 1:
        raise OutOfReach("Coq export: expected one sample for a concrete network, found a batch")
    return tuple(n[Integer(m)] for m in range(len(n)))


def _activation(system: System, layer: int) -> ScalarFunction | None:
    """The function of a layer; None for the identity."""
    for d in system.of(system.tensor("a")):
        if d.lhs.index[0] == layer:
            if isinstance(d.rhs, Entry):
                return None
            if isinstance(d.rhs, Applied) and isinstance(d.rhs.argument, Entry):
                return d.rhs.function
    raise OutOfReach(
        f"Coq export: expected an activation of one number in layer {layer}, found another, such as softmax"
    )


def _factor(system: System) -> Expr | None:
    """The factor of the squared error; None for an arbitrary cost."""
    if system.functionals():
        return None
    (d,) = system.of(system.cost)
    if any(e.func.__name__ in ("log", "exp") for e in d.rhs.atoms(Function)):
        raise OutOfReach("Coq export: expected an arbitrary cost or the squared error, found one with exp or log")
    factor = d.rhs.as_coeff_Mul()[0]
    return Integer(1) * factor


def _require_affordable(widths: tuple[int, ...]) -> None:
    parameters = sum(m * (k + 1) for k, m in zip(widths, widths[1:], strict=False))
    paths = parameters
    for m in widths[2:]:
        paths *= m
    if parameters > MOST_PARAMETERS or paths > MOST_PATHS:
        raise OutOfReach(
            f"Coq export: expected at most {MOST_PARAMETERS} parameters and {MOST_PATHS:,} paths, found "
            f"{parameters:,} and about {paths:,}: export the general theorem T2 instead"
        )
