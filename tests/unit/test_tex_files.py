"""Papers in TeX that ask for other files: those beside them, and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from texreading import body, items_of, of, read

from reslib.extractors.tex import texfiles
from reslib.items import DocumentInfo, Metadata, Page, Reference, Warning


def test_what_a_paper_asks_for_is_read_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.tex").write_text(r"First. \input{two}", encoding="utf-8")
    (tmp_path / "sub" / "two.tex").write_text(r"\section{Deep}Second.", encoding="utf-8")
    text, items = read(tmp_path, r"\relax A \input{sub/one.tex} Z \import{sub/}{two}")
    assert text == "A First.\n\nDeep\n\nSecond. Z\n\nDeep\n\nSecond."
    files = [one.value for one in of(items, Metadata) if one.key == "file"]
    assert files == ["sub/one.tex", "sub/two.tex"]
    assert of(items, DocumentInfo)[0].metadata["files"] == files
    [said] = of(items, Warning)
    assert said.code == "files_beside"
    assert "does not count as changed" in said.message


@pytest.mark.parametrize(
    "wanted",
    [
        "../secret",
        "sub/../../secret",
        "/etc/passwd",
        "~/secret",
        "|cat secret.tex",
        ".hidden/secret",
        "link",
        "linked/secret",
        "pipe.tex",
        "loop",
        "key.pem",
        "nul\0.tex",
        "x" * 300,
    ],
)
def test_nothing_outside_of_its_folder_is_read(tmp_path: Path, wanted: str) -> None:
    folder = tmp_path / "paper"
    (folder / "sub").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for place in (tmp_path, folder / ".hidden"):
        (place / "secret.tex").write_text("SECRET", encoding="utf-8")
    (folder / "key.pem").write_text("SECRET", encoding="utf-8")
    (folder / "link.tex").symlink_to(tmp_path / "secret.tex")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "loop.tex").symlink_to("loop.tex")
    os.mkfifo(folder / "pipe.tex")
    text, items = read(folder, f"\\relax a \\input{{{wanted}}} b")
    assert "SECRET" not in text
    assert text.split() == ["a", "b"]
    assert [one.code for one in of(items, Warning)] == ["file_not_read"]


def test_a_link_inside_of_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.tex").write_text("Words.", encoding="utf-8")
    (tmp_path / "name.tex").symlink_to("real.tex")
    assert body(tmp_path, r"\input name") == "Words."


def test_files_that_ask_for_each_other_are_cut(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(r"A \input{b}\input{paper}", encoding="utf-8")
    (tmp_path / "b.tex").write_text(r"B \input{a}", encoding="utf-8")
    text, items = read(tmp_path, r"\relax \input{a}")
    assert text == "A B"
    assert {one.code for one in of(items, Warning)} == {"file_not_read", "files_beside"}


def test_files_inside_of_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        source = rf"w \input{{f{number + 1}}}\input{{f{number + 1}}}"
        (tmp_path / f"f{number}.tex").write_text(source, encoding="utf-8")
    text, items = read(tmp_path, r"\relax \input{f0}")
    assert 20 <= text.count("w") <= 2_000
    assert any("too many files" in one.message for one in of(items, Warning))
    monkeypatch.setattr(texfiles, "MOST_BYTES", 100)
    (tmp_path / "long.tex").write_text("long " * 100, encoding="utf-8")
    files = texfiles.Files(tmp_path / "paper.tex", 100)
    assert files.source("long") is None
    assert "too long" in files.refused["long"]


def test_the_list_of_references_beside_a_paper_is_read(tmp_path: Path) -> None:
    source = r"\relax \cite{b} \bibliographystyle{plain}\bibliography{refs}"
    (tmp_path / "refs.bib").write_text(
        "@book{a, title={Unseen}}\n@book{b, author={Li, Bo}, title={Seen}, year=2001}",
        encoding="utf-8",
    )
    text, items = read(tmp_path, source)
    assert text == "[b]\n\nReferences\n\n[b] Li, Bo (2001). Seen."
    assert of(items, Reference) == [Reference("Li, Bo (2001). Seen.", "Seen", "", 2001)]
    (tmp_path / "paper.bbl").write_text(
        r"\begin{thebibliography}{1}\bibitem{b} B. Li. From \LaTeX.\end{thebibliography}",
        encoding="utf-8",
    )
    assert read(tmp_path, source)[0] == "[b]\n\nReferences\n\n[b] B. Li. From LaTeX."


def test_the_encoding_that_a_paper_states_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.tex"
    (tmp_path / "b.tex").write_bytes("Škoda \\relax".encode("cp1250"))
    path.write_bytes("\\usepackage[cp1250]{inputenc} Dvořák \\input{b}".encode("cp1250"))
    items = items_of(path)
    assert of(items, Page)[0].text == "Dvořák Škoda"
    assert of(items, DocumentInfo)[0].metadata["encoding_guessed"] is False
