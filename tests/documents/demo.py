"""A document such as a derivation makes: BP1 to BP4, the steps to them, a theorem, its proof, evidence.

The formulas are typed here, because these tests are about typesetting; real documents never type one.
"""

from __future__ import annotations

from symderive.documents.blocks import (
    Box,
    Code,
    Document,
    Emphasis,
    Equation,
    Evidence,
    Hypothesis,
    ItemList,
    Line,
    Link,
    Listing,
    Math,
    Paragraph,
    ProofStep,
    Ref,
    Section,
    Table,
    text,
)

Z = r"z^{(l)}_{j}"
SUM = r"\sum_{k=1}^{n_{l-1}} w^{(l)}_{jk} a^{(l-1)}_{k} + b^{(l)}_{j}"
BP2 = r"\sigma'\left(z^{(l)}_{j}\right) \sum_{k=1}^{n_{l+1}} w^{(l+1)}_{kj} \delta^{(l+1)}_{k}"

PROVED = Evidence("proved", text("certificate of 41 steps, replayed"))


def numeric(error: float, seed: int) -> Evidence:
    return Evidence("numeric", error=error, samples=64, seed=seed)


def backpropagation() -> Document:
    return Document(
        "Backpropagation",
        (*LAYERS, *DERIVATION, *TIED, *SUMMARY),
        subtitle=text(
            "A fully connected network of symbolic depth ",
            Math("L"),
            " and widths ",
            Math(r"n_{0}, \ldots, n_{L}"),
        ),
    )


LAYERS = (
    Section("The network", label="network"),
    Paragraph(
        text(
            "Layer ",
            Math("l"),
            " has ",
            Math("n_{l}"),
            " neurons. The activation ",
            Math(r"\sigma"),
            " is any differentiable function, and the cost ",
            Math("C"),
            " any differentiable function of the outputs ",
            Math("a^{(L)}_{j}"),
            " and the targets ",
            Math("y_{j}"),
            ".",
        )
    ),
    Equation(
        (
            Line(lhs=Z, rhs=SUM, conditions=(r"1 \le l \le L", r"1 \le j \le n_{l}"), label="layer"),
            Line(lhs="a^{(l)}_{j}", rhs=r"\sigma\left(z^{(l)}_{j}\right)", label="activation"),
            Line(lhs="a^{(0)}_{j}", rhs="x_{j}", label="input"),
        ),
        evidence=(Evidence("exact", error=2.0**-61, samples=20, seed=11),),
    ),
    Equation(
        (Line(lhs="C", rhs=r"C\left(a^{(L)}_{1}, \ldots, a^{(L)}_{n_{L}}, y_{1}, \ldots, y_{n_{L}}\right)"),),
        label="cost",
    ),
)

DERIVATION = (
    Section("The four equations", label="four"),
    Paragraph(
        text(
            "Let ",
            Math(r"\delta^{(l)}_{j} = \frac{\partial C}{\partial z^{(l)}_{j}}"),
            ". Every one of the following is derived from ",
            Ref("layer"),
            ", ",
            Ref("activation"),
            " and ",
            Ref("cost"),
            " by the chain rule and the contraction of Kronecker deltas; see ",
            Ref("tied"),
            " for what follows from them.",
        )
    ),
    Equation(
        (
            Line(
                lhs=r"\delta^{(L)}_{j}",
                rhs=r"\frac{\partial C}{\partial a^{(L)}_{j}} \sigma'\left(z^{(L)}_{j}\right)",
            ),
        ),
        label="bp1",
        evidence=(PROVED, numeric(3.11e-16, 1)),
    ),
    Equation(
        (Line(lhs=r"\delta^{(l)}_{j}", rhs=BP2),),
        label="bp2",
        conditions=(r"1 \le l \le L-1",),
        evidence=(PROVED, numeric(2.04e-15, 2)),
    ),
    Equation(
        (Line(lhs=r"\frac{\partial C}{\partial w^{(l)}_{jk}}", rhs=r"a^{(l-1)}_{k} \delta^{(l)}_{j}"),),
        label="bp3",
        conditions=(r"1 \le l \le L",),
        evidence=(PROVED, numeric(8.9e-16, 3)),
    ),
    Equation(
        (Line(lhs=r"\frac{\partial C}{\partial b^{(l)}_{j}}", rhs=r"\delta^{(l)}_{j}"),),
        label="bp4",
        conditions=(r"1 \le l \le L",),
        evidence=(PROVED, numeric(0.0, 4)),
    ),
    Section("How the second comes about", 2, label="steps"),
    Equation(
        (
            Line(
                lhs=r"\delta^{(l)}_{j}",
                rhs=r"\frac{\partial C}{\partial z^{(l)}_{j}}",
                reason=text("by definition of ", Math(r"\delta")),
            ),
            Line(
                rhs=r"\sum_{k=1}^{n_{l+1}} \frac{\partial C}{\partial z^{(l+1)}_{k}} "
                r"\frac{\partial z^{(l+1)}_{k}}{\partial z^{(l)}_{j}}",
                reason=text("by the chain rule, through layer ", Math("l+1")),
            ),
            Line(
                rhs=r"\sum_{k=1}^{n_{l+1}} \delta^{(l+1)}_{k} \sum_{i=1}^{n_{l}} w^{(l+1)}_{ki} "
                r"\sigma'\left(z^{(l)}_{i}\right) \left[ i = j \right]",
                reason=text("by ", Ref("layer"), " and ", Ref("activation")),
            ),
            Line(
                rhs=r"\sum_{k=1}^{n_{l+1}} \delta^{(l+1)}_{k} w^{(l+1)}_{kj} \sigma'\left(z^{(l)}_{j}\right)",
                reason=text("delta contracted, since ", Math(r"1 \le j \le n_{l}")),
            ),
            Line(rhs=BP2, reason=text("factor moved out of the sum")),
        ),
        label="chain",
    ),
    Paragraph(
        text(
            "For two hidden layers the composed form is long, and has to break:",
        )
    ),
    Equation(
        (
            Line(
                lhs=r"\frac{\partial C}{\partial w^{(1)}_{jk}}",
                rhs=r"\sum_{i=1}^{n_{3}} \frac{\partial C}{\partial a^{(3)}_{i}} "
                r"\sigma'\left(z^{(3)}_{i}\right) "
                r"\sum_{h=1}^{n_{2}} w^{(3)}_{ih} \sigma'\left(z^{(2)}_{h}\right) w^{(2)}_{hj} "
                r"\sigma'\left(z^{(1)}_{j}\right) x_{k} + \lambda w^{(1)}_{jk} + \lambda \sum_{i=1}^{n_{1}} "
                r"\left[ i = j \right] w^{(1)}_{ik} - \eta \left(w^{(1)}_{jk} - w^{(0)}_{jk}\right)",
                conditions=(r"1 \le j \le n_{1}", r"1 \le k \le n_{0}"),
            ),
        ),
        label="composed",
        evidence=(
            Evidence("unknown", text("no normal form within the time allowed")),
            Evidence(
                "refuted",
                text(
                    "at ",
                    Math(r"n_{0} = n_{1} = n_{2} = n_{3} = 1"),
                    ", ",
                    Math("x_{1} = 1"),
                    ": left side ",
                    Math("9"),
                    ", right side ",
                    Math("3"),
                ),
            ),
        ),
    ),
)


def _proof() -> tuple[ProofStep, ...]:
    """Twenty steps, one of them in three parts."""
    swap = r"\tilde{w}^{(l)}_{jk} = w^{(l)}_{\pi_{l}(j)\pi_{l-1}(k)}"
    steps = [
        ProofStep(
            "induction on the layer",
            reason=text("from ", Math("l = 0"), " upwards"),
            substeps=(
                ProofStep(
                    "base",
                    (Line(lhs=r"\tilde{a}^{(0)}_{j}", rhs="a^{(0)}_{j}"),),
                    text("inputs are not permuted"),
                ),
                ProofStep(
                    "hypothesis",
                    (
                        Line(
                            lhs=r"\tilde{a}^{(l-1)}_{k}",
                            rhs=r"a^{(l-1)}_{\pi_{l-1}(k)}",
                            conditions=(r"1 \le k \le n_{l-1}",),
                        ),
                    ),
                ),
                ProofStep(
                    "step",
                    (
                        Line(
                            lhs=r"\tilde{z}^{(l)}_{j}",
                            rhs=r"\sum_{k=1}^{n_{l-1}} w^{(l)}_{\pi_{l}(j)\pi_{l-1}(k)} "
                            r"a^{(l-1)}_{\pi_{l-1}(k)} "
                            r"+ b^{(l)}_{\pi_{l}(j)}",
                            reason=text("by ", Ref("rows")),
                        ),
                        Line(
                            rhs=r"\sum_{k=1}^{n_{l-1}} w^{(l)}_{\pi_{l}(j)k} a^{(l-1)}_{k} "
                            r"+ b^{(l)}_{\pi_{l}(j)}",
                            reason=text("sum re-indexed by ", Math(r"\pi_{l-1}")),
                        ),
                        Line(rhs=r"z^{(l)}_{\pi_{l}(j)}", reason=text("by ", Ref("layer"))),
                    ),
                    text("for every ", Math("j")),
                    label="inner",
                ),
            ),
            label="induction",
        ),
        ProofStep("definition", (Line(lhs=swap),), text("of the permuted network")),
        ProofStep(
            "congruence",
            (Line(lhs=r"\tilde{a}^{(L)}_{j}", rhs="a^{(L)}_{j}"),),
            text("by ", Ref("inner"), " with ", Math(r"\pi_{L} = \mathrm{id}")),
        ),
    ]
    for count in range(len(steps), 20):
        steps.append(
            ProofStep(
                ("rewriting", "ring normal form", "transitivity", "instantiation")[count % 4],
                (
                    Line(
                        lhs=rf"\delta^{{(l)}}_{{i}} - \delta^{{(l)}}_{{j}} + {count}",
                        rhs=r"\left(\sigma'\left(z^{(l)}_{i}\right) - \sigma'\left(z^{(l)}_{j}\right)\right) "
                        rf"\sum_{{k=1}}^{{n_{{l+1}}}} w^{{(l+1)}}_{{ki}} \delta^{{(l+1)}}_{{k}} + {count}",
                    ),
                ),
                text("by ", Ref("bp2"), " and ", Ref("induction"))
                if count % 3
                else text(
                    "by ",
                    Ref("bp2"),
                    ", since the incoming weights of the two neurons agree, and so do their outgoing "
                    "weights, in the layer above",
                ),
            )
        )
    return tuple(steps)


TIED = (
    Section("What stays tied", label="ties"),
    Paragraph(
        text(
            "Two neurons that start equal stay equal. ",
            Emphasis("Equal"),
            " means: incoming weights, bias and outgoing weights. The command ",
            Code("symderive prove tied_neurons -o out"),
            " makes this page; the source is at ",
            Link("the project's page", "https://example.org/symderive?a=1&b=2"),
            ".",
        )
    ),
    Box(
        "Definition",
        "Tie",
        (
            Paragraph(
                text(
                    "Neurons ",
                    Math("i"),
                    " and ",
                    Math("j"),
                    " of layer ",
                    Math("l"),
                    " are ",
                    Emphasis("tied"),
                    " when the three equations of ",
                    Ref("tied"),
                    " hold for them.",
                )
            ),
        ),
        label="tie",
    ),
    Box(
        "Theorem",
        "Tied neurons stay tied",
        hypotheses=(
            Hypothesis(
                "Permutation", text("each ", Math(r"\pi_{l}"), " permutes ", Math(r"1, \ldots, n_{l}"), ".")
            ),
            Hypothesis(
                "Equal rows",
                text(),
                (
                    Line(lhs="w^{(l)}_{ik}", rhs="w^{(l)}_{jk}", conditions=(r"1 \le k \le n_{l-1}",)),
                    Line(lhs="b^{(l)}_{i}", rhs="b^{(l)}_{j}"),
                ),
                label="rows",
            ),
            Hypothesis(
                "Equal columns",
                text("the weights into the next layer agree:"),
                (Line(lhs="w^{(l+1)}_{ki}", rhs="w^{(l+1)}_{kj}", conditions=(r"1 \le k \le n_{l+1}",)),),
                label="columns",
            ),
        ),
        statement=(
            Paragraph(text("At every step of gradient descent")),
            Equation(
                (
                    Line(lhs=r"\delta^{(l)}_{i}", rhs=r"\delta^{(l)}_{j}"),
                    Line(
                        lhs=r"\frac{\partial C}{\partial w^{(l)}_{ik}}",
                        rhs=r"\frac{\partial C}{\partial w^{(l)}_{jk}}",
                        conditions=(r"1 \le k \le n_{l-1}",),
                    ),
                ),
                label="tied-deltas",
            ),
        ),
        proof=_proof(),
        evidence=(PROVED, numeric(1.04e-15, 5)),
        label="tied",
    ),
)

SUMMARY = (
    Section("Evidence", label="evidence"),
    Table(
        (text("Equation"), text("Status"), text("Error"), text("Remark")),
        (
            (
                text(Ref("bp1")),
                text("proved, numeric"),
                text(Math(r"3.2 \times 10^{-16}")),
                text("complex step"),
            ),
            (
                text(Ref("bp2")),
                text("proved, numeric"),
                text(Math(r"2.1 \times 10^{-15}")),
                text("complex step"),
            ),
            (
                text(Ref("composed")),
                text("refuted"),
                text("exact"),
                text(
                    "the smallest counterexample has one neuron in each layer; the derivative of the "
                    "identity is 1, so "
                    "that both sides are products of weights"
                ),
            ),
        ),
        text("What is known of each equation"),
        label="summary",
    ),
    Paragraph(text("All of ", Ref("summary"), " was made on ", Math("64"), " random networks:")),
    ItemList(
        (
            text("all widths different, so that a transposed matrix cannot pass;"),
            text("weights uniform in ", Math(r"\left[ -1, 1 \right]"), ";"),
        )
    ),
    Listing(
        "$ symderive prove tied_neurons -o out\nproved   tied_neurons   41 steps   # 0.3 s",
        text("The run that made this document"),
        label="run",
    ),
    Paragraph(
        text(
            "See ",
            Ref("run"),
            ", ",
            Ref("network"),
            " and ",
            Ref("steps"),
            "; ",
            Ref("columns"),
            " is needed.",
        )
    ),
)
