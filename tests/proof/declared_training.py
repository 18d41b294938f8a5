"""What each proposition of T11 to T14 rests on, definitions included."""

from __future__ import annotations

MEAN = "derivative 0, hence constant (mean value theorem)"
ERROR = {"error of the output", "mean square of the input", "network", "product", "strength"}
INTO, OUT = "gradient of the incoming weights", "gradient of the outgoing weights"
FLOW = ERROR | {INTO, OUT} | {f"gradient flow on the {x} weights" for x in ("incoming", "outgoing")}
INTEGRAL = "theta is the integral of the error (fundamental theorem of calculus)"
SUMS, DIFFERENCES = f"sums: {MEAN}", f"differences: {MEAN}"
SIZES = {"size of the sums", "size of the differences"}
PRODUCT = {"sums", "differences", "product", SUMS, DIFFERENCES, *SIZES}

T11: dict[str, set[str]] = {
    "gradient of the incoming weights": ERROR | {INTO},
    "gradient of the outgoing weights": ERROR | {OUT},
    "equation of the sums": FLOW | {"sums"},
    "equation of the differences": FLOW | {"differences"},
    "products are conserved": FLOW | {"sums", "differences"},
    "sums against the exponential": FLOW | {"sums", INTEGRAL},
    "differences against the exponential": FLOW | {"differences", INTEGRAL},
    "sums solved": {SUMS},
    "differences solved": {DIFFERENCES},
    "ratios are conserved": {SUMS},
    "a gap grows with its neurons": FLOW | {"sums"},
    "equal sums were always equal": {SUMS, "equal sums at one time"},
    "equal differences were always equal": {DIFFERENCES, "equal differences at one time"},
    "equal sums stay equal": {SUMS, "equal sums at the start"},
    "equal differences stay equal": {DIFFERENCES, "equal differences at the start"},
    "product": PRODUCT,
    "one equation": PRODUCT | {INTEGRAL},
    "limit": PRODUCT
    | {"both terms", "root", "mean square of the input", "rest in the limit (monotone convergence theorem)"},
    "equation of the product": FLOW,
    "Saxe's equation": FLOW | {"balanced weights"},
    "Saxe's quantity": FLOW
    | {"balanced weights", "inputs are fixed", "targets are fixed", "positive output", "time"},
    "Saxe's formula": {f"Saxe's quantity: {MEAN}", "positive output", "start of Saxe's quantity"},
}


def both(*names: str, mark: str = ", second run") -> set[str]:
    return {name + m for name in names for m in ("", mark)}


GAP = {"difference of the weights", "difference of the predictions"}
RUNS = GAP | both("prediction", "error of the prediction", "gradient")
STEP = RUNS | both("rule of the weights")
REST = {"the gradient is 0", "the gradient of the second run is 0"}

T12: dict[str, set[str]] = {
    "difference of the gradients": RUNS,
    "one step": STEP,
    "contraction": STEP
    | {"no eigenvalue above Lambda", "no eigenvalue below mu", "step size below 2 / Lambda"},
    "along an eigenvector": STEP
    | {"eigenvector of the inputs", "the same inputs at every step"}
    | {"factor at the start", "factor of a step"},
    "unseen directions": {
        "a direction that no sample sees", "gradient", "rule of the weights", "start of the weights",
    },
    "predictions": RUNS | REST,
    "one answer": RUNS | REST | {"full column rank"},
    "minimum": GAP
    | both("cost", "prediction")
    | {"error of the prediction, second run", "gradient, second run", "the gradient of the second run is 0"},
}  # fmt: skip

TIED = {"tied biases", "tied incoming weights", "weighted input"}
HIDDEN = TIED | {
    "activation", "monotone activations", "slope between two samples",
    "slope between two samples, first hidden layer", "slope of a hidden layer",
    "slope of the first hidden layer", "sum of the outgoing weights",
}  # fmt: skip
OUTPUT = HIDDEN | {"slope of an output", "slope of an output between two samples"}
BOUND = OUTPUT | {"cost", "input of the network", "targets of XOR"}
SIGN = ("is not negative", "is not positive")

T13: dict[str, set[str]] = {
    "one neuron, weighted input": TIED,
    "one neuron": TIED | {"activation"},
    "one linear form": HIDDEN,
    "monotone output": OUTPUT,
    # the pivot of the last case is sample 1: it needs no sample 4 in its place
    **{
        f"bound, first difference {a}, second {b}": BOUND
        | {f"the first difference {a}", f"the second difference {b}"}
        | (set() if a == b == SIGN[1] else {"a parallelogram"})
        for a in SIGN
        for b in SIGN
    },
}


def split(*names: str) -> set[str]:
    return both(*names, mark=", one neuron more")


SPLIT = {
    "neurons are kept", "the last neuron is doubled", "outgoing weights are kept",
    "the first takes the part lambda", "the second takes the rest",
}  # fmt: skip
MOVED = {
    "neurons move alike", "the first of the two moves by 1 - lambda", "the second moves back by lambda",
    "outgoing weights move alike", "the first outgoing weight", "the second outgoing weight",
}  # fmt: skip
FORWARD = SPLIT | split("weighted input", "activation", "output")
BY_OUTPUT = FORWARD | split("derivative by an output")
DOWN = BY_OUTPUT | split("derivative by an activation", "delta", INTO)
UP = BY_OUTPUT | split(OUT)
SECOND = (
    "weighted input, moved", "activation, moved", "output, moved", "derivative by an activation, moved",
    "delta, moved", "Hessian, incoming weights", "Hessian, outgoing weights",
    "second derivative along the direction",
)  # fmt: skip
BLOCKS = (
    BY_OUTPUT | split("derivative by an activation", "derivative by an output, moved", *SECOND) | MOVED
    | {"A", "Q", "form of a sample"}
)  # fmt: skip
CRITICAL = BLOCKS | {"critical incoming weights", "delta", INTO, "outgoing weights part along the line"}
STILL = {"the incoming weights do not move", "the outgoing weights do not move"}
DEFINITE = {
    "A is positive definite", "the smaller Hessian is positive definite", "the second derivative is 0",
    "lambda lies strictly between 0 and 1",
}  # fmt: skip
PARTS = ("", ", first of the two", ", second of the two")

T14: dict[str, set[str]] = {
    "outputs": FORWARD,
    "cost": FORWARD | split("cost"),
    **{f"incoming weights{part}": DOWN for part in PARTS},
    **{f"outgoing weights{part}": UP for part in PARTS},
    **{f"critical line, incoming weights{part}": DOWN | {"critical incoming weights"} for part in PARTS},
    **{f"critical line, outgoing weights{part}": UP | {"critical outgoing weights"} for part in PARTS},
    "second derivative": set(SECOND),
    "block form": BLOCKS,
    "the block Q": {"Q", "delta", "derivative by an activation", INTO},
    "at a critical point": CRITICAL,
    "the two neurons apart": CRITICAL | STILL,
    "valley": CRITICAL
    | {"A is not negative", "lambda lies between 0 and 1", "the smaller Hessian is not negative"},
    "saddle": CRITICAL | STILL | {"A is not negative", "lambda lies outside of 0 to 1"},
    **{f"flat directions{x}": CRITICAL | DEFINITE for x in ("", ", incoming weights", ", outgoing weights")},
}

TRAINING = {
    (key, name): names
    for key, table in (("T11", T11), ("T12", T12), ("T13", T13), ("T14", T14))
    for name, names in table.items()
}
