r"""Formulas of documents: what is found, on which line, what is passed over and directed; hostile files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from symderive.commands.scan import is_document, scan, scan_text
from symderive.commands.scanning.directives import MOST_CONTEXT, MOST_DEFINITIONS, MOST_MACROS, Place
from symderive.commands.scanning.macros import LONGEST
from symderive.errors import SymderiveError


def tex(text: str) -> list[Place]:
    return scan_text(text, ".tex", "a.tex")


def md(text: str) -> list[Place]:
    return scan_text(text, ".md", "a.md")


def found(places: list[Place]) -> list[tuple[str, int]]:
    return [(p.formula, p.line) for p in places]


def book(*cells: tuple[str, object]) -> list[Place]:
    made = [{"cell_type": kind, "source": source} for kind, source in cells]
    return scan_text(json.dumps({"cells": made}), ".ipynb", "a.ipynb")


Scanned = Callable[[str], list[Place]]
BOTH = pytest.mark.parametrize("scanned", [tex, md])

# ------------------------------------------------------------------------------------------ what is found


@BOTH
@pytest.mark.parametrize(
    ("before", "after"),
    [("$", "$"), ("$$", "$$"), (r"\(", r"\)"), (r"\[", r"\]")]
    + [
        (rf"\begin{{{name}}}", rf"\end{{{name}}}")
        for one in ("equation", "align", "gather", "eqnarray", "multline", "flalign")
        for name in (one, f"{one}*")
    ],
)
def test_every_kind_of_formula_with_its_line(scanned: Scanned, before: str, after: str) -> None:
    assert found(scanned(f"one\ntwo {before}a = b{after} three\n")) == [("a = b", 2)]


@BOTH
def test_the_line_is_that_of_the_first_character_of_the_formula(scanned: Scanned) -> None:
    gap = "" if scanned is md else "%"  # an empty line would end the display
    text = f"\n\\begin{{align}}\n  a &= b \\\\\n  c &= d\n\\end{{align}}\n\\[\n{gap}\n e = f\n\\]"
    assert found(scanned(text)) == [("a &= b", 3), ("c &= d", 4), ("e = f", 8)]


def test_line_ends_of_all_systems_count_once(tmp_path: Path) -> None:
    for name, end in (("a.tex", b"\n"), ("b.tex", b"\r\n"), ("c.tex", b"\r")):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbfone" + end + end + b"$a = b$" + end)
        assert found(scan(tmp_path / name)) == [("a = b", 3)]


def test_only_what_claims_something_counts_in_a_line_of_text() -> None:
    text = r"$x$, $\sum_{i=1}^n x_i$, $P(X=1)$, $a \neq b$, $a \le b$, $a != b$, $a \not= b$, \(y\), \[ z \]"
    assert [p.formula for p in tex(text)] == ["z"]  # a display is always judged
    text = r"$a=b$, $c \equiv d$, $e \propto f$, $g \leftarrow h$, $i := j$, $[0, 1) \cdot k = l$"
    assert len(tex(text)) == 6


def test_dollars_inside_text_belong_to_their_formula() -> None:
    assert [p.formula for p in tex(r"$a = \text{b if $c$}$ and $d = e$")] == [
        r"a = \text{b if $c$}",
        "d = e",
    ]


def test_environments_in_dollars_and_columns_of_alignat_are_taken_off() -> None:
    assert found(md("$$\n\\begin{align}\na &= b\n\\end{align}\n$$")) == [("a &= b", 3)]
    assert found(tex("\\begin{alignat}{2}\n a &= b\n\\end{alignat}")) == [("a &= b", 2)]
    assert found(tex("\\begin{align}\n {2} &= b\n\\end{align}")) == [("{2} &= b", 2)]
    assert found(tex("\\begin{align} a &= b \\\\ \\intertext{and so} c &= d \\end{align}")) == [
        ("a &= b", 1),
        ("c &= d", 1),
    ]


@pytest.mark.parametrize(
    ("display", "equations"),
    [
        (r"a &= b \\ c &= d", [r"a &= b", r"c &= d"]),
        (
            r"a &= b \\ &= c \\[2pt] &\quad + d \\* e &= f \\",
            [r"a &= b \\ &= c \\[2pt] &\quad + d", "e &= f"],
        ),
        (r"a &= \\ b \\ c &= d", [r"a &= \\ b", "c &= d"]),
        (r"a &= \\ b = c \\ d &= e", [r"a &= \\ b = c", "d &= e"]),
        (r"a &= b + \\ & c(d = e) \\ f &= g", [r"a &= b + \\ & c(d = e)", "f &= g"]),
        (r"a \\ = b \\ c &\equiv d", [r"a \\ = b", r"c &\equiv d"]),
        (r"a = b \\ \text{where } c = d \\ l = L, \ldots, 1 \\ i \in I", None),
        (
            r"& a = b \quad (l = 1, \dots, L) \\ & c = d_{1} + \dots",
            [r"& a = b \quad (l = 1, \dots, L)", r"& c = d_{1} + \dots"],
        ),
        (r"a = \begin{cases} b = 1 \\ c = 2 \end{cases}", None),
        (r"\begin{aligned}[t] a &= b \\ c &= d \end{aligned}.", ["a &= b", "c &= d"]),
        (r"\begin{alignedat}{2} a &= b \\ c &= d \end{alignedat}", ["a &= b", "c &= d"]),
        (r"\begin{split} a &= b \\ &= d \end{split}", [r"a &= b \\ &= d"]),
        (r"x = \begin{aligned} a &= b \\ c &= d \end{aligned}", None),
        (r"\sum_{\substack{i = 1 \\ j = 2}} x = y", None),
        (r"a = b", None),
    ],
)
def test_every_equation_of_a_display_is_one_of_its_own(display: str, equations: list[str] | None) -> None:
    assert [p.formula for p in tex(rf"\[{display}\]")] == (equations or [display])
    directed = tex("% symderive: expect refuted\n" + rf"\[{display}\] $x = y$")
    assert [p.expect for p in directed] == ["refuted", ""]
    assert [p.formula for p in tex("% symderive: ignore\n" + rf"\[{display}\] $x = y$")] == ["x = y"]


def test_lines_of_equations_count_comments_and_text_between_them() -> None:
    text = "\\begin{align}\n% first\na &= b \\\\ % = c\n\\intertext{and\nso}\n\nc &= d\\\\\n"
    text += "&= e \\\\\n\n f &= g\n\\end{align}"
    assert [p.line for p in tex(text)] == [3, 7, 10]


def test_formulas_in_quotes_of_markdown() -> None:
    assert found(md("> $$\n> a\n> = b\n> $$")) == [("a\n  = b", 2)]


def test_two_dollars_in_a_line_of_markdown_are_one() -> None:
    text = "for $$x$$ in $$y = z$$\n- $$a$$ behind\n1. $$b$$\n* $$c$$.\n> $$d$$\n\n$$e$$ $$f$$\n"
    assert [(p.formula, p.inline) for p in md(text)] == [
        ("y = z", True), ("b", False), ("c", False), ("d", False),
    ]  # fmt: skip
    assert [(p.formula, p.inline) for p in tex("for $$x$$ in")] == [("x", False)]


def test_math_blocks_and_math_in_backticks() -> None:
    text = "```math\na = b\n```\n\n  ~~~ math\n  c = d\n  ~~~\n$`e = f`$ and $`g`$ and "
    text += "\\\\(h = i\\\\)\n\\\\[j = k\\\\]"
    assert found(md(text)) == [("a = b", 2), ("c = d", 6), ("e = f", 8), ("h = i", 8), ("j = k", 9)]
    assert found(md("```math\na = b\n")) == []  # never closed


# ------------------------------------------------------------------------------------ what is passed over


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("% $a = b$\n$c = d$", "c = d"),
        ("5\\% $c = d$", "c = d"),
        ("\\\\% $a = b$\n$c = d$", "c = d"),
        ("$c % = b\n= d$", "c\n= d"),
        ("\\[ c % \\]\n% = e\n = d \\]", None),
        ("\\verb|$a = b$| $c = d$", "c = d"),
        ("\\verb*+$a = b$+ \\lstinline[language=C]{$a = b$} $c = d$", "c = d"),
        ("\\verbatim $c = d$", "c = d"),
        ("\\verb|$c = d$\n|", "c = d"),  # not closed on its line
        ("\\begin{verbatim}\n$a = b$ % \\end{x}\n\\end{verbatim} $c = d$", "c = d"),
        ("\\begin{lstlisting}[a=b]\n$a = b$\n\\end{lstlisting} $c = d$", "c = d"),
        ("% \\begin{verbatim}\n$c = d$\n% \\end{verbatim}", "c = d"),
        ("\\begin{comment}$a = b$\\end{comment}$c = d$", "c = d"),
        ("\\iffalse $a = b$ \\fi $c = d$ \\end{document} $a = b$", "c = d"),
        ("\\$a = b\\$ $c = d$", "c = d"),
        ("x \\\\[2pt] $c = d$ \\\\[1em]", "c = d"),
        ("\\newcommand{\\x}[1]{$#1 = b$} $c = d$", "c = d"),
        ("\\newcommand{\\x}[2][a]{$#1 = b$} $c = d$", "c = d"),
    ],
)
def test_comments_and_listings_of_latex(text: str, kept: str | None) -> None:
    places = tex(text)
    if kept is None:  # comments inside a formula, one of which looks like its end
        (one,) = places
        assert one.formula.split() == ["c", "=", "d"]
    else:
        assert [p.formula.replace(" ", "") for p in places] == [kept.replace(" ", "")]


@pytest.mark.parametrize(
    "text",
    [
        "`$a = b$` $c = d$",
        "``$a = b$ ` $a = b$`` $c = d$",
        "```python\n$a = b$\n```\n$c = d$",
        "~~~\n```\n$a = b$\n~~~\n$c = d$",
        "````\n```\n$a = b$\n````\n$c = d$",
        "> ```\n> $a = b$\n> ```\n\n$c = d$",
        "$c = d$\n\n```\n$a = b$",
        "<!-- $a = b$\n -->$c = d$",
        "$c = d$ <!-- $a = b$",
        "\\$a = b\\$ $c = d$",
        "from $5 to $6, and $c = d$",
        "from $5 to=x$6, and $c = d$",
        "x $ a = b $ $c = d$",
        "\\`$c = d$\\`",
        "$c = d$ ` never closed\n\n` here",
        "a ` b\n\n$c = d$ `",
        "$`a = b\n\n`$ $c = d$",
    ],
)
def test_code_comments_and_prices_of_markdown(text: str) -> None:
    assert [p.formula for p in md(text)] == ["c = d"]


def test_cells_of_notebooks() -> None:
    places = book(
        ("code", ["$a = b$"]),
        ("markdown", ["# Title\n", "$$c = d$$\n"]),
        ("raw", "$a = b$"),
        ("markdown", "\\newcommand{\\x}{y}\n<!-- symderive: network batch -->"),
        ("markdown", "x\r\n$e = f$"),
    )
    assert [(p.formula, p.where) for p in places] == [
        ("c = d", "a.ipynb:cell 2:2"),
        ("e = f", "a.ipynb:cell 5:2"),
    ]
    assert [(p.network, dict(p.macros)) for p in places] == [("", {}), ("batch", {r"\x": "y"})]


# ------------------------------------------------------------------------------------------------- macros


def test_macros_hold_from_where_they_are_defined() -> None:
    text = r"""\newcommand{\a}{A}\newcommand*\b[1]{B{#1}}\def\c#1#2{C#2#1}\DeclareMathOperator*{\m}{arg max}
    \providecommand{\d}{D
      \% }
    $x = 1$ \renewcommand{\a}{Z} $x = 2$"""
    first, second = tex(text)
    assert first.macros == {
        r"\a": "A", r"\b": "B{#1}", r"\c": "C#2#1", r"\m": r"\operatorname{arg max}", r"\d": r"D \%",
    }  # fmt: skip
    assert second.macros[r"\a"] == "Z"


@pytest.mark.parametrize(
    "text",
    [
        r"% \newcommand{\a}{A}" "\n",
        r"\newcommand{\a}[2][x]{A#1#2}",  # an optional argument
        r"\newcommand{\a}[2]{A#1}",  # one that the body leaves out
        r"\newcommand{\a}{A#1}",
        r"\def\a#1.{A#1}",  # delimited
        r"\def\a#2{A#2}",
        r"\newcommand{\a1}{A}",
        r"\newcommand{a}{A}",
        r"\newcommandx{\a}{A}",
        r"\newcommand{\a}",
        rf"\newcommand{{\a}}{{{'A' * LONGEST}}}",
    ],
)
def test_definitions_that_cannot_be_used_are_passed_over(text: str) -> None:
    (one,) = tex(text + " $x = y$")
    assert one.macros == {}


def test_macros_are_bounded() -> None:
    names = [rf"\x{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}" for n in range(26 * 26)]
    text = "".join(rf"\newcommand{{{name}}}{{1}}" for name in names)
    assert len(tex(text + "$x = y$")[0].macros) == MOST_MACROS
    text = "".join(rf"\renewcommand{{\x}}{{{n}}}" for n in range(MOST_DEFINITIONS + 5))
    assert tex(text + "$x = y$")[0].macros == {r"\x": str(MOST_DEFINITIONS - 1)}


# --------------------------------------------------------------------------------------------- directives


def marked(words: str, scanned: object) -> str:
    return f"% symderive: {words}\n" if scanned is tex else f"<!-- symderive: {words} -->\n"


@BOTH
def test_directives_take_effect_from_there_on(scanned: Scanned) -> None:
    def mark(words: str) -> str:
        return marked(words, scanned)

    text = (
        "$a = 0$\n" + mark("network mlp") + mark("context z = Wx + b")
        + mark("convention products = hadamard")
        + "$a = 1$\n" + mark("context z = V x") + mark("context y = z") + "$a = 2$\n"
        + mark("setting own/it.json") + "$a = 3$\n" + mark("network batch") + "$a = 4$\n"
    )  # fmt: skip
    places = scanned(text)
    assert [p.formula[-1] for p in places] == list("01234")
    assert [p.network for p in places] == ["", "mlp", "mlp", "", "batch"]
    assert [p.setting for p in places] == ["", "", "", "own/it.json", ""]
    assert [p.context for p in places] == [(), ("z = Wx + b",), ("z = V x", "y = z"), (), ()]
    assert [dict(p.conventions) for p in places] == [
        {}, {"products": "hadamard"}, {"products": "hadamard"}, {}, {},
    ]  # fmt: skip
    assert [p.since.rpartition(":")[2] for p in places] == ["", "4", "7", "9", "11"]


@BOTH
def test_formulas_can_be_left_out(scanned: Scanned) -> None:
    text = "$a = 0$ Z $a = 1$ $a = 2$ X $a = 3$ $x$ Y $a = 4$ E $x$ $a = 5$ $a = 6$ X E Z $a = 7$ Y $a = 8$"
    for letter, words in (("X", "off"), ("Y", "on"), ("Z", "ignore"), ("E", "expect refuted")):
        text = text.replace(letter, "\n" + marked(words, scanned))
    places = scanned(text)
    assert [p.formula[-1] for p in places] == list("02456" + "8")
    assert [p.expect for p in places] == ["", "", "", "refuted", "", ""]


def test_a_comment_of_markdown_may_hold_several_directives() -> None:
    (one,) = md("<!--\nsymderive: network batch\n  symderive: context z = x\nand words\n-->\n$a = b$")
    assert (one.network, one.context, one.since) == ("batch", ("z = x",), "a.md:3")


@BOTH
@pytest.mark.parametrize(
    "words",
    ["dance", "", "network", "setting", "context", "convention products", "convention =x", "convention a=b=c",
     "off now", "ignore it", "expect sunshine", "expect", "Off"],
)  # fmt: skip
def test_a_directive_that_is_none_is_one_line(scanned: Scanned, words: str) -> None:
    with pytest.raises(
        SymderiveError, match=r"^a\.\w+:2: expected a directive \(network NAME, .*\), found"
    ) as e:
        scanned("first\n" + marked(words, scanned))
    assert "\n" not in str(e.value)


def test_directives_count_in_comments_alone() -> None:
    text = "symderive: dance\n% see symderive: dance\n\\verb|% symderive: dance|\\% symderive: dance\n"
    text += "\\begin{verbatim}\n% symderive: off\n\\end{verbatim}\n%symderive: ignore\n%%  symderive: on\n"
    assert found(tex(text + "$a = b$ $c = d$")) == [("c = d", 9)]
    assert found(md("`<!-- symderive: dance -->` symderive: off\n% symderive: off\n$a = b$")) == [
        ("a = b", 3)
    ]
    assert len(book(("code", "<!-- symderive: dance -->"), ("markdown", "$a = b$"))) == 1
    with pytest.raises(SymderiveError, match=r"^a\.ipynb:cell 2:3: expected a directive"):
        book(("code", ""), ("markdown", "\n\n<!-- symderive: dance -->"))


def test_directives_are_bounded() -> None:
    with pytest.raises(SymderiveError, match="a directive of at most 2000 characters"):
        tex("% symderive: context a = " + "b" * 2_000)
    text = "".join(f"% symderive: context x_{n} = 1\n" for n in range(MOST_CONTEXT + 1))
    with pytest.raises(SymderiveError, match=f"a.tex:{MOST_CONTEXT + 1}: expected at most {MOST_CONTEXT}"):
        tex(text)


# ------------------------------------------------------------------------------------------ hostile files


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.tex", b"\xff\xfe\x00", "expected UTF-8 text, found other bytes at 0"),
        ("a.md", b"PK\x03\x04\x00", "expected text, found a null character at 4"),
        ("a.ipynb", b"[]", "expected a notebook with cells"),
        ("a.ipynb", b"{", "expected a notebook with cells"),
        ("a.ipynb", b'{"cells": {}}', "expected a notebook with cells"),
        ("a.ipynb", b'{"cells": [{"cell_type": "markdown", "source": [1]}]}', "expected a notebook with"),
        ("a.ipynb", b'{"cells": ' + b"[" * 100_000, "expected a notebook with cells"),
        ("a.txt", b"$a = b$", "expected a file of .tex, .md, .ipynb"),
    ],
)
def test_files_that_are_no_documents(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SymderiveError) as error:
        scan(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}: {message}")
    assert "\n" not in str(error.value) and len(str(error.value)) < 300


def test_large_files_directories_and_missing_files(tmp_path: Path) -> None:
    with (tmp_path / "a.tex").open("wb") as stream:
        stream.truncate(30_000_000)
    with pytest.raises(SymderiveError, match="expected at most 20000000 bytes, found more"):
        scan(tmp_path / "a.tex")
    (tmp_path / "b.tex").mkdir()
    with pytest.raises(SymderiveError, match="expected a file, found something else"):
        scan(tmp_path / "b.tex")
    with pytest.raises(SymderiveError, match="expected a readable file, found: No such file"):
        scan(tmp_path / "c.tex")
    with pytest.raises(SymderiveError, match="null character"):
        scan(Path("a\0.tex"))


@BOTH
@pytest.mark.parametrize(
    "text",
    ["$a = b", "$$a = b", r"\[a = b", r"\(a = b", r"\begin{align}a = b", "$" * 5_001, "$${", "\\", "$}$"],
)
def test_what_is_never_closed_is_no_formula(scanned: Scanned, text: str) -> None:
    assert scanned(text) == []


def test_a_stray_dollar_costs_one_paragraph_of_latex() -> None:
    assert found(tex("$$a = b\n\nand $$c = d$$")) == [("c = d", 3)]
    assert found(md("$$a = b\n\n+ c$$")) == [("a = b\n\n+ c", 1)]
    assert found(tex("$a = b\n\n$$c = d\n\n\\(e = f\n \n$g = h$")) == [("g = h", 7)]


@BOTH
@pytest.mark.parametrize(
    "piece",
    ["$", "${", "\\[", "\\(", "`", "```\n", "<!--", "\\begin{verbatim}", "\\verb|", "\\newcommand{\\a}{",
     "\\def\\a#1", "\\begin{align}", "%", "\\iffalse", "> \n", "$`a", "\n$a", "$(a",
     "\\", "a = b \\\\ ", "\\["],
)  # fmt: skip
def test_time_grows_with_the_length(scanned: Scanned, piece: str) -> None:
    # what was quadratic took minutes here
    start = time.process_time()
    scanned(piece * (200_000 // len(piece)) + "\n\n")
    scanned(f"\\[{'a = b ' + piece * (200_000 // len(piece))}\\]")
    assert time.process_time() - start < 10


def test_documents_have_at_most_so_many_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symderive.commands.scan.MOST_FORMULAS", 2)
    assert len(tex("$a=b$ $a=b$")) == 2
    with pytest.raises(SymderiveError, match=r"a\.tex: expected at most 2 formulas, found more"):
        tex("$a=b$ $a=b$ $a=b$")


def test_what_is_a_document_on_the_command_line(tmp_path: Path) -> None:
    odd = tmp_path / "a = b.md"
    odd.write_text("", "utf-8")
    assert is_document(str(odd)) and is_document("missing.tex") and is_document("a/b.ipynb")
    assert not any(
        map(is_document, ("a = b.md", r"\delta.tex", "a = b", "paper.txt", "=" + "a" * 5_000 + ".tex"))
    )
