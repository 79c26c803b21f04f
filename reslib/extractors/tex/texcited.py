r"""Lists of references of papers: ``thebibliography``, and the ``.bbl`` or ``.bib`` beside them."""

from __future__ import annotations

from collections.abc import Callable

from reslib.extractors.bib.bibentry import doi_in, year_in
from reslib.extractors.bib.bibtex import entries
from reslib.extractors.tex.texcommands import readable_source
from reslib.extractors.tex.texout import flat
from reslib.extractors.tex.texwalk import Frame, Walker
from reslib.items import Reference

__all__ = ["BIBLIOGRAPHY", "begin_bibliography", "write_cited"]

#: Stands between two parts of an entry.
_BLOCK = "\x1f"
_HEADING = "References"


def begin_bibliography(walker: Walker, name: str) -> None:
    """Begin a list of references that stands in the source."""
    walker.lexer.gap()
    walker.lexer.group()
    walker.out.paragraph()
    walker.out.write(_HEADING)
    walker.out.paragraph()
    walker.push(Frame(name, walker.out_paragraph))


def _item(walker: Walker, name: str, starred: bool) -> None:
    """Begin an entry; it ends where the next one begins, or its list."""
    lexer = walker.lexer
    lexer.gap()
    lexer.option()
    lexer.gap()
    key = flat(lexer.raw() or "")
    walker.end_environment("bibitem")
    first_address = len(walker.addresses)

    def done() -> None:
        text = walker.release()
        blocks = [part for part in map(flat, text.split(_BLOCK)) if part]
        written = flat(text.replace(_BLOCK, " "))
        walker.out.paragraph()
        walker.out.write(f"[{key}] {written}" if key else written)
        walker.out.paragraph()
        addresses = walker.addresses[first_address:]
        del walker.addresses[first_address:]
        title = blocks[1] if len(blocks) > 2 else ""
        if written:
            walker.references.append(
                Reference(
                    written,
                    title.strip('“”"., ').removesuffix("”").strip(),
                    doi_in(written, *addresses),
                    year_in(written),
                )
            )

    if len(walker.outs) < 20 and walker.push(Frame("bibitem", done)):
        walker.capture()


def _block(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    walker.out.space()
    walker.out.write(_BLOCK)


# --- files beside the paper ---------------------------------------------------------------------


def _bibliography(walker: Walker, name: str, starred: bool) -> None:
    """Read the list of references that BibTeX wrote, or the entries that the paper cites."""
    lexer, files = walker.lexer, walker.files
    lexer.gap()
    lexer.option()
    if name != "printbibliography":
        lexer.gap()
        names = [one.strip() for one in (lexer.raw() or "").split(",") if one.strip()]
        walker.bibliographies += names
        if name == "addbibresource":
            return
    if files is None or walker.preamble:
        return
    found = files.source(f"{files.document.stem}.bbl", quiet=True)
    if found is not None:
        source = readable_source(found[0], files.encoding)
        if "\\bibitem" in source and files.enter(found[1]):
            walker.enter_source(source, found[1])
            walker.bibliographies = []
            return
    wanted, walker.bibliographies = dict.fromkeys(walker.bibliographies), []
    for each in wanted:
        found = files.source(each, suffix=".bib")
        if found is not None:
            files.read[found[1]] = None
            for entry in entries(readable_source(found[0], files.encoding)):
                walker.entries.setdefault(entry.key, entry)
    write_cited(walker)


def write_cited(walker: Walker) -> None:
    """Write the entries that are cited and not written yet."""
    cited = walker.entries if "*" in walker.cited else walker.cited
    keys = [key for key in cited if key in walker.entries]
    if keys and not walker.has_references:
        walker.has_references = True
        walker.out.paragraph()
        walker.out.write(_HEADING)
    for key in keys:
        entry = walker.entries.pop(key)
        walker.out.paragraph()
        walker.out.write(entry.paragraph())
        walker.references.append(entry.reference())
    walker.out.paragraph()


#: Commands of lists of references.
BIBLIOGRAPHY: dict[str, Callable[[Walker, str, bool], None]] = {
    "bibitem": _item,
    "newblock": _block,
    "bibliography": _bibliography,
    "addbibresource": _bibliography,
    "printbibliography": _bibliography,
}
