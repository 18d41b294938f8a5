"""The question in our own words, the short answer, and the answers to its parts."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph, sentence
from symderive.documents.blocks import Block, Emphasis, ItemList, Section, Text


def question(material: Material) -> list[Block]:
    """What was asked, and the answer in a few sentences."""
    return [
        paragraph(
            "Every neuron of a layer is given the same inputs and the same equation. A linear regression "
            "that is run again on the same data ends with the same weights. Why then do the neurons of a "
            "layer not all end with the same weights, so that one of them would do?"
        ),
        Section("The question", label="section:question"),
        paragraph("The question goes in steps, each of them reasonable:"),
        ItemList(
            tuple(
                sentence(s)
                for s in (
                    "each neuron of a layer computes an equation of one form;",
                    "each neuron of the layer sees the same inputs;",
                    "so each could be seen as a regression of its own, fitted to the same data;",
                    "regressions on the same data agree in the end, so why not one set of weights?",
                    "is it the nonlinearity that makes the difference?",
                    "what does it mean that training can end in several places?",
                    "and is it the same for the filters of a convolution and the units of a recurrent "
                    "network?",
                )
            ),
            ordered=True,
        ),
        paragraph(
            "What was wanted was proof, not intuition. The short answer: *neurons that start tied stay tied, "
            "and no others become tied in any number of small steps of gradient descent.* Tied means equal "
            "incoming weights, biases and outgoing weights ([figure:tied_network]); such neurons stay equal "
            "for ever ([T5:box:equal-incoming-weights]). For the equation of a neuron is the same for all "
            "only on the way forward. On the way back its gradient passes through its outgoing weights, and "
            "the gradients of two neurons that agree in everything else differ by a channel times the "
            "difference of these ([T6:box:incoming-weights]). A step below a bound never leads two points to "
            "one ([T9:box:two-points-do-not-meet]): neurons that are not tied may come near a tie, as near "
            "as one likes in the limit, and do not reach it. Nor do all ties attract: at one whose incoming "
            "gradient is not 0 the cost bends down in a direction that unties "
            "([T10:box:a-direction-that-descends]). And a neuron is fitted as in a regression, though not to "
            "the target: it is fitted to what the other neurons leave of it ([T19:box:one-neuron]), while "
            "regressions on one target do agree ([T12:box:one-answer])."
        ),
        material.figure("tied_network"),
        paragraph(
            "Definitions, rules of training and hypotheses are put in; they are named where they stand, and "
            "carry no mark. Every other equation was derived or proved by a program, and printed by it. In "
            "the margin stands what is known of it, by each method for itself: *proved* by a small kernel, "
            "for all widths and depths, and replayed by an independent checker; *exact*, tested in "
            "arithmetic modulo a prime, with a bound on the chance that a false equation passes; *numeric*, "
            "tested in floating point, with the largest relative error; *refuted* by numbers; *unknown* to "
            "tests, where random numbers do not obey the hypotheses, so that the proof stands alone. "
            "[section:trust] says what has to be trusted."
        ),
    ]


ANSWERS: tuple[tuple[str, str], ...] = (
    (
        "The same equation at every node?",
        "On the way forward, yes: it is [T1:definition:weighted-input]. On the way back, no: the delta of a "
        "neuron is a sum over its own outgoing weights, [T2:derived:1]; that these deltas give the "
        "derivatives is [T2:box:total-differential].",
    ),
    (
        "The same inputs?",
        "Yes, and the gradients of all neurons of a layer are sums over these same inputs. Their factors, "
        "the deltas, differ: where the incoming weights agree, by way of the outgoing weights "
        "([T6:box:incoming-weights]).",
    ),
    (
        "Is each neuron a regression of its own?",
        "With the squared error, yes: linear in its outgoing weight, nonlinear in the others. But each has a "
        "target of its own, what the other neurons leave ([T19:box:one-neuron]); it moves as they learn, "
        "and differs between neurons that contribute differently ([T19:box:two-targets]).",
    ),
    (
        "Why not one set of weights, as with regressions?",
        "Regressions on one target agree where their gradients are 0 and their inputs have full rank "
        "([T12:box:one-answer]). Neurons that start tied do keep one set "
        "([T5:box:equal-incoming-weights]). Others are not tied by any step below the bound "
        "([T9:box:two-points-do-not-meet]), and a tie with an incoming gradient bends the cost down in a "
        "direction that unties ([T10:box:a-direction-that-descends]).",
    ),
    (
        "Is it the nonlinearity?",
        "It is not what keeps neurons apart: in a linear network the difference between two neurons is "
        "magnified by their common error ([T11:box:a-gap-grows-with-its-neurons]), and neurons that are "
        "equal "
        "at one time were equal at the start ([T11:box:equal-sums-were-always-equal], "
        "[T11:box:equal-differences-were-always-equal]). What it adds, with one output, is a use for neurons "
        "that differ: tied ones say the same ([T13:box:one-neuron]), and with activations that never fall "
        "they cannot do XOR (T13).",
    ),
    (
        "What do several optima mean?",
        "Renaming neurons changes nothing ([T3:box:cost]), so that an optimum whose neurons all differ has "
        "as many copies as there are orders of them, all of them one function. And each critical point of a "
        "smaller network gives a line of critical points of a larger one "
        "([T14:box:critical-line--incoming-weights--first-of-the-two]).",
    ),
    (
        "And convolutions, recurrent networks?",
        "Channels and hidden units that start tied stay tied: sharing weights over places and times does not "
        "change what can be exchanged ([CNN:box:equal-filters], "
        "[RNN:box:equal-rows-of-the-recurrent-weights]).",
    ),
)


def answers(material: Material) -> list[Block]:
    """Each part of the question, with the theorem that answers it."""
    parts = tuple((Emphasis(part), Text(" "), *sentence(words)) for part, words in ANSWERS)
    return [Section("The answers, part by part", label="section:answers"), ItemList(parts, ordered=True)]
