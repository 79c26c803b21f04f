"""Writes the documents of the recorded library: those of a research group, sound and broken.

Every kind has a folder of its own, and lengths as documents have them: most are short, a few are
very long (a log-normal distribution). The same seed writes the same documents.
"""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from pathlib import Path

import docx
import pypdf
from make import scan
from PIL import Image

from evaluation.confidence import change_maps, remove_map
from evaluation.typeset import interleave, prose, quick_paper, two_columns, without_spaces

__all__ = ["KINDS", "write_documents"]

_PASSWORD = "heron"
#: Bytes of the picture that lies in every third manuscript and web page.
_PICTURE = 300_000


def write_documents(folder: Path, seed: int = 14, share: float = 1.0) -> None:
    """Write the documents.

    Parameters
    ----------
    folder
        Where to; a folder for each of :data:`KINDS` is made in it.
    seed
        Other seeds write other documents.
    share
        How many of each kind, as a share of the number in :data:`KINDS`; at least one.
    """
    for kind, (count, write) in KINDS.items():
        draw = random.Random(f"{seed} {kind}")
        (folder / kind).mkdir(parents=True)
        for number in range(1, max(1, round(count * share)) + 1):
            write(folder / kind / f"{kind}-{number:03}", draw)


def _length(draw: random.Random, median: float, longest: int, spread: float = 1.0) -> int:
    """Draw a length: half are under *median*, and the tail is heavy."""
    return min(longest, max(1, round(median * draw.lognormvariate(0, spread))))


def _seed(draw: random.Random) -> int:
    return draw.randrange(1_000_000)


# --- PDF ---------------------------------------------------------------------------------------


def _report(path: Path, draw: random.Random) -> None:
    quick_paper(path.with_suffix(".pdf"), _seed(draw), _length(draw, 7, 220))


def _article(path: Path, draw: random.Random) -> None:
    two_columns(path.with_suffix(".pdf"), _seed(draw), 55 * _length(draw, 5, 30, 0.6))


def _scan(path: Path, draw: random.Random) -> None:
    """Write pages that are pictures: twelve different ones, again and again in a long scan."""
    source = path.with_suffix(".tmp")
    pages = _length(draw, 6, 60)
    quick_paper(source, _seed(draw), min(pages, 12))
    pictures = scan(source.read_bytes(), seed=_seed(draw), dpi=90)
    source.unlink()
    writer = pypdf.PdfWriter()
    for page in range(pages):
        picture = path.with_suffix(".tmp")
        picture.write_bytes(pictures[page % len(pictures)])
        writer.append(picture)
        picture.unlink()
    writer.write(path.with_suffix(".pdf"))


def _half_scan(path: Path, draw: random.Random) -> None:
    """Write a paper of which some pages are pictures."""
    source = path.with_suffix(".tmp")
    pages = draw.randint(4, 10)
    quick_paper(source, _seed(draw), pages)
    pictures = scan(source.read_bytes(), seed=_seed(draw), dpi=90)
    reader, writer = pypdf.PdfReader(source), pypdf.PdfWriter()
    scanned = set(draw.sample(range(pages), draw.randint(1, pages - 1)))
    for number, page in enumerate(reader.pages):
        if number in scanned:
            picture = path.with_suffix(".picture")
            picture.write_bytes(pictures[number])
            writer.append(picture)
            picture.unlink()
        else:
            writer.add_page(page)
    writer.write(path.with_suffix(".pdf"))
    reader.close()
    source.unlink()


def _damaged(change: Callable[[Path, Path], None]) -> Callable[[Path, random.Random], None]:
    """Return a writer of articles that *change* has spoilt: they open, and read badly."""

    def write(path: Path, draw: random.Random) -> None:
        source = path.with_suffix(".tmp")
        two_columns(source, _seed(draw), 55 * _length(draw, 3, 12, 0.5), mathematics=False)
        change(source, path.with_suffix(".pdf"))
        source.unlink()

    return write


def _no_map(source: Path, path: Path) -> None:
    change_maps(source, path, remove_map)


def _glued(path: Path, draw: random.Random) -> None:
    sentences = prose(_seed(draw), 30 * _length(draw, 4, 20, 0.5))
    without_spaces(path.with_suffix(".pdf"), sentences, draw.choice((0.01, 0.05, 0.2, 1.0)), draw)


def _broken_download(path: Path, draw: random.Random) -> None:
    _report(path, draw)
    whole = path.with_suffix(".pdf").read_bytes()
    path.with_suffix(".pdf").write_bytes(whole[: int(len(whole) * draw.uniform(0.1, 0.8))])


def _locked(path: Path, draw: random.Random) -> None:
    source = path.with_suffix(".tmp")
    quick_paper(source, _seed(draw), draw.randint(1, 12))
    writer = pypdf.PdfWriter(clone_from=source)
    writer.encrypt(_PASSWORD, algorithm="AES-128")
    writer.write(path.with_suffix(".pdf"))
    source.unlink()


# --- other formats -----------------------------------------------------------------------------


def _manuscript(path: Path, draw: random.Random) -> None:
    document = docx.Document()
    for sentence in prose(_seed(draw), _length(draw, 60, 3000, 1.2)):
        document.add_paragraph(sentence)
    if draw.random() < 1 / 3:
        picture = path.with_suffix(".png")
        side = int((_PICTURE / 3) ** 0.5)
        Image.frombytes("RGB", (side, side), draw.randbytes(side * side * 3)).save(picture)
        document.add_picture(str(picture))
        picture.unlink()
    document.save(str(path.with_suffix(".docx")))


def _broken_manuscript(path: Path, draw: random.Random) -> None:
    _manuscript(path, draw)
    whole = path.with_suffix(".docx").read_bytes()
    path.with_suffix(".docx").write_bytes(whole[: len(whole) // 2])


def _web_page(path: Path, draw: random.Random) -> None:
    body = "\n".join(
        f"<p>{html.escape(s)}</p>" for s in prose(_seed(draw), _length(draw, 50, 8000))
    )
    if draw.random() < 1 / 3:
        body += f'<img alt="" src="data:image/png;base64,{draw.randbytes(_PICTURE).hex()}">'
    text = f"<!DOCTYPE html><html><head><title>{path.name}</title></head><body>{body}</body></html>"
    path.with_suffix(".html").write_text(text, encoding="utf-8")


def _notes(path: Path, draw: random.Random) -> None:
    sentences = prose(_seed(draw), _length(draw, 30, 4000))
    path.with_suffix(draw.choice((".md", ".txt"))).write_text("\n\n".join(sentences), "utf-8")


def _old_notes(path: Path, draw: random.Random) -> None:
    """Write Greek, Russian, Polish or French in an encoding from before Unicode."""
    encoding, sentence = draw.choice(
        (
            ("cp1253", "Η στάθμη του νερού ανέβηκε τρεις φορές μέσα στην εβδομάδα. "),
            ("koi8-r", "Уровень воды поднялся три раза за неделю. "),
            ("cp1250", "Poziom wody podniósł się trzy razy w ciągu tygodnia, żeby znów opaść. "),
            ("cp1252", "Le niveau de l’eau a monté trois fois, puis il a baissé après l’été. "),
        )
    )
    path.with_suffix(".txt").write_bytes((sentence * draw.randint(3, 200)).encode(encoding))


def _source(path: Path, draw: random.Random) -> None:
    body = "\n\n".join(prose(_seed(draw), _length(draw, 80, 4000)))
    text = f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    path.with_suffix(".tex").write_text(text, encoding="utf-8")


def _table(path: Path, draw: random.Random) -> None:
    with path.with_suffix(".csv").open("w", encoding="utf-8") as stream:
        stream.write("station,day,level_cm,wind_m_s\n")
        for day in range(_length(draw, 400, 120_000, 1.6)):
            stream.write(
                f"{draw.randint(1, 9)},{day},{draw.gauss(212, 30):.1f},{draw.random():.2f}\n"
            )


def _empty(path: Path, draw: random.Random) -> None:
    path.with_suffix(".pdf").write_bytes(b"")


def _catalogue(path: Path, draw: random.Random) -> None:
    """Write a card that an archive has to be asked about, and how long it takes to answer."""
    path.with_suffix(".card").write_text(
        f"{draw.lognormvariate(-1.2, 0.7):.3f}\n{' '.join(prose(_seed(draw), 3))}", encoding="utf-8"
    )


#: Kind, which is also the folder: how many there are, and what writes one.
KINDS: dict[str, tuple[int, Callable[[Path, random.Random], None]]] = {
    "articles": (80, _article),
    "reports": (90, _report),
    "scans": (40, _scan),
    "half-scanned": (14, _half_scan),
    "no-character-map": (8, _damaged(_no_map)),
    "mixed-columns": (8, _damaged(interleave)),
    "glued-words": (12, _glued),
    "broken-downloads": (18, _broken_download),
    "locked": (10, _locked),
    "empty": (1, _empty),
    "manuscripts": (70, _manuscript),
    "broken-manuscripts": (5, _broken_manuscript),
    "web-pages": (50, _web_page),
    "notes": (45, _notes),
    "old-notes": (12, _old_notes),
    "tex": (25, _source),
    "tables": (35, _table),
    "catalogue": (30, _catalogue),
    "server": (36, _notes),
}
