"""Whether reslib knows how well it read: its confidence against the measured recall.

    python evaluation/confidence.py

Papers typeset here are damaged in the ways that papers are: pages turned into scans, maps from
glyphs to characters removed or wrong, columns drawn across each other or the right one first, words
that ran together, text layers recognised by Tesseract at 75 to 200 dots per inch (skipped, and said
so, where Tesseract is not installed). Prints recall, confidence and its reason for each document,
and how the two agree. Exit code 1 when Pearson's r is under 0.9.

Recall is that of sentences. Swapped columns hardly touch it, for all but one sentence a column are
still whole; word recall, printed beside it, is what they cost.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import correlation
from typing import Any

from evaluation.recall import plain_sentences, sentence_recall, word_recall
from evaluation.typeset import (
    interleave,
    one_column,
    prose,
    swap_columns,
    two_columns,
    without_spaces,
)
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

TARGET = 0.9
SEEDS = range(1, 7)
OCR_DPI = (75, 100, 150, 200)
#: Shares of the spaces that are not there.
GLUED = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
SAMPLES = Path(__file__).parents[1] / "samples" / "src"


def scan(source: Path, path: Path, *, every: int = 1) -> None:
    """Turn each page, or only each *every*-th one, into a picture."""
    import pypdf
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    writer = pypdf.PdfWriter()
    reader = pypdf.PdfReader(source)
    for index, page in enumerate(document):
        if index % every:
            writer.add_page(reader.pages[index])
        else:
            with tempfile.NamedTemporaryFile(suffix=".pdf") as picture:
                image = page.render(scale=150 / 72).to_pil().convert("L")
                image.save(picture.name, "PDF", resolution=150, quality=60)
                writer.append(picture.name)
        page.close()
    document.close()
    writer.write(path)


def change_maps(source: Path, path: Path, change: Callable[[Any], None]) -> None:
    """Do something to every font of a PDF."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=source)
    seen = set()
    for page in writer.pages:
        fonts = page["/Resources"].get_object().get("/Font", {})
        for reference in fonts.get_object().values():
            font = reference.get_object()
            if id(font) not in seen:
                seen.add(id(font))
                change(font)
    writer.write(path)


def remove_map(font: Any) -> None:
    """Take the map from glyphs to characters away."""
    font.pop("/ToUnicode", None)


def shuffle_map(draw: random.Random, share: float) -> Callable[[Any], None]:
    """Return a change that mixes up *share* of the map's characters."""

    def change(font: Any) -> None:
        stream = font["/ToUnicode"].get_object()
        text = stream.get_data().decode("latin-1")
        entries = re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})>\s", text)
        chosen = [e for e in entries if e[1] != "0020" and draw.random() < share]
        targets = [target for _, target in chosen]
        draw.shuffle(targets)
        for (glyph, target), other in zip(chosen, targets, strict=True):
            text = text.replace(f"<{glyph}> <{target}>", f"<{glyph}> <{other}>", 1)
        stream.set_data(text.encode("latin-1"))

    return change


def recognise(source: Path, path: Path, dpi: int, folder: Path) -> None:
    """Turn pages into pictures with the text layer that Tesseract gives them."""
    import pypdf
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    writer = pypdf.PdfWriter()
    for index in range(min(2, len(document))):
        picture = folder / f"{path.stem}-{index}"
        page = document[index]
        page.render(scale=dpi / 72).to_pil().convert("L").save(f"{picture}.png", dpi=(dpi, dpi))
        page.close()
        command = ["tesseract", f"{picture}.png", str(picture), "--dpi", str(dpi), "pdf"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        writer.append(f"{picture}.pdf")
    document.close()
    writer.write(path)


def documents(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """Make every document; yield its set, path and sentences."""

    def new(name: str, seed: int) -> Path:
        return folder / f"{name.replace(' ', '-')}-{seed}.pdf"

    sources = "\n\n".join(p.read_text(encoding="utf-8") for p in sorted(SAMPLES.glob("*.typ")))
    written = plain_sentences(*re.split(r"\n\s*\n", sources))
    for seed in SEEDS:
        draw, gaps = random.Random(seed), random.Random(seed)
        one, two, plain = (new(kind, seed) for kind in ("one", "two", "plain"))
        truth_one = one_column(one, seed)
        truth_two = two_columns(two, 50 + seed)
        truth_plain = two_columns(plain, 90 + seed, mathematics=False)
        yield "as typeset, one column", one, truth_one
        yield "as typeset, two columns", two, truth_two
        path = new("interleaved", seed)
        interleave(plain, path)
        yield "columns interleaved", path, truth_plain
        path = new("swapped", seed)
        swap_columns(plain, path)
        yield "columns swapped", path, truth_plain
        # Of sentences that mean nothing, and of the samples'.
        truth = gaps.sample(written, 100) if seed % 2 else prose(400 + seed, 100)
        path = new("words apart", seed)
        without_spaces(path, truth, 0, gaps)
        yield "words apart", path, truth
        for share in GLUED:
            path = new(f"glued {share}", seed)
            without_spaces(path, truth, share, gaps)
            yield f"{share:.0%} of the words glued", path, truth
        path = new("scan", seed)
        scan(two, path)
        yield "scan", path, truth_two
        path = new("half scan", seed)
        scan(two, path, every=2)
        yield "half of the pages scanned", path, truth_two
        path = new("no map", seed)
        change_maps(one, path, remove_map)
        yield "map removed", path, truth_one
        path = new("wrong map", seed)
        change_maps(two, path, shuffle_map(draw, 1.0))
        yield "map wrong", path, truth_two
        if shutil.which("tesseract") and seed <= 3:
            short = new("short", seed)
            truth = one_column(short, 300 + seed, count=60)
            for dpi in OCR_DPI:
                path = new(f"ocr {dpi}", seed)
                recognise(short, path, dpi, folder)
                yield f"recognised at {dpi} dpi", path, truth


def ranks(values: list[float]) -> list[float]:
    """Return the rank of each value, equal ones sharing theirs."""
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) - 1) / 2 for v in values]


def main() -> int:
    """Print the tables; 1 when the correlation is under the target."""
    if not shutil.which("tesseract"):
        print("skipped the poor OCR layers: tesseract is not installed")
    measured: list[tuple[str, float, float, float]] = []
    print(f"{'set':<28}{'recall':>8}{'of words':>10}{'confidence':>12}  reason")
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        for kind, path, truth in documents(Path(name)):
            outcome = sandbox.run(ExtractionRequest(str(path), timeout=120))
            result = outcome.result
            if result is None or result.confidence is None:
                raise RuntimeError(f"{path.name}: {outcome.failure or 'no confidence'}")
            recall = sentence_recall(truth, result.text)
            words = word_recall([truth], result.text)
            measured.append((kind, recall, words, result.confidence))
            print(
                f"{kind:<28}{recall:>8.2f}{words:>10.2f}{result.confidence:>12.2f}"
                f"  {result.confidence_reason}"
            )
    recalls = [recall for _, recall, _, _ in measured]
    stated = [confidence for *_, confidence in measured]
    sets = defaultdict(list)
    for kind, *figures in measured:
        sets[kind].append(figures)
    print(f"\n{'set':<28}{'documents':>10}{'recall':>8}{'of words':>10}{'confidence':>12}")
    for kind, rows in sets.items():
        recall, words, confidence = (sum(column) / len(rows) for column in zip(*rows, strict=True))
        print(f"{kind:<28}{len(rows):>10}{recall:>8.2f}{words:>10.2f}{confidence:>12.2f}")
    error = sum(abs(r - c) for r, c in zip(recalls, stated, strict=True)) / len(recalls)
    pearson = correlation(recalls, stated)
    print(
        f"\n{len(measured)} documents: Pearson {pearson:.3f} (target {TARGET}), "
        f"Spearman {correlation(ranks(recalls), ranks(stated)):.3f}, "
        f"mean absolute difference {error:.3f}"
    )
    return 0 if pearson >= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
