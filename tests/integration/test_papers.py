r"""Papers in TeX and bibliographies in a folder: taken in, read in children, found by search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostiledocuments import DEADLINE, LIMIT_MB, SECRET, Bait, Reader

from reslib import ErrorCode, ExtractionWorker, ResearchDatabase
from reslib.items import Metadata, Reference, Section, Warning

PAPER = r"""\documentclass{article}\title{Tides}\author{Ann M\"uller}
\begin{document}\maketitle \input{chapters/one}\input{../secret}
\begin{thebibliography}{1}\bibitem{li} B. Li. 2001. doi:10.1000/xyz\end{thebibliography}
\end{document}"""


def write_all(folder: Path) -> None:
    (folder / "chapters").mkdir(parents=True)
    (folder / "chapters" / "one.tex").write_text(
        r"\section{Estuaries}The halocline of the estuary.", encoding="utf-8"
    )
    (folder / "paper.tex").write_text(PAPER, encoding="utf-8")
    (folder.parent / "secret.tex").write_text(SECRET, encoding="utf-8")
    (folder / "refs.bib").write_text(
        r"@book{g, author={G{\'o}mez, A.}, title={Sands}}", encoding="utf-8"
    )
    (folder / "export.txt").write_text("TY  - JOUR\nTI  - Shoals\nER  - \n", encoding="utf-8")
    works = [{"id": "a", "type": "book", "title": "Currents"}]
    (folder / "library.json").write_text(json.dumps(works), encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("hostile"))
    yield reader
    reader.close()


def test_a_paper_is_found_by_what_is_in_the_files_that_it_asks_for(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    write_all(folder)
    ids = {db.get_attachment(id).filename: id for id in db.add_folder(folder)}
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(list(ids.values()))
        assert worker.wait(60)
        assert not worker.queue.get_failed_jobs()
    for words, names in [
        ("halocline", {"paper.tex", "one.tex"}),
        ("Müller", {"paper.tex"}),
        ("Gómez", {"refs.bib"}),
        ("Shoals", {"export.txt"}),
        ("Currents", {"library.json"}),
    ]:
        assert {hit.filename for hit in db.search(words)} == names, words
    assert not db.search(SECRET)
    paper = ids["paper.tex"]
    assert db.get_attachment(paper).title == "Tides"
    assert db.get_items(paper, Section) == [Section("Estuaries", 1, 1)]
    assert [one.doi for one in db.get_items(paper, Reference)] == ["10.1000/xyz"]
    files = [one.value for one in db.get_items(paper, Metadata) if one.key == "file"]
    assert files == ["chapters/one.tex"]
    codes = {one.code for one in db.get_items(paper, Warning)}
    assert codes == {"file_not_read", "files_beside"}


def test_the_source_of_a_paper_is_an_option_of_its_job(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "a.tex"
    path.write_text("\\section{Tides}", encoding="utf-8")
    id = db.add_attachment("a.tex", path)
    with ExtractionWorker(db, num_workers=1) as worker:
        for options, text in (({}, "Tides"), ({"source": True}, "\\section{Tides}")):
            worker.enqueue(id, options=options)
            assert worker.wait(60)
            assert db.get_attachment(id).extracted_text == text


def test_a_paper_reaches_no_file_and_no_address_that_it_names(
    hostile: Reader, tmp_path: Path
) -> None:
    bait = Bait(tmp_path)
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "link.tex").symlink_to(bait.file)
    names = (
        bait.file,
        "../secret.txt",
        "link",
        "/proc/self/environ",
        bait.address,
        f"|cat {bait.file}",
    )
    commands = ("input", "include", "subfile", "bibliography", "lstinputlisting", "verbatiminput")
    path = folder / "a.tex"
    path.write_text(
        "\\relax words\n" + "\n".join(f"\\{c}{{{name}}}" for c in commands for name in names)
        + f"\n\\immediate\\write18{{cat {bait.file}}}\\openin5={bait.file} \\read5 to \\x \\x",
        encoding="utf-8",
    )  # fmt: skip
    try:
        ending = hostile(path)
        assert ending.code is None
        assert SECRET not in ending.text
        assert not hostile.stored(SECRET)
        assert not bait.was_contacted()
    finally:
        bait.close()


def test_a_bomb_takes_neither_memory_nor_time(hostile: Reader, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number}.tex").write_text(
            "word " * 1000 + rf"\input{{f{number + 1}}}" * 9, encoding="utf-8"
        )
    twice = "@string{a = a0}\n" + "@string{a = a # a}\n" * 60 + "@book{x, title = a}"
    for name, content, code in [
        ("braces.tex", "\\emph" + "{" * 4_000_000, None),
        ("open.tex", "\\section{" * 300_000, None),
        ("table.tex", "\\begin{tabular}{c}" + "\\multicolumn{9999}{c}{a}\\\\" * 50_000, None),
        ("files.tex", "\\relax\\input{f0}", None),
        ("long.tex", "\\relax " + "a " * 30_000_000, None),
        ("names.bib", twice, None),
        ("deep.bib", "@book{x, title={" + "{" * 4_000_000, None),
        ("deep.json", '[{"type":"book","title":"a","id":' + "[" * 4_000_000, ErrorCode.TRUNCATED),
    ]:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        ending = hostile(path)
        assert ending.code is code, (name, ending.job.error_message)
        assert ending.peak_mb < LIMIT_MB, name
        assert ending.seconds < DEADLINE, name
