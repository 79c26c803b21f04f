"""The title of a PDF, told from what programs leave in its place.

What a PDF states as its title is often the number of a publisher, the name of a layout file or
the placeholder of a program. No title is better than such a one; a real title is kept.
"""

from __future__ import annotations

import re

__all__ = ["as_title"]

#: "Microsoft Word - thesis.doc": what print drivers make of a document's name.
_PROGRAM = re.compile(
    r"^(?:Microsoft\s+)?(?:Word|Excel|PowerPoint|Publisher|Office Word|WordPad|Notepad)\s+-\s+"
    r"|^(?:OpenOffice(?:\.org)?|LibreOffice)\s+(?:Writer|Calc|Impress)\s+-\s+",
    re.IGNORECASE,
)
#: Endings of working files.
_FILE = re.compile(
    r"\w\.(?:3b2|ai|bbl|cdr|cwk|dcr|dvi|docm?|docx|dot|dotx|dtp|dwg|eps|fh\d+|fm|frm|html?|ind|indb"
    r"|indd|inddp|idml|jpe?g|jnt|lwp|lyx|markdown|md|mif|mht|odp|ods|odt|p65|pages|pdf|pm[56d]?"
    r"|pmd|png|pptm?|pptx|ppsx?|ps|pub|pxp|qx[bdp]|r?md|rmd|rtf|sam|shtml?|sla|svg|sxw|tex|tiff?"
    r"|tmp|txt|typ|vsdx?|wp[ds5]?|wps|xhtml|xlsx?|xlsm|xml|xps)"
    r"(?:\s*[\[(][^\])]*[\])])?$",
    re.IGNORECASE,
)
#: A path, on any system, or an address.
_PLACE = re.compile(r"^(?:[a-z]:[\\/]|\\\\|/(?:\w+/)+|file:|https?://|www\.)\S*", re.IGNORECASE)
#: What PowerPoint calls a presentation in the languages it speaks.
_PRESENTATION = (
    r"(?:presentation(?:en)?|pr[äa]sentation|pr[ée]sentation|presentaci[óo]n?|presentazione"
    r"|apresenta[çc][ãa]o|presentatie|presentasjon|pr[æa]sentation|esitys|prezentacja|prezentace"
    r"|prezent[áa]cia|prezentare|prezentacija|bemutat[óo]|sunu(?:su)?|презентация|презентація"
    r"|παρουσίαση|プレゼンテーション|演示文稿|簡報|프레젠테이션|מצגת|عرض\ تقديمي|การนำเสนอ)"
)
_PLACEHOLDER = re.compile(
    r"""(?:
      untitled | unbenannt | ohne\ titel | sans(?:\ |-)titre | sin\ t[ií]tulo | senza\ titolo
    | sem\ t[ií]tulo | naamloos | zonder\ titel | без\ (?:имени|названия) | bez\ tytu[łl]u
    | unknown | unspecified | none | null | n/?a | tbd | no\ title | notitle | anonymous
    | untitled\ document | dokument\ ohne\ titel | document\ sans\ titre
    | title | titel | titre | t[ií]tulo | titolo | (?:paper|document|article|manuscript|your)\ title
    | (?:enter|insert|type)\ (?:the\ |your\ |a\ )?title(?:\ here)? | title\ here
    | (?:no|unknown|untitled)\ (?:job\ name|job) | (?:job|print\ job)(?:\ name)?
    | (?:microsoft\ )?(?:(?:power\s*point|keynote|google\ slides)[\s-]*)?PRESENTATION
    | PRESENTATION[\s-]+(?:(?:standard\ )?(?:d[eiou]l?|programu|aplikace)\ )?(?:microsoft\ )?
      power\s*point
    | (?:microsoft\ )?power\s*point | power\s*point(?:[\s-]*(?:slide\ ?show|slides))?
    | (?:microsoft\ )?word\ document | microsoft\ word | (?:microsoft\ )?excel\ worksheet
    | (?:slide|folie|diapositive|diapositiva|page|seite|sheet|tabelle|blatt)
    | (?:new|neues?|nouveau)\ (?:microsoft\ word\ |text\ )?(?:document|dokument)
    | doc(?:ument)? | dokument | default(?:\ title)? | template | draft | manuscript | main | paper
    | print | printing | scan(?:ned)?(?:\ (?:image|document|page)s?)? | scanned\ by\ \w+
    | image | img | fax | full\ ?page\ ?(?:photo|image) | output | layout | proof | galley
    | cover | body | text | article | ms | test | temp | tmp | xxx+
    )
    [\s._-]*(?:\(?\#?\d{1,4}\)?)?""".replace("PRESENTATION", _PRESENTATION),
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(
    r"""(?:
      pii[\s:]*\S.*                                          # a publisher's item
    | S\d{4}-?\d{3}[\dX]\(\d{2}\)[\dX-]+ | S\d{15,16}[\dX]?
    | (?:https?://(?:dx\.)?doi\.org/|doi[\s:]*)?10\.\d{4,9}/\S+
    | doi[\s:]+\S+ | (?:e?issn|isbn)[\s:]*[\dX][\dX\s-]{6,}
    | (?:arxiv[\s:]*)?\d{4}\.\d{4,5}(?:v\d+)?(?:\s+\[?[\w.-]+\]?.*)?
    | arxiv[\s:]*\S+(?:\s.*)?
    | (?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|nlin|nucl-(?:ex|th)|physics
      |quant-ph|q-bio|q-fin|cs|stat)(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?
    | pmid[\s:]*\d+ | pmc\d{4,}
    | [0-9a-f]{16,} | \{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?   # a hash, a UUID
    )""",
    re.IGNORECASE | re.VERBOSE,
)
#: A number alone that can be a title: "1984".
_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
#: A run of pages, as typesetting systems end the name of a job: "pone.0012345 1..8".
_JOB = re.compile(r".*\s[A-Z]?\d{1,6}\.\.[A-Z]?\d{1,6}", re.IGNORECASE)
#: One piece of letters, digits and signs without a blank: the number of a manuscript, not a name
#: ("1-s2.0-S0022169415", "ACP-14-1-2014", "nature12373", "LNCS8693").
_CODE = re.compile(r"(?=\S*\d)[\w.+()\[\]/:~#-]+")
_CODE_SHAPES = (
    re.compile(r"[\W\d_]+"),  # digits and signs alone
    re.compile(r".*\d{4,}.*"),
    re.compile(r"(?:[^-]*-){3,}[^-]*"),
    re.compile(r"[a-z]{1,5}\d{3,}[a-z]?", re.IGNORECASE),
)


def as_title(stated: str) -> str | None:
    """Return the title in what a file states, None when there is none in it.

    Parameters
    ----------
    stated
        The entry ``Title`` of the file.

    Examples
    --------
    >>> as_title("Microsoft Word - Tides of the Elbe")
    'Tides of the Elbe'
    >>> as_title("PII: S0003-4916(02)00018-5") is None
    True
    >>> as_title("doi: a history")
    'doi: a history'
    """
    title = " ".join(stated[:2000].replace("\ufeff", "").replace("\0", " ").split())
    title = _PROGRAM.sub("", title)
    bare = title.strip("\"'<>[](){} .,;:-_*")
    if _YEAR.fullmatch(bare):
        return title
    if len(bare) < (4 if bare.isascii() else 2) or not any(map(str.isalpha, bare)):
        return None
    if _FILE.search(title) and not _is_sentence_of(title):
        return None
    if _PLACE.fullmatch(title) or _PLACEHOLDER.fullmatch(bare) or _is_number(bare):
        return None
    if _JOB.fullmatch(title) or ("_" in title and " " not in title):
        return None
    if _CODE.fullmatch(bare) and any(shape.fullmatch(bare) for shape in _CODE_SHAPES):
        return None
    return title


def _is_number(title: str) -> bool:
    found = _NUMBER.fullmatch(title)
    if found is None:
        return False
    # "doi: a history" and "arXiv at twenty" are titles about them.
    return any(character.isdigit() for character in title.partition(" ")[2] or title)


def _is_sentence_of(title: str) -> bool:
    """True when a title of many words merely ends in the name of a file or a language."""
    return len(title.split()) >= 6 and not re.search(r"[_\\/]|\d\.\w+$", title)
