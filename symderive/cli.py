"""The command line. Exit status 0 holds, 1 refuted or a check failed, 2 unusable input, 3 unknown."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symderive import __version__
from symderive.errors import SymderiveError

if TYPE_CHECKING:
    from symderive.documents.blocks import Document

HOLDS, FAILED, UNUSABLE, UNKNOWN, INTERRUPTED = 0, 1, 2, 3, 130
DEFAULT_SEED = 20_260


class Parser(argparse.ArgumentParser):
    """Mistakes in one line, exit status 2."""

    def error(self, message: str) -> Any:
        self.exit(UNUSABLE, f"{self.prog}: {_reworded(message)} (see {self.prog} --help)\n")


# argparse's sentences, in the words of all other errors
REWORDED = (
    (r"(argument \S+): invalid choice: (.*) \(choose from (.*)\)", r"\1: expected one of \3, found \2"),
    (r"(argument [^:]+): expected one argument", r"\1: expected a value, found none"),
    (r"the following arguments are required: (.*)", r"expected \1, found none"),
    (r"unrecognized arguments: (.*)", r"expected no more arguments, found \1"),
    (r"(argument [^:]+): ignored explicit argument (.*)", r"\1: expected no value, found \2"),
)


def _reworded(message: str) -> str:
    for pattern, words in REWORDED:
        message = re.sub(f"^{pattern}$", words, message, flags=re.DOTALL)
    return " ".join(message.split())


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; a user's mistake is one line on standard error."""
    from symderive.claims.evidence import CheckFailed

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a character gets its number
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    try:
        status = int(arguments.run(arguments))
        sys.stdout.flush()
        return status
    except CheckFailed as error:
        print(f"symderive: a check failed: {_line(error)}", file=sys.stderr)
        return FAILED
    except SymderiveError as error:
        print(f"symderive: {_line(error)}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:  # the reader left; nothing may be written when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    except KeyboardInterrupt:
        print("symderive: stopped", file=sys.stderr)
        return INTERRUPTED


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="symderive", description="Derive and prove what happens inside a neural network.")
    parser.add_argument("--version", action="version", version=f"symderive {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _prove_parser(commands)
    _derive_parser(commands)
    _check_parser(commands)
    _replay_parser(commands)
    return parser


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, default=Path("symderive-out"), metavar="DIR",
                         help="where the documents go (default: %(default)s)")  # fmt: skip
    command.add_argument("--pdf", action="store_true", help="also build PDF files")
    command.add_argument("--json", action="store_true", help="print a machine-readable result")
    command.add_argument(
        "--seed", type=_seed, default=DEFAULT_SEED, help="seed of all random tests (default: %(default)s)"
    )


def _prove_parser(commands: Any) -> None:
    command = commands.add_parser(
        "prove", help="prove and cross-check theorems, and write their documents",
        description="Derives, proves and cross-checks theorems of the library; no name: all of them.",
    )  # fmt: skip
    command.add_argument(
        "theorems", nargs="*", metavar="THEOREM", help="key or name, such as T5 or tied_neurons"
    )
    command.add_argument("--list", action="store_true", help="list the library and stop")
    _common(command)
    command.set_defaults(run=_prove)


def _derive_parser(commands: Any) -> None:
    command = commands.add_parser(
        "derive", help="derive the gradients of a network, step by step",
        description="Derives the backward equations of a fully connected network and cross-checks them.",
    )  # fmt: skip
    command.add_argument(
        "--widths", type=_widths, metavar="N0,N1,..", help="numbers of units, input first: 4,5,3"
    )
    command.add_argument(
        "--depth", type=_whole, metavar="L", help="number of layers; the widths stay symbols"
    )
    command.add_argument("--activation", default="generic", type=_names, metavar="NAME[,NAME..]",
                         help="one name, or one for each layer (default: an arbitrary sigma)")  # fmt: skip
    command.add_argument("--output-activation", metavar="NAME", help="the last layer's, if it differs")
    command.add_argument("--cost", default="generic", metavar="NAME", help="default: an arbitrary cost")
    command.add_argument(
        "--factor", type=_fraction, metavar="F", help="in front of the squared error (default: 1/2)"
    )
    command.add_argument("--samples", type=_samples, metavar="N", help="a batch: a number, or a letter")
    command.add_argument("--reduction", choices=("mean", "sum"), default="mean", help="over the batch")
    command.add_argument("--relu-at-zero", type=_fraction, default=Fraction(0), metavar="V",
                         help="the value of ReLU's derivative at 0 (default: 0)")  # fmt: skip
    command.add_argument("--composed", action="store_true", help="also put the derivatives into each other")
    command.add_argument(
        "--explicit", action="store_true", help="also write out every component (small widths)"
    )
    command.add_argument("--data", type=Path, metavar="FILE", help="a .csv or .npz file to check on as well")
    _common(command)
    command.set_defaults(run=_derive)


def _check_parser(commands: Any) -> None:
    command = commands.add_parser(
        "check", help="judge a formula, or all formulas of a document",
        description="Proves or refutes formulas as people write them, and says what is wrong with them.",
    )  # fmt: skip
    command.add_argument(
        "what", nargs="*", metavar="FORMULA|FILE", help="a formula in LaTeX, or .tex, .md and .ipynb files"
    )
    command.add_argument(
        "--network",
        default="mlp",
        metavar="NAME|FILE.json",
        help="what the names mean: mlp, mlp-rows, batch, batch-rows, or a setting",
    )
    command.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="DEFINITION",
        help="one more definition, such as 'z = W x + b'",
    )
    command.add_argument("--macro", action="append", default=[], type=_macro, metavar="\\NAME=BODY")
    command.add_argument(
        "--batch", metavar="FILE.json", help="judge a list of formulas; - reads standard input"
    )
    command.add_argument("--format", choices=("text", "json", "github"), default="text")
    command.add_argument("--json", action="store_const", const="json", dest="format")
    command.add_argument("--strict", action="store_true", help="formulas that stay unknown give status 3")
    command.add_argument(
        "--seconds", type=_whole, default=5, metavar="S", help="for each formula (default: 5)"
    )
    command.add_argument("--certificate", type=Path, metavar="FILE", help="write the proof's certificate")
    command.set_defaults(run=_check)


def _replay_parser(commands: Any) -> None:
    command = commands.add_parser(
        "replay", help="check certificates with the independent checker",
        description="Checks certificates step by step, with rules that share nothing with the kernel's.",
    )  # fmt: skip
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a certificate, as prove writes")
    command.add_argument("--json", action="store_true", help="print a machine-readable result")
    command.set_defaults(run=_replay)


# ---------------------------------------------------------------- arguments


def _whole(value: str) -> int:
    _require_short(value)
    if not re.fullmatch(r"\d{1,6}", value):
        raise argparse.ArgumentTypeError(f"expected a whole number, found {value!r}")
    return int(value)


def _require_short(value: str) -> None:
    if re.fullmatch(r"\s*\d{7,}\s*", value):
        raise argparse.ArgumentTypeError(f"expected at most 999999, found {value.strip():.40}")


def _seed(value: str) -> int:
    return _whole(value)


def _widths(value: str) -> tuple[int, ...]:
    parts = value.split(",")
    for p in parts:
        _require_short(p)
    if not all(re.fullmatch(r"\s*\d{1,6}\s*", p) for p in parts):
        raise argparse.ArgumentTypeError(
            f"expected whole numbers with commas, such as 4,5,3, found {value!r}"
        )
    return tuple(int(p) for p in parts)


def _names(value: str) -> str | tuple[str, ...]:
    parts = tuple(p.strip() for p in value.split(","))
    return parts[0] if len(parts) == 1 else parts


def _fraction(value: str) -> Fraction:
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,9}|/[1-9]\d{0,8})?", value):
        raise argparse.ArgumentTypeError(f"expected a number such as 1/2 or 0.5, found {value!r}")
    return Fraction(value)


def _samples(value: str) -> int | str:
    if re.fullmatch(r"\d{1,6}", value):
        return int(value)
    if value != "B":
        raise argparse.ArgumentTypeError(f"expected a whole number, or the letter B, found {value!r}")
    return value


def _macro(value: str) -> tuple[str, str]:
    m = re.fullmatch(r"(\\[A-Za-z]+)=(.{0,2000})", value, re.DOTALL)
    if not m:
        raise argparse.ArgumentTypeError(rf"expected \NAME=BODY, found {value!r:.60}")
    return m[1], m[2]


# ---------------------------------------------------------------- commands


def _prove(arguments: argparse.Namespace) -> int:
    from symderive.commands.prove import prove_all, select
    from symderive.show import Progress, table

    modules = select(arguments.theorems)
    if arguments.list:
        listed = [(m.KEY, m.NAME, (m.__doc__ or "").splitlines()[0]) for m in modules]
        if arguments.json:
            _json({"theorems": [dict(zip(("key", "name", "statement"), row, strict=True)) for row in listed]})
            return HOLDS
        table(("key", "name", "statement"), listed, "The library", file=sys.stdout)
        return HOLDS
    _writable(arguments)
    start = time.perf_counter()
    outcomes = []
    with Progress(len(modules), quiet=arguments.json) as progress:
        for outcome in prove_all(arguments.theorems, arguments.seed, progress.tell):
            outcomes.append(outcome)
            progress.done()
        documents = {f"{o.key}_{o.name}": o.document for o in outcomes}
        certificates = {f"{o.key}_{o.name}.json": o.certificate.text for o in outcomes}
        written = _write(documents, arguments.output, arguments.pdf, certificates)
    seconds = time.perf_counter() - start
    results = [o.as_json() for o in outcomes]
    if arguments.json:
        _json({"theorems": results, "files": written, "seed": arguments.seed, "seconds": round(seconds, 3)})
        return HOLDS
    rows = [
        (
            r["key"],
            r["title"],
            r["status"],
            str(r["equations"]),
            ", ".join(f"{n} {status}" for status, n in r["evidence"].items()),
            f"{r['largest_error']:.1e}",
        )
        for r in results
    ]
    header = ("key", "theorem", "status", "equations", "evidence", "largest error")
    plural = "s" if len(rows) != 1 else ""
    title = f"{len(rows)} theorem{plural}, seed {arguments.seed}, {seconds:.1f} s"
    table(header, rows, title, file=sys.stdout)
    _tell_files(written, arguments.output)
    return HOLDS


def _replay(arguments: argparse.Namespace) -> int:
    from symderive.commands.replay import replay_file
    from symderive.show import Progress

    outcomes = []
    with Progress(len(arguments.files), quiet=arguments.json) as progress:
        for file in arguments.files:
            progress.tell(str(file))
            outcomes.append(replay_file(file))
            progress.done()
    if arguments.json:
        _json({"certificates": [o.as_json() for o in outcomes]})
    else:
        for o in outcomes:
            print(o.as_line())
    return HOLDS if all(o.replayed is not None for o in outcomes) else FAILED


def _check(arguments: argparse.Namespace) -> int:
    from symderive.commands.scan import ENDINGS, read_json

    if arguments.batch is not None:
        return _check_batch(arguments)
    if not arguments.what:
        raise SymderiveError("check: expected a formula, files or --batch, found none")
    given: Any = arguments.network
    if given.endswith(".json"):
        given = read_json(Path(given), 1_000_000)
    files = [Path(w) for w in arguments.what if w.endswith(ENDINGS)]
    if files and len(files) < len(arguments.what):
        raise SymderiveError("check: expected one formula, or files, found both")
    if files:
        return _check_files(arguments, files, given)
    if len(arguments.what) > 1:
        raise SymderiveError(f"check: expected one formula, found {len(arguments.what)}; put it in quotes")
    from symderive.formulas import check

    verdict = check(
        arguments.what[0],
        given,
        context=arguments.context,
        macros=dict(arguments.macro),
        seconds=arguments.seconds,
    )
    if arguments.certificate is not None and verdict.certificate:
        from symderive.documents.files import write_files

        write_files(arguments.certificate.parent, {arguments.certificate.name: verdict.certificate})
    if arguments.format == "json":
        _json(verdict.as_json())
    else:
        print(verdict)
    return _status(verdict.status)


def _status(status: str) -> int:
    return {"refuted": FAILED, "unknown": UNKNOWN}.get(status, HOLDS)


def _check_files(arguments: argparse.Namespace, files: list[Path], given: Any) -> int:
    from symderive.commands.check import check_files

    judged = []
    for one in check_files(files, given, arguments.context, dict(arguments.macro), arguments.seconds):
        judged.append(one)
        if arguments.format == "text":
            print(one.as_line(), flush=True)
        elif arguments.format == "github":
            print(one.as_annotation(), flush=True)
    counts: dict[str, int] = {}
    for one in judged:
        counts[one.verdict.status] = counts.get(one.verdict.status, 0) + 1
    if arguments.format == "json":
        _json({"formulas": [one.as_json() for one in judged], "counts": counts})
    else:
        print(
            f"{len(judged)} formulas: " + (", ".join(f"{n} {s}" for s, n in sorted(counts.items())) or "none")
        )
    if any(one.fails for one in judged):
        return FAILED
    return UNKNOWN if arguments.strict and counts.get("unknown") else HOLDS


def _check_batch(arguments: argparse.Namespace) -> int:
    from symderive.commands.check import check_batch
    from symderive.commands.scan import MOST_BYTES

    if arguments.what:
        raise SymderiveError("check: expected --batch or formulas, found both")
    if arguments.batch == "-":
        text, where = sys.stdin.read(MOST_BYTES + 1), "standard input"
    else:
        path, where = Path(arguments.batch), arguments.batch
        try:
            with path.open(encoding="utf-8") as stream:
                text = stream.read(MOST_BYTES + 1)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "no UTF-8"
            raise SymderiveError(f"{path}: cannot be read: {reason}") from None
    if len(text) > MOST_BYTES:
        raise SymderiveError(f"{where}: expected at most {MOST_BYTES} characters")
    found = list(check_batch(text, where, arguments.seconds))
    _json(found)
    statuses = {f["status"] for f in found}
    if "refuted" in statuses:
        return FAILED
    return UNKNOWN if arguments.strict and "unknown" in statuses else HOLDS


def _derive(arguments: argparse.Namespace) -> int:
    from symderive.commands.derive import Request, run
    from symderive.show import Progress, table

    request = Request(
        widths=arguments.widths,
        depth=arguments.depth,
        activation=arguments.activation,
        output=arguments.output_activation,
        cost=arguments.cost,
        factor=arguments.factor,
        samples=arguments.samples,
        reduction=arguments.reduction,
        relu_at_zero=arguments.relu_at_zero,
        data=arguments.data,
        seed=arguments.seed,
        composed=arguments.composed,
        explicit=arguments.explicit,
    )
    _writable(arguments)
    with Progress(1, quiet=arguments.json) as progress:
        progress.tell("derivation")
        outcome = run(request)
        written = _write({"derivation": outcome.document}, arguments.output, arguments.pdf)
        progress.done()
    if arguments.json:
        _json({**outcome.as_json(), "files": written, "seed": arguments.seed})
        return HOLDS
    rows = [(c.printed.latex, "; ".join(str(e) for e in c.printed.evidence)) for c in outcome.checked.derived]
    table(("equation", "evidence"), rows, f"Derived equations, seed {arguments.seed}", file=sys.stdout)
    _tell_files(written, arguments.output)
    return HOLDS


def _writable(arguments: argparse.Namespace) -> None:
    """What can be said before the work: whether the documents have a place, and PDF an engine."""
    folder: Path = arguments.output
    if folder.exists() and not folder.is_dir():
        raise SymderiveError(f"output: expected a directory, found the file {folder}")
    if arguments.pdf:
        from symderive.documents.pdf import available_engine

        available_engine()


def _write(
    documents: dict[str, Document], folder: Path, pdf: bool, beside: Mapping[str, str] | None = None
) -> list[str]:
    """All documents, rendered before the first is written, and the files that belong beside them."""
    from symderive.documents.files import write_files
    from symderive.documents.html_writer import to_html
    from symderive.documents.latex_writer import to_latex

    files: dict[str, str | bytes] = dict(beside or {})
    for name, document in documents.items():
        files[f"{name}.tex"] = to_latex(document)
        files[f"{name}.html"] = to_html(document)
        if pdf:
            from symderive.documents.pdf import to_pdf

            files[f"{name}.pdf"] = to_pdf(document).content
    write_files(folder, files)
    return sorted(files)


def _tell_files(written: list[str], folder: Path) -> None:
    print(f"{len(written)} files in {folder}: {', '.join(written)}")


def _json(result: dict[str, Any] | list[dict[str, Any]]) -> None:
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    raise SystemExit(main())
