"""Document -> PDF: with TeX where latexmk is found, else with Typst, else a word on what to install."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from symderive.documents.blocks import Document
from symderive.documents.latex_writer import to_latex
from symderive.documents.numbering import Target, number
from symderive.documents.typst_writer import to_typst
from symderive.errors import SymderiveError

TIMEOUT = 180.0  # seconds
ENGINES = ("tex", "typst")

# What a log says when the page is not as it should be. latexmk exits with 0 all the same.
_WARNINGS = re.compile(
    r"^(?:Overfull \\[hv]box.*"
    r"|(?:LaTeX|LaTeX Font|Package [\w-]+|Class [\w-]+|pdfTeX) (?:Font )?[Ww]arning.*"
    r"|Missing character: .*"
    r"|No file .*\.(?:bbl|ind)\."
    r"|.*destination with the same identifier.*)$",
    re.MULTILINE,
)
# These lines announce the next run of latexmk, and stand in every log of a first run.
_RERUN = re.compile(r"Rerun to get|rerunfilecheck|Label\(s\) may have changed")
_NEWLABEL = re.compile(r"^\\newlabel\{([^{}]+)\}\{\{(.*?)\}\{", re.MULTILINE)


@dataclass(frozen=True)
class Pdf:
    """The file, what made it, and what was not as it should be: empty for a page fit to print."""

    content: bytes
    engine: str
    warnings: tuple[str, ...] = ()


def to_pdf(document: Document, engine: str | None = None) -> Pdf:
    """The document as PDF, the same bytes at every run; engine "tex" or "typst", None takes what is there."""
    if engine is None:
        engine = available_engine()
    if engine not in ENGINES:
        raise SymderiveError(f"expected a PDF engine out of {', '.join(ENGINES)}, found {engine!r}")
    if engine == "tex":
        pictures = {f"{f.name}.pdf": f.pdf for f in document.figures}
        return compile_latex(to_latex(document), number(document).targets, pictures)
    return compile_typst(to_typst(document), {f"{f.name}.svg": f.svg for f in document.figures})


def available_engine() -> str:
    """tex, typst, or a SymderiveError that says what to install."""
    if shutil.which("latexmk") and shutil.which("pdflatex"):
        return "tex"
    if importlib.util.find_spec("typst") is not None:
        return "typst"
    raise SymderiveError(
        "a PDF needs TeX (latexmk and pdflatex; on Debian: apt install texlive-latex-recommended lmodern "
        "latexmk) or the extra pdf (pip install 'symderive-nn[pdf]'), found neither"
    )


def compile_latex(
    source: str,
    targets: Mapping[str, Target] = MappingProxyType({}),
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Pdf:
    """PDF of a LaTeX file, made with latexmk in a directory of its own, without shell escape.

    `beside`: the files that it includes, by name.

    The warnings are those of the log, and every label whose number in the .aux file differs from `targets`.
    """
    latexmk = shutil.which("latexmk")
    if latexmk is None:
        raise SymderiveError("expected latexmk on the path, found none")
    command = [
        latexmk, "-norc", "-pdf", "-halt-on-error", "-interaction=nonstopmode", "-file-line-error",
        "-latexoption=-no-shell-escape", "document.tex",
    ]  # fmt: skip
    environment = {
        **os.environ, "max_print_line": "1000", "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1",
        "openout_any": "p", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="symderive-") as name:
        place = Path(name)
        (place / "document.tex").write_text(source, "utf-8")
        for file, content in beside.items():
            (place / file).write_bytes(content)
        try:
            done = subprocess.run(
                command, cwd=place, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=TIMEOUT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise SymderiveError(f"latexmk did not end within {TIMEOUT:.0f} s") from None
        log = _read(place / "document.log")
        if done.returncode or not (place / "document.pdf").is_file():
            raise SymderiveError(f"LaTeX stopped: {first_error(log) or _tail(done.stdout + done.stderr)}")
        content = (place / "document.pdf").read_bytes()
        aux = numbers_in_aux(_read(place / "document.aux"))
    wrong = tuple(
        f"label {label}: the document says {target.number}, LaTeX printed {aux.get(label, 'nothing')}"
        for label, target in targets.items()
        if aux.get(label) != target.number
    )
    return Pdf(content, "tex", read_log(log) + wrong)


def read_log(log: str) -> tuple[str, ...]:
    r"""The complaints in a log of LaTeX: references, labels, overfull boxes, fonts, characters, packages.

    >>> read_log("Overfull \\hbox (12.0pt too wide) in paragraph at lines 3--4\nOutput written on x.pdf")
    ('Overfull \\hbox (12.0pt too wide) in paragraph at lines 3--4',)
    """
    found = [match.group(0).strip() for match in _WARNINGS.finditer(log)]
    return tuple(line for line in dict.fromkeys(found) if not _RERUN.search(line))


def first_error(log: str) -> str:
    """The first error in a log, with its file and line, as one line."""
    match = re.search(r"^(?:\./)?([\w.-]+:\d+: .*|! .*)$", log, re.MULTILINE)
    return match.group(1).strip() if match else ""


def numbers_in_aux(aux: str) -> dict[str, str]:
    r"""Label -> number, as LaTeX printed it.

    >>> numbers_in_aux("\\newlabel{bp2}{{6}{1}{The four equations}{equation.2.6}{}}")
    {'bp2': '6'}
    """
    return {label: number for label, number in _NEWLABEL.findall(aux) if not label.endswith("@cref")}


def compile_typst(source: str, beside: Mapping[str, bytes] = MappingProxyType({})) -> Pdf:
    """PDF of a Typst file, with the fonts that Typst embeds; `beside`: what it includes, by name."""
    if importlib.util.find_spec("typst") is None:
        raise SymderiveError("expected the extra pdf (pip install 'symderive-nn[pdf]'), found no typst")
    import typst

    with tempfile.TemporaryDirectory(prefix="symderive-") as name:
        path = Path(name, "document.typ")
        path.write_text(source, "utf-8")
        for file, picture in beside.items():
            Path(name, file).write_bytes(picture)
        try:
            content, warnings = typst.compile_with_warnings(
                str(path), root=name, ignore_system_fonts=True, format="pdf"
            )
        except typst.TypstError as error:
            raise SymderiveError(f"Typst stopped: {str(error).splitlines()[0]}") from None
    return Pdf(bytes(content), "typst", tuple(str(warning).splitlines()[0] for warning in warnings))


def _read(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _tail(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "latexmk said nothing"
