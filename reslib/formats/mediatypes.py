"""The media types that file names promise.

The table is reslib's own, and behind it Python's; never the machine's, so that the answer is the
same everywhere.
"""

from __future__ import annotations

import functools
from pathlib import PurePath

__all__ = [
    "CSL",
    "DOCX",
    "JATS",
    "MARKUP_SUFFIXES",
    "PPTX",
    "SIGNED_SUFFIXES",
    "SIGNED_TYPES",
    "TEI",
    "TEXTUAL_TYPES",
    "TEXT_SUFFIXES",
    "TEXT_TYPES",
    "XLSX",
    "called",
    "guess_from_name",
    "part_name",
]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Bibliographies of Zotero and others, which have no ending of their own.
CSL = "application/vnd.citationstyles.csl+json"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
#: Papers in XML, as archives and publishers give them, and as GROBID writes them.
JATS = "application/jats+xml"
TEI = "application/tei+xml"

#: Types whose files begin with a signature: if it is missing, the file is damaged.
SIGNED_SUFFIXES = {
    ".pdf": "application/pdf",
    ".docx": DOCX,
    ".docm": "application/vnd.ms-word.document.macroenabled.12",
    ".dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    ".xlsx": XLSX,
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    ".pptx": PPTX,
    ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
    ".potm": "application/vnd.ms-powerpoint.template.macroenabled.12",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ott": "application/vnd.oasis.opendocument.text-template",
    ".fodt": "application/vnd.oasis.opendocument.text-flat-xml",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".fods": "application/vnd.oasis.opendocument.spreadsheet-flat-xml",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".otp": "application/vnd.oasis.opendocument.presentation-template",
    ".fodp": "application/vnd.oasis.opendocument.presentation-flat-xml",
    ".odg": "application/vnd.oasis.opendocument.graphics",
    ".fodg": "application/vnd.oasis.opendocument.graphics-flat-xml",
    ".epub": "application/epub+zip",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".rtf": "application/rtf",
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".tgz": "application/gzip",
    ".bz2": "application/x-bzip2",
    ".tbz2": "application/x-bzip2",
    ".xz": "application/x-xz",
    ".txz": "application/x-xz",
    ".7z": "application/x-7z-compressed",
    ".rar": "application/vnd.rar",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
SIGNED_TYPES = frozenset(SIGNED_SUFFIXES.values())
#: Pictures whose words can be read. A folder of papers has many that are no documents.
PICTURE_TYPES = ("image/png", "image/jpeg", "image/tiff", "image/webp", "image/gif")

#: What people call the types that are recognised, and of which not all are read.
_CALLED = {
    "image/heic": "a HEIC picture, which is not read (save it as JPEG or PNG)",
    "image/avif": "an AVIF picture, which is not read (save it as JPEG or PNG)",
    "image/jp2": "a JPEG 2000 picture, which is not read (save it as JPEG or PNG)",
    "application/x-7z-compressed": "a 7z archive",
    "application/vnd.rar": "a RAR archive",
    SIGNED_SUFFIXES[".doc"]: "an old Word document",
    SIGNED_SUFFIXES[".ppt"]: "an old PowerPoint presentation",
    "application/vnd.wordperfect": "a WordPerfect document",
    "application/x-ole-storage": "an Office or Outlook file of a kind that is not known",
    SIGNED_SUFFIXES[".ods"]: "an OpenDocument spreadsheet",
    SIGNED_SUFFIXES[".fods"]: "a flat OpenDocument spreadsheet",
    SIGNED_SUFFIXES[".odg"]: "an OpenDocument drawing",
    SIGNED_SUFFIXES[".fodg"]: "a flat OpenDocument drawing",
    "application/vnd.oasis.opendocument.chart": "an OpenDocument chart",
    "application/vnd.oasis.opendocument.formula": "an OpenDocument formula",
    "application/vnd.oasis.opendocument.base": "an OpenDocument database",
    "application/vnd.oasis.opendocument.text-master": "an OpenDocument master document",
    "application/vnd.sun.xml.writer": "a text of OpenOffice.org 1",
    "application/vnd.sun.xml.impress": "a presentation of OpenOffice.org 1",
    "application/vnd.sun.xml.calc": "a spreadsheet of OpenOffice.org 1",
}

#: What people call the pages of documents that have none on paper.
_PARTS = {
    **{
        SIGNED_SUFFIXES[suffix]: "slide"
        for suffix in ".pptx .ppsx .ppsm .pptm .potx .potm .ppt .odp .otp .fodp".split()
    },
    **{SIGNED_SUFFIXES[suffix]: "sheet" for suffix in ".xlsx .xlsm .xlsb .xls .ods .fods".split()},
    SIGNED_SUFFIXES[".epub"]: "chapter",
    "application/mbox": "message",
    "application/x-ipynb+json": "cell",
    JATS: "section",
    TEI: "section",
}

TEXT_SUFFIXES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".rmd": "text/markdown",
    ".qmd": "text/markdown",
    ".rst": "text/x-rst",
    ".org": "text/x-org",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".tex": "text/x-tex",
    ".ltx": "text/x-tex",
    ".sty": "text/x-tex",
    ".cls": "text/x-tex",
    ".bib": "text/x-bibtex",
    ".bbl": "text/x-tex",
    ".latex": "text/x-tex",
    ".bibtex": "text/x-bibtex",
    ".ris": "application/x-research-info-systems",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".toml": "application/toml",
    ".ini": "text/plain",
    ".cfg": "text/plain",
    ".xml": "application/xml",
    ".py": "text/x-python",
    ".r": "text/x-r",
    ".jl": "text/x-julia",
    ".m": "text/x-matlab",
    ".c": "text/x-c",
    ".h": "text/x-c",
    ".cpp": "text/x-c++",
    ".hpp": "text/x-c++",
    ".java": "text/x-java",
    ".js": "text/javascript",
    ".ts": "text/x-typescript",
    ".css": "text/css",
    ".sql": "application/sql",
    ".sh": "text/x-shellscript",
    ".f": "text/x-fortran",
    ".f90": "text/x-fortran",
    ".do": "text/x-stata",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
}
#: The types of plain text: all of the file is what somebody wrote.
TEXT_TYPES: tuple[str, ...] = tuple(dict.fromkeys((*TEXT_SUFFIXES.values(), CSL)))

#: Made of text, but with a structure that has to be read first.
MARKUP_SUFFIXES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".svg": "image/svg+xml",
    ".ipynb": "application/x-ipynb+json",
    ".nxml": JATS,
    ".tei": TEI,
}
#: Made of text too, and begun by headers rather than a signature.
_MAIL_SUFFIXES = {
    ".eml": "message/rfc822",
    ".mbox": "application/mbox",
    ".msg": "application/vnd.ms-outlook",
    ".mht": "message/rfc822",
    ".mhtml": "message/rfc822",
}
_BY_SUFFIX = (
    {".tar": "application/x-tar"}
    | SIGNED_SUFFIXES
    | TEXT_SUFFIXES
    | MARKUP_SUFFIXES
    | _MAIL_SUFFIXES
)
TEXTUAL_TYPES = frozenset(TEXT_TYPES) | frozenset(MARKUP_SUFFIXES.values())


def called(media_type: str) -> str:
    """Return a type, with what people call it where its own name says little."""
    name = _CALLED.get(media_type)
    return f"{media_type}, {name}" if name else media_type


def part_name(media_type: str | None) -> str:
    """Return what people call a page of a document of this type: ``slide``, ``sheet``, ``page``."""
    return _PARTS.get(media_type or "", "page")


def guess_from_name(name: str) -> str | None:
    """Return the media type that a file's name promises, for a file that is not there.

    Parameters
    ----------
    name
        Its name, with or without folders. A last ``.gz`` counts for nothing when the suffix
        before it is known: ``table.csv.gz`` is a table.

    Returns
    -------
    str or None
        None when the name says nothing.
    """
    base = PurePath(name.strip().lower())
    suffix = base.suffix
    if suffix == ".gz":
        inner = PurePath(base.stem).suffix
        return TEXT_SUFFIXES.get(inner) or MARKUP_SUFFIXES.get(inner) or "application/gzip"
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    return _python_types().get(suffix)


@functools.cache
def _python_types() -> dict[str, str]:
    import mimetypes  # here: most names are in the table above

    return mimetypes.MimeTypes().types_map[True]
