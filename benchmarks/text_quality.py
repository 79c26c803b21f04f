"""Whether sentences come out whole: reslib beside PDFium and pdfplumber as they come.

    python benchmarks/text_quality.py [CORPUS]

Sentence recall of the raw output, white space collapsed and nothing else. The documents are
papers of others (CORPUS, by default ../shared/corpus), apart by whether the truth is the author's
source or what another tool read from the PDF, with its errors; and papers typeset here
in one column, two columns, and two columns drawn across each other. At the end, the same question
for Word documents, by where the text stands. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from recall import sentence_recall, truth_sentences
from typeset import interleave, one_column, two_columns

from reslib.models import Attempt
from reslib.sandbox import Sandbox

#: Papers of the corpus that are set in two columns.
TWO_COLUMNS = ("N18-3011", "2020.acl-main.207", "two_column.pdf", "multicolumn", "lgbouma__timmy")
TWO_COLUMNS += ("StellarCartography",)
FEWEST = 10
TARGETS = {
    "corpus, two columns, source": 0.95,
    "own, two columns": 0.95,
    "own, interleaved columns": 0.89,
}


def read_reslib(sandbox: Sandbox, path: Path) -> str:
    """Return what reslib reads."""
    outcome = sandbox.run(Attempt(str(path), timeout=120))
    if outcome.result is None:
        raise RuntimeError(str(outcome.failure))
    return outcome.result.text


def read_pypdfium2(path: Path) -> str:
    """Return what PDFium reads, page after page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        texts = []
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
        return "\n".join(texts)
    finally:
        document.close()


def read_pdfplumber(path: Path) -> str:
    """Return what pdfplumber reads when it is called as its first page shows."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        texts = []
        for page in document.pages:
            texts.append(page.extract_text())
            page.close()
        return "\n".join(texts)


def corpus_documents(corpus: Path) -> list[tuple[str, Path, list[str]]]:
    """Return class, path and sentences of each PDF of the corpus with enough truth."""
    found = []
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["format"] != "pdf" or not row["truth_file"]:
                continue
            truth = truth_sentences(corpus / row["truth_file"], row["truth_kind"])
            if len(truth) < FEWEST:
                print(f"left out {row['file']}: {len(truth)} plain sentences in its source")
                continue
            two = any(name in row["file"] for name in TWO_COLUMNS)
            columns = "two columns" if two else "one column"
            # What another tool read has that tool's errors; only the author's words are the truth.
            by = (
                "source"
                if re.match("author source|text by hand", row["truth_kind"])
                else "other tool"
            )
            found.append((f"corpus, {columns}, {by}", corpus / row["file"], truth))
    return found


def own_documents(folder: Path) -> list[tuple[str, Path, list[str]]]:
    """Typeset papers and return class, path and sentences of each."""
    found = []
    for seed in range(1, 7):
        one, two = folder / f"one-{seed}.pdf", folder / f"two-{seed}.pdf"
        mixed, plain = folder / f"mixed-{seed}.pdf", folder / f"plain-{seed}.pdf"
        found.append(("own, one column", one, one_column(one, seed)))
        found.append(("own, two columns", two, two_columns(two, 100 + seed)))
        truth = two_columns(plain, 200 + seed, mathematics=False)
        interleave(plain, mixed)
        found.append(("own, interleaved columns", mixed, truth))
    return found


def main(corpus: Path) -> int:
    """Print the tables; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        documents = own_documents(Path(folder))
        if (corpus / "manifest.csv").exists():
            documents = corpus_documents(corpus) + documents
        else:
            print(f"skipped the papers of others: there is no {corpus}")
        readers: dict[str, Callable[[Path], str]] = {
            "reslib": lambda path: read_reslib(sandbox, path),
            "pypdfium2": read_pypdfium2,
            "pdfplumber": read_pdfplumber,
        }
        scores: dict[str, list[list[float]]] = defaultdict(list)
        print(f"\n{'document':<62}{'sentences':>10}" + "".join(f"{n:>12}" for n in readers))
        for kind, path, truth in documents:
            row = [sentence_recall(truth, read(path)) for read in readers.values()]
            scores[kind].append(row)
            shown = "".join(f"{score:>12.3f}" for score in row)
            print(f"{path.name[-60:]:<62}{len(truth):>10}{shown}")
        print(
            f"\n{'class (mean over its documents)':<62}{'documents':>10}"
            + "".join(f"{name:>12}" for name in readers)
        )
        missed = []
        for kind, rows in sorted(scores.items()):
            means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
            print(f"{kind:<62}{len(rows):>10}" + "".join(f"{mean:>12.3f}" for mean in means))
            if means[0] < means[1]:
                missed.append(f"{kind}: below pypdfium2")
            if means[0] < TARGETS.get(kind, 0):
                missed.append(f"{kind}: {means[0]:.3f}, target {TARGETS[kind]}")
    print("\nWord documents")
    import docx_quality

    print(docx_quality.table(corpus if corpus.exists() else None))
    for line in missed:
        print(f"MISSED {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    beside = Path(__file__).parents[2] / "shared" / "corpus"
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else beside))
