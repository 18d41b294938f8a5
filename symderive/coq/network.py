"""A concrete network as a file of Coq: every component, every derived gradient, and what they are.

The definitions are those of `System` and `Derivation`, written out component by component. Coq proves

- that each is the quantity of the library's network (z_1_1 is the weighted input of neuron 1 of layer 1, ..);
- that each derived delta and gradient equals an expansion over all paths, which SymPy differentiated by
  itself from the nested layer equations;
- that each gradient is the derivative of the cost by that weight or bias.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symderive.calculus.atoms import ScalarFunction
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Entry
from symderive.coq.components import Network
from symderive.coq.export import Exported
from symderive.coq.paths import Paths
from symderive.coq.terms import OutOfReach
from symderive.derivation.derive import Derivation
from symderive.systems import Definition

COST = "cost"  # the name that an arbitrary cost has in `systems.costs`, and so in Coq
HEADER = """\
(* The network {title}, printed by symderive from its own terms. Indices count from 1; `real` is any ordered
   field. *)
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
    return _File(Network(derivation)).exported()


@dataclass
class _File:
    """The lines of one file, in the order of the definitions."""

    net: Network
    lines: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)

    def exported(self) -> Exported:
        """The file, part by part."""
        self._definitions()
        self._network()
        for d in self.net.forward:
            self._forward(d)
        for d in self.net.deltas:
            self._delta(d)
        self._expansions()
        self._derivatives()
        numbers = self.net.widths
        header = HEADER.format(title="-".join(map(str, numbers)))
        text = "\n".join([header, *self._opening(), *self.lines, "End Exported.", ""])
        return Exported(f"network_{'_'.join(map(str, numbers))}", text, tuple(self.stated))

    # ------------------------------------------------------------------ what is given, and the definitions

    def _opening(self) -> list[str]:
        p = self.net.printer
        lines = ["Section Exported.", "Variable real : realFieldType.",
                 "Implicit Types (w : nat -> nat -> nat -> real) (b : nat -> nat -> real).",
                 "Variables (x y : nat -> real)."]  # fmt: skip
        for (f, _), name in sorted(p.functions.items(), key=lambda item: item[1]):
            if f.sup:
                raise OutOfReach(f"Coq export: expected activations without a layer number, found {f.name}")
            lines.append(f"Variable {name} : real -> real.")
        if self.net.squared is None:
            lines.append(f"Variable {COST} : seq real -> seq real -> real.")
            lines.append(f"Variables {COST}_1 {COST}_2 : nat -> seq real -> seq real -> real.")
        return lines

    def _definitions(self) -> None:
        """Every component as it was derived; the printer finds out which functions occur."""
        for d in (*self.net.forward, *self.net.backward):
            name = self.net.printer.name(d.lhs)
            given = "" if self.net.printer.is_input(d.lhs) else " w b"
            self.lines.append(f"Definition {name}{given} : real := {self.net.printer.bare(d.rhs, EMPTY)}.")

    def _network(self) -> None:
        p = self.net.printer
        numbers = "; ".join(map(str, self.net.widths))
        self.lines += [
            "", "(* the network of the library with these widths, functions, inputs and targets *)",
            f"Definition widths (l : nat) : nat := nth 0%N [:: {numbers}]%N l.",
            f"Definition layers (l : nat) : real -> real := {self._by_layer(0)}.",
            f"Definition slopes (l : nat) : real -> real := {self._by_layer(1)}.",
        ]  # fmt: skip
        if self.net.squared is None:
            self.lines.append(f"Definition sample := of_cost {self.net.depth} widths x y cost_1.")
            self.lines.append(f"Definition cost_of out := cost out (targets {self.net.depth} widths y).")
        else:
            factor = p.term(self.net.squared, EMPTY)
            self.lines.append(f"Definition sample := of_squared_error x y {factor}.")
            self.lines.append(f"Definition cost_of := squared_error {self.net.depth} widths y {factor}.")
        self.lines += [
            "Notation activation_of w b := (act widths layers (from_0 w b) sample).",
            "Notation weighted_input_of w b := (pre widths layers (from_0 w b) sample).",
            f"Notation delta_of w b := (delta {self.net.depth} widths layers slopes (from_0 w b) sample).",
            "",
        ]

    def _by_layer(self, order: int) -> str:
        """The functions of the layers, or their derivatives."""
        names = [
            (self.net.printer.function(f, order) if f is not None else "id" if not order else "(fun=> 1)")
            for f in self.net.functions
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
        return f"{self.net.printer.name(e)}_is"

    def _forward(self, d: Definition) -> None:
        name, kind = self.net.printer.name(d.lhs), d.lhs.symbol.name
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
            z = self._is(self.net.entry("z", layer, k))
            self._lemma(
                f"{name}_is",
                f"activation_of w b {layer} {k - 1} = {name} w b",
                f"by rewrite act_S {z} /layers.",
            )

    def _layer(self, name: str, layer: int) -> str:
        """The lemmas of all neurons of a layer, to be rewritten with."""
        return " ".join(
            f"?{self._is(self.net.entry(name, layer, k))}" for k in range(1, self.net.widths[layer] + 1)
        )

    def _cost(self, name: str) -> None:
        outputs = self._layer("a", self.net.depth)
        unfold = "/squared_error" if self.net.squared is not None else "/targets"
        sums = "!big_ord_recr big_ord0 /=" if self.net.squared is not None else "/="
        end = "; ring" if self.net.squared is not None else ""
        self._lemma(
            f"{name}_is", f"cost_of (output {self.net.depth} widths layers (from_0 w b) sample) = {name} w b",
            f"by rewrite /cost_of {unfold} /output /mkseq /= {sums} {outputs} /{name}{end}.",
        )  # fmt: skip

    def _delta(self, d: Definition) -> None:
        name = self.net.printer.name(d.lhs)
        layer, k = (int(i) for i in d.lhs.index)
        z = self._is(self.net.entry("z", layer, k))
        if layer == self.net.depth:
            outputs = self._layer("a", layer)
            close = "ring." if self.net.squared is None else "by field; rewrite ?pnatr_eq0."
            proof = (
                f"rewrite delta_top /output /mkseq /= ?/targets /= ?{z} {outputs} /{name} /slopes /=; {close}"
            )
        else:
            after = self._layer("delta", layer + 1)
            proof = f"rewrite delta_rec //= !big_ord_recr big_ord0 /= ?{z} {after} /{name} /slopes /=; ring."
        self._lemma(f"{name}_is", f"delta_of w b {layer} {k - 1} = {name} w b", proof)

    # ------------------------------------------------------------------ an independent expansion

    def _expansions(self) -> None:
        """Each delta and gradient over all paths to the cost: SymPy's derivative of the composed network."""
        self.lines.append("\n(* expansions that SymPy differentiated from the nested layer equations *)")
        unfolded: list[str] = []
        by_neuron = {}
        for layer in range(self.net.depth, 0, -1):
            for k in range(1, self.net.widths[layer] + 1):
                delta = self.net.printer.name(self.net.entry("delta", layer, k))
                text = Paths(self.net, layer, k).text()
                by_neuron[layer, k] = text
                unfold = "".join(f" /{u}" for u in (delta, *unfolded))
                self._lemma(f"{delta}_expanded", f"{delta} w b = {text}", f"rewrite{unfold}; ring.")
            unfolded = [
                self.net.printer.name(self.net.entry("delta", m, k))
                for m in range(layer, self.net.depth + 1)
                for k in range(1, self.net.widths[m] + 1)
            ]
            unfolded.sort(key=lambda u: int(u.split("_")[1]))
        for d in self.net.gradients:
            kind = d.lhs.symbol.name
            name = self.net.printer.name(d.lhs)
            layer, k = (int(i) for i in d.lhs.index[:2])
            delta = self.net.printer.name(self.net.entry("delta", layer, k))
            text = by_neuron[layer, k]
            if kind == "grad_w":
                entry = self.net.entry("a", layer - 1, int(d.lhs.index[2]))
                text = f"{self.net.printer.applied(entry, EMPTY)} * ({text})"
            self._lemma(
                f"{name}_expanded", f"{name} w b = {text}", f"by rewrite /{name} {delta}_expanded //; ring."
            )

    # ------------------------------------------------------------------ the gradients are derivatives

    def _derivatives(self) -> None:
        """For each weight and bias: the derivative of the cost by it alone."""
        self.lines += ["", "(* each gradient is the derivative of the cost by that weight or bias *)"]
        functions = {f for f in self.net.functions if f is not None}
        for f in sorted(functions, key=str):
            name, slope = (self.net.printer.function(f, order) for order in (0, 1))
            away = "" if self._smooth(f) else "u != 0 -> "
            self.lines.append(
                f"Hypothesis {name}_differentiable : forall u, {away}deriv u {name} ({slope} u)."
            )
        size = f"(widths {self.net.depth}).+1"
        if self.net.squared is None:
            self.lines.append(f"Hypothesis cost_differentiable : partials {size} {size} cost cost_1 cost_2.")
            smooth = f"(@of_cost_diff _ {self.net.depth} widths x y cost cost_1 cost_2 cost_differentiable)"
        else:
            smooth = f"(@of_squared_error_diff _ {self.net.depth} widths x y _)"
        kinks = self._kinks()
        self._here(kinks)
        cost = self.net.printer.name(self.net.cost)
        for d in self.net.gradients:
            kind = d.lhs.symbol.name
            name = self.net.printer.name(d.lhs)
            at = [int(i) for i in d.lhs.index]
            entry = " ".join(f"{i}%N" for i in at)
            letter = kind[-1]
            moved = f"(with_{letter} {letter} {entry} t)"
            with_t = f"{moved} b" if letter == "w" else f"w {moved}"
            theorem = "dC_dW" if letter == "w" else "dC_dB"
            spot = f"{at[0] - 1} {at[1] - 1}"
            delta = self._is(self.net.entry("delta", at[0], at[1]))
            activation = f" {self._is(self.net.entry('a', at[0] - 1, at[2]))}" if letter == "w" else ""
            proof = (
                f"apply: (deriv_is (@{theorem} real {self.net.depth} widths layers slopes (from_0 w b) "
                f"sample cost_of "
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

    def _smooth(self, f: ScalarFunction) -> bool:
        known = self.net.system.activations.get(f)
        return known is None or known.smooth

    def _kinks(self) -> list[str]:
        """The weighted inputs that must not be 0, for an activation with a kink there."""
        return [
            f"{self.net.printer.name(self.net.entry('z', layer, k))} w b != 0"
            for layer, f in enumerate(self.net.functions, 1)
            if f is not None and not self._smooth(f)
            for k in range(1, self.net.widths[layer] + 1)
        ]

    def _here(self, kinks: list[str]) -> None:
        """Every layer's function is differentiable at its weighted inputs."""
        if kinks:
            together = " /\\ ".join(f"({k})" for k in kinks)
            self.lines.append(f"Definition kinks_avoided w b := {together}.")
        cases, given = [], ""
        for layer, f in enumerate(self.net.functions, 1):
            for k in range(1, self.net.widths[layer] + 1):
                if f is None:
                    cases.append("exact: deriv_id")
                    continue
                law = f"{self.net.printer.function(f, 0)}_differentiable"
                if self._smooth(f):
                    cases.append(f"exact: {law}")
                else:
                    z = self._is(self.net.entry("z", layer, k))
                    cases.append(
                        f"by rewrite {z}; apply: {law}; move: no_kink; rewrite /kinks_avoided; tauto"
                    )
        if kinks:
            given = " (no_kink : kinks_avoided w b)"
        lines = [
            f"Lemma layers_differentiable w b{given} l k :",
            f"  (l < {self.net.depth})%N -> (k < widths l.+1)%N -> deriv (weighted_input_of w b l.+1 k)",
            "  (layers l.+1) (slopes l.+1 (weighted_input_of w b l.+1 k)).",
            "Proof.",
        ]
        at = iter(cases)
        for layer in range(1, self.net.depth + 1):
            lines.append("case: l => [_|l].")
            for _ in range(self.net.widths[layer]):
                lines.append(f"  case: k => [_|k]; first by {next(at).removeprefix('by ')}.")
            lines.append("  by rewrite /widths /= ?ltnS ltn0.")
        lines.append("by rewrite /= ?ltnS ltn0.")
        self.lines += [*lines, "Qed."]
        self.stated.append("layers_differentiable")
