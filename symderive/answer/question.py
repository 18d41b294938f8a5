"""The question in our own words, the short answer, and the answers to its parts."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph, sentence
from symderive.documents.blocks import Block, Emphasis, ItemList, Section, Table, text


def question(material: Material) -> list[Block]:
    """What was asked, and the answer in a few sentences."""
    return [
        paragraph(
            "Every neuron of a layer is given the same inputs and the same equation. A linear regression "
            "that is run again on the same data ends with the same weights. Why then do the neurons of a "
            "layer not all end with the same weights, so that one of them would do?"
        ),
        Section("The question", label="section:question"),
        paragraph("The question rests on a chain of steps, each of them reasonable:"),
        ItemList(
            tuple(
                sentence(s)
                for s in (
                    "each neuron of a layer computes an equation of one form;",
                    "each neuron of the layer sees the same inputs;",
                    "so each could be seen as a regression of its own, fitted to the same data;",
                    "regressions on the same data agree in the end, so why not one set of weights?",
                    "is it the same for the filters of a convolution and the units of a recurrent network?",
                    "is it the nonlinearity that makes the difference?",
                    "and what does it mean that training can end in several places?",
                )
            ),
            ordered=True,
        ),
        paragraph(
            "What was wanted was proof, not intuition. The short answer: *the fear is justified where "
            "neurons start tied, and there alone.* Neurons that start equal, outgoing weights included, "
            "stay equal for ever ([T5:box:equal-incoming-weights]). But the equation of a neuron is the "
            "same only on the way forward. On the way back its gradient passes through its outgoing "
            "weights, and where these differ so do the gradients ([T6:box:incoming-weights]). Steps below "
            "a bound never bring different neurons together ([T9:box:two-points-do-not-meet]); near a tie "
            "there is a direction in which the difference grows, wherever the incoming gradient is not 0 "
            "([T10:box:a-direction-that-descends]); and a regression differs from a neuron in that it fits "
            "the target itself, while a neuron fits what the others leave ([T12:box:one-answer], "
            "[T11:box:ratios-are-conserved])."
        ),
        material.figure("tied_network"),
        paragraph(
            "Every equation below was derived or proved by a program and printed by it; none was typed. "
            "Under each stands what is known of it: *proved* by a small kernel, for all widths and depths, "
            "and replayed by an independent checker; *exact*, tested in arithmetic modulo a prime; "
            "*numeric*, tested in floating point; *unknown*, where no random numbers obey the hypotheses, "
            "so that the proof stands alone. These are never mixed. [section:trust] says what has to be "
            "trusted."
        ),
    ]


ANSWERS: tuple[tuple[str, str], ...] = (
    (
        "The same equation at every node?",
        "On the way forward, yes ([T1:definition:weighted-input]). On the way back, no: the delta of a "
        "neuron is a sum over its own outgoing weights ([T2:derived:1], [T2:box:total-differential]).",
    ),
    (
        "The same inputs?",
        "Yes: the gradients of all neurons are sums of the same inputs. Their factors, the deltas, differ "
        "with the outgoing weights ([T6:box:incoming-weights]).",
    ),
    (
        "Why not one set of weights?",
        "If they start equal, they do keep one set ([T5:box:equal-incoming-weights]). If they differ, "
        "steps below a bound never make them equal ([T9:box:two-points-do-not-meet]), and near a tie there "
        "is a direction in which they part ([T10:box:a-direction-that-descends]).",
    ),
    (
        "Are neurons linear regressions?",
        "Regressions share no output, and every two runs of one meet ([T12:box:one-answer]). Neurons add "
        "up to one output: each is fitted to what the others leave, and their ratios last for ever "
        "([T11:box:ratios-are-conserved]).",
    ),
    (
        "And convolutions, recurrent networks?",
        "The same, for channels and for hidden units: sharing weights over places and times does not "
        "change what can be permuted ([CNN:box:equal-w], [RNN:box:equal-w--index-1])",
    ),
    (
        "Is it the nonlinearity?",
        "Not what keeps neurons apart: a linear network does it too "
        "([T11:box:equal-sums-were-always-equal]). What a nonlinearity adds is that neurons which differ "
        "can do more than one neuron ([T13:box:monotone-output]).",
    ),
    (
        "Why are there several optima?",
        "Renaming neurons changes nothing ([T3:box:cost]), so each optimum with different neurons has as "
        "many copies as there are orders of them; and each critical point of a smaller network is a line "
        "of them in a larger one ([T14:box:critical-line--incoming-weights]).",
    ),
)


def answers(material: Material) -> list[Block]:
    """Each part of the question, with the theorem that answers it."""
    rows = tuple(((Emphasis(part),), sentence(words)) for part, words in ANSWERS)
    return [
        Section("The answers, part by part", label="section:answers"),
        Table(header=(text("asked"), text("answered")), rows=rows, align="ll"),
    ]
