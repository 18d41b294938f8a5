"""The command line. Exit status 0 holds, 1 refuted or a check failed, 2 unusable input, 3 unknown."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from symderive import __version__
from symderive.commands import arguments as kind
from symderive.errors import SymderiveError

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
    from symderive.commands import answer_parser as answer
    from symderive.commands import export_parser as export
    from symderive.commands import figures_parser as figures
    from symderive.commands import verify_parser as verify

    parser = Parser(prog="symderive", description="Derive and prove what happens inside a neural network.")
    parser.add_argument("--version", action="version", version=f"symderive {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _prove_parser(commands)
    answer.add_parser(commands, _common, _answer)
    _derive_parser(commands)
    _check_parser(commands)
    _replay_parser(commands)
    export.add_parser(commands, _network_options, _export)
    figures.add_parser(commands, kind.seed, DEFAULT_SEED, _figures)
    verify.add_parser(commands, _network_options, kind.seed, kind.whole, _verify)
    return parser


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, default=Path("symderive-out"), metavar="DIR",
                         help="where the documents go (default: %(default)s)")  # fmt: skip
    command.add_argument("--pdf", action="store_true", help="also build PDF files")
    command.add_argument("--json", action="store_true", help="print a machine-readable result")
    command.add_argument(
        "--seed", type=kind.seed, default=DEFAULT_SEED, help="seed of all random tests (default: %(default)s)"
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
    command.add_argument("--no-coq", action="store_true", help="do not ask Coq, even if it is installed")
    command.add_argument("--jobs", type=kind.whole, metavar="N",
                         help="processes that prove at once (default: one for each processor)")  # fmt: skip
    _common(command)
    command.set_defaults(run=_prove)


def _derive_parser(commands: Any) -> None:
    command = commands.add_parser(
        "derive", help="derive the gradients of a network, step by step",
        description="Derives the backward equations of a fully connected network and cross-checks them.",
    )  # fmt: skip
    _network_options(command)
    command.add_argument("--samples", type=kind.samples, metavar="N", help="a batch: a number, or a letter")
    command.add_argument("--reduction", choices=("mean", "sum"), default="mean", help="over the batch")
    command.add_argument("--composed", action="store_true", help="also put the derivatives into each other")
    command.add_argument(
        "--explicit", action="store_true", help="also write out every component (small widths)"
    )
    command.add_argument("--data", type=Path, metavar="FILE", help="a .csv or .npz file to check on as well")
    _common(command)
    command.set_defaults(run=_derive)


def _network_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--widths", type=kind.widths, metavar="N0,N1,..", help="numbers of units, input first: 4,5,3"
    )
    command.add_argument(
        "--depth", type=kind.whole, metavar="L", help="number of layers; the widths stay symbols"
    )
    command.add_argument("--activation", default="generic", type=kind.names, metavar="NAME[,NAME..]",
                         help="one name, or one for each layer (default: an arbitrary sigma)")  # fmt: skip
    command.add_argument("--output-activation", metavar="NAME", help="the last layer's, if it differs")
    command.add_argument("--cost", default="generic", metavar="NAME", help="default: an arbitrary cost")
    command.add_argument(
        "--factor", type=kind.fraction, metavar="F", help="in front of the squared error (default: 1/2)"
    )
    command.add_argument("--relu-at-zero", type=kind.fraction, default=Fraction(0), metavar="V",
                         help="the value of ReLU's derivative at 0 (default: 0)")  # fmt: skip


def _check_parser(commands: Any) -> None:
    command = commands.add_parser(
        "check", help="judge a formula, or all formulas of a document",
        description="Proves or refutes formulas as people write them, and says what is wrong with them.",
        epilog="Exit status: 0 holds (documents and lists: nothing is refuted), 1 refuted, 2 unusable input, "
               "3 unknown (documents and lists: only with --strict).",
    )  # fmt: skip
    add = command.add_argument
    add("what", nargs="*", metavar="FORMULA|FILE",
        help="a formula in LaTeX, or .tex, .md and .ipynb files")  # fmt: skip
    add("--network", metavar="NAME|FILE.json",
        help="what the names mean: mlp (the default), mlp-rows, batch, batch-rows, units, units-prml, a "
             "setting, or a theorem such as T5, in whose proof the formula is looked for")  # fmt: skip
    add("--context", action="append", default=[], metavar="DEFINITION",
        help="one more definition, such as 'z = W x + b'; may be repeated, as the next two")  # fmt: skip
    add("--convention", action="append", default=[], type=kind.convention, metavar="KEY=VALUE",
        help="what would otherwise be tried")  # fmt: skip
    add("--macro", action="append", default=[], type=kind.macro, metavar="\\NAME=BODY",
        help="a command of the source, with #1, #2 for their arguments")  # fmt: skip
    add("--batch", metavar="FILE.json", help="judge a list of formulas; - reads standard input")
    add("-o", "--output", type=Path, metavar="FILE", help="where the verdicts of --batch go")
    add("--format", choices=("text", "json", "github"), default="text",
        help="of what is printed; github: annotations of a workflow")  # fmt: skip
    add("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    add("--strict", action="store_true", help="formulas that stay unknown give status 3")
    add("--seconds", type=kind.whole, default=5, metavar="S", help="for each formula (default: 5)")
    add("--certificate", type=Path, metavar="FILE", help="write the proof's certificate")
    command.set_defaults(run=_check)


def _replay_parser(commands: Any) -> None:
    command = commands.add_parser(
        "replay", help="check certificates with the independent checker",
        description="Checks certificates step by step, with rules that share nothing with the kernel's.",
    )  # fmt: skip
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a certificate, as prove writes")
    command.add_argument("--json", action="store_true", help="print a machine-readable result")
    command.set_defaults(run=_replay)


# ---------------------------------------------------------------- commands


def _prove(arguments: argparse.Namespace) -> int:
    from symderive.commands.answer import MORE, NAME, assembled, result_for
    from symderive.commands.prove import select
    from symderive.commands.workers import prove_plain
    from symderive.commands.writing import write
    from symderive.coq.confirmation import summary
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
    with Progress(len(modules) + (0 if arguments.theorems else len(MORE)), quiet=arguments.json) as progress:
        coq, jobs = not arguments.no_coq, arguments.jobs
        whole = not arguments.theorems
        found = prove_plain(
            arguments.theorems, arguments.seed, coq, jobs, progress.tell, progress.done, result_for,
            MORE if whole else {},
        )  # fmt: skip
        every = list(found)
        outcomes = [o for o in every if o.key not in MORE]
        documents = {f"{o.key}_{o.name}": o.document for o in outcomes}
        if whole:
            progress.tell("the answer")
            documents[NAME] = assembled({o.key: o.document for o in every}).document
        files = {f"{o.key}_{o.name}.{ending}": text for o in outcomes for ending, text in o.files.items()}
        written = write(documents, arguments.output, arguments.pdf, files)
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
            summary(o.coq) if o.coq else "not asked",
        )
        for r, o in zip(results, outcomes, strict=True)
    ]
    header = ("key", "theorem", "status", "equations", "evidence", "largest error", "Coq")
    plural = "s" if len(rows) != 1 else ""
    title = f"{len(rows)} theorem{plural}, seed {arguments.seed}, {seconds:.1f} s"
    table(header, rows, title, file=sys.stdout)
    _tell_files(written, arguments.output)
    return HOLDS


def _answer(arguments: argparse.Namespace) -> int:
    from symderive.answer import NEEDED
    from symderive.commands.answer import MORE, NAME, answer
    from symderive.commands.writing import write
    from symderive.show import Progress

    _writable(arguments)
    with Progress(len(NEEDED) + len(MORE), quiet=arguments.json) as progress:
        found = answer(arguments.seed, progress.tell, progress.done)
        written = write({NAME: found.document}, arguments.output, arguments.pdf)
    if arguments.json:
        _json({**found.as_json(), "files": written, "seed": arguments.seed})
    else:
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


def _export(arguments: argparse.Namespace) -> int:
    from symderive.commands.export import run

    outcome = run(arguments)
    written = outcome.write(arguments.output)
    if arguments.json:
        _json({**outcome.as_json(), "files": written})
    else:
        print("\n".join([*outcome.lines(), f"{written[0]} and its library are in {arguments.output}"]))
    return HOLDS if outcome.confirmed else UNKNOWN


def _check(arguments: argparse.Namespace) -> int:
    from symderive.commands.scan import is_document

    documents = [is_document(w) for w in arguments.what]
    if arguments.certificate is not None and (arguments.batch is not None or any(documents)):
        raise SymderiveError("check: expected one formula with --certificate, found more")
    if arguments.batch is not None:
        return _check_batch(arguments)
    if arguments.output is not None:
        raise SymderiveError("check: expected --batch with --output, found none")
    if not arguments.what:
        raise SymderiveError("check: expected a formula, files or --batch, found none")
    if any(documents) and not all(documents):
        raise SymderiveError("check: expected one formula, or files, found both")
    if any(documents):
        return _check_files(arguments)
    if len(arguments.what) > 1:
        raise SymderiveError(f"check: expected one formula, found {len(arguments.what)}; put it in quotes")
    from symderive.commands.check import judged, plain

    verdict = judged(arguments.what[0], _options(arguments))
    if arguments.certificate is not None:
        if verdict.certificate:
            from symderive.documents.files import write_file

            write_file(arguments.certificate, verdict.certificate)
        else:
            print(f"symderive: {verdict.status}: there is no certificate to write", file=sys.stderr)
    print(json.dumps(verdict.as_json(), indent=2) if arguments.format == "json" else plain(str(verdict)))
    return {"refuted": FAILED, "unknown": UNKNOWN}.get(verdict.status, HOLDS)


def _options(arguments: argparse.Namespace) -> Any:
    """What the command line says of all formulas."""
    from symderive.commands.check import Options
    from symderive.commands.reading import read_json

    given: Any = arguments.network
    if given is not None and given.endswith(".json"):
        given = read_json(Path(given))
    return Options(
        given,
        tuple(arguments.context),
        tuple(arguments.convention),
        tuple(arguments.macro),
        arguments.seconds,
    )


def _check_files(arguments: argparse.Namespace) -> int:
    from symderive.commands.check import COLUMNS, check_places, counts, scan_files, summary
    from symderive.show import Progress, table

    files = [Path(w) for w in arguments.what]
    places = scan_files(files)
    found = []
    with Progress(len(places), quiet=arguments.format == "json") as progress:
        for one in check_places(places, _options(arguments)):
            found.append(one)
            progress.done()
            if not progress.shown:  # beside a bar nothing else may be printed
                _tell(one, arguments.format)
    if progress.shown:
        for one in found:
            _tell(one, arguments.format)
    by_status, failures = counts(found), sum(one.fails for one in found)
    if arguments.format == "json":
        result = {"formulas": [one.as_json() for one in found], "counts": by_status, "failures": failures}
        print(json.dumps(result, indent=2))
    elif arguments.format == "text":
        rows = summary(files, found)
        title = f"formulas: {len(found)}, failures: {failures}"
        if arguments.network is None and any(not (p.network or p.setting) for p in places):
            title += "; names are those of the network mlp where nothing else is said"
        table(COLUMNS, rows, title, file=sys.stdout)
    if failures:
        return FAILED
    return UNKNOWN if arguments.strict and "unknown" in by_status else HOLDS


def _tell(one: Any, form: str) -> None:
    if form != "json":
        print(one.as_line() if form == "text" else one.as_annotation(), flush=True)


def _check_batch(arguments: argparse.Namespace) -> int:
    from symderive.commands.batch import as_text, check_batch, entries, require_place
    from symderive.commands.reading import MOST_BYTES, decoded, read_text
    from symderive.documents.files import write_file
    from symderive.show import Progress

    if arguments.what:
        raise SymderiveError("check: expected --batch or formulas, found both")
    if arguments.format == "github":
        raise SymderiveError("check: expected --format json with --batch, found github")
    if arguments.batch == "-":
        text, where = decoded(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input"), "standard input"
    else:
        text, where = read_text(Path(arguments.batch)), arguments.batch
    given = entries(text, where)
    if arguments.output is not None:
        require_place(arguments.output)
    options = _options(arguments)
    statuses: set[str] = set()
    pieces: list[str] = []
    with Progress(len(given)) as progress:

        def told() -> Iterator[dict[str, Any]]:
            for one in check_batch(given, options):
                statuses.add(one["status"])
                progress.done()
                yield one

        kept = arguments.output is not None or progress.shown  # beside a bar nothing else may be printed
        for piece in as_text(told()):
            if kept:
                pieces.append(piece)
            else:
                print(piece, end="", flush=True)
    if arguments.output is not None:
        write_file(arguments.output, "".join(pieces))
    else:
        print("".join(pieces), end="")
    if "refuted" in statuses:
        return FAILED
    return UNKNOWN if arguments.strict and "unknown" in statuses else HOLDS


def _verify(arguments: argparse.Namespace) -> int:
    from symderive.commands.verify import asked, run

    verdict = run(asked(arguments))
    if arguments.json:
        _json(verdict.as_json())
    else:
        print(f"{verdict.status}: {verdict.note}")
    return {"refuted": FAILED, "unknown": UNKNOWN}.get(verdict.status, HOLDS)


def _figures(arguments: argparse.Namespace) -> int:
    from symderive.commands.figures import draw_all, select
    from symderive.documents.files import write_files
    from symderive.show import Progress

    names = select(arguments.figures, arguments.format)
    _folder(arguments)
    outcomes = []
    with Progress(len(names), quiet=arguments.json) as progress:
        progress.tell("figures")
        for outcome in draw_all(names, arguments.format, arguments.seed):
            outcomes.append(outcome)
            progress.done()
        written = {o.name: o.content for o in outcomes}
        write_files(arguments.output, written)
    if arguments.json:
        _json({"figures": [o.as_json() for o in outcomes], "files": sorted(written), "seed": arguments.seed})
        return HOLDS
    for o in outcomes:
        print(f"{o.name}: {o.figure.title}")
    _tell_files(sorted(written), arguments.output)
    return HOLDS


def _derive(arguments: argparse.Namespace) -> int:
    from symderive.commands.derive import Request, run
    from symderive.commands.writing import write
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
        written = write({"derivation": outcome.document}, arguments.output, arguments.pdf)
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
    _folder(arguments)
    if arguments.pdf:
        from symderive.documents.pdf import available_engine

        available_engine()


def _folder(arguments: argparse.Namespace) -> None:
    folder: Path = arguments.output
    if folder.exists() and not folder.is_dir():
        raise SymderiveError(f"output: expected a directory, found the file {folder}")


def _tell_files(written: list[str], folder: Path) -> None:
    print(f"{len(written)} files in {folder}: {', '.join(written)}")


def _json(result: dict[str, Any]) -> None:
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    raise SystemExit(main())
