"""Names of encodings that pages and texts state of themselves, as browsers understand them."""

from __future__ import annotations

import codecs
import re

__all__ = ["codec_of", "label_of_markup"]

#: The label stands in the first kilobyte (HTML §4.2.5.4); pages with scripts before it are later.
_HEAD = 1 << 16
#: What a page can hold up to its label: a label inside a comment or a script is none.
_TOKEN = re.compile(
    rb"<!--.*?(?:-->|\Z)"
    rb"|<(script|style|title|textarea|template|noscript)\b.*?(?:</\1|\Z)"
    rb"|<meta[\s/]([^<>]*)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    rb"""([^\s=/"'>]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s"'>]++)))?"""
)
_IN_CONTENT = re.compile(rb"""charset\s*+=\s*+["']?\s*+([^\s;"']++)""", re.IGNORECASE)
_XML = re.compile(rb"""\s*+<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
#: Encodings of Python that are not of documents: for names of hosts and for source code, one that
#: always raises, those of Windows' own settings, and UTF-7, which browsers take for no encoding.
_NOT_OF_DOCUMENTS = frozenset(
    "idna punycode undefined unicode-escape raw-unicode-escape mbcs oem utf-7".split()
)
#: Encodings of the web that Python's codec of the same name has only a part of, and those that a
#: label in ASCII cannot mean.
_WIDER = {
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
    "x-user-defined": "cp1252",
}


def label_of_markup(data: bytes) -> str | None:
    """Return the encoding that a page of HTML or XHTML states of itself, as it writes it.

    A ``meta`` element comes before the XML declaration, and the first whose label is known
    counts (HTML §13.2.3.2).

    Parameters
    ----------
    data
        The page, or its beginning.
    """
    head = data[:_HEAD]
    for token in _TOKEN.finditer(head):
        if token[2] is not None:
            label = _label_of_meta(token[2])
            if label is not None and codec_of(label) is not None:
                return label
    declaration = _XML.match(head)
    return declaration[1].decode("ascii", "replace") if declaration else None


def _label_of_meta(attributes: bytes) -> str | None:
    found: dict[bytes, bytes] = {}
    for match in _ATTRIBUTE.finditer(attributes):
        found.setdefault(match[1].lower(), match[2] or match[3] or match[4] or b"")
    label = found.get(b"charset")
    if label is None and found.get(b"http-equiv", b"").strip().lower() == b"content-type":
        stated = _IN_CONTENT.search(found.get(b"content", b""))
        label = stated[1] if stated else None
    return label.decode("ascii", "replace").strip() if label is not None else None


def codec_of(label: str | None) -> str | None:
    """Return Python's codec for a label that stands in a document as ASCII.

    Labels mean what browsers take them for (WHATWG Encoding, §4.2): ``latin1`` is
    windows-1252, ``gb2312`` is the whole of GBK. One that is readable as ASCII is not the label
    of UTF-16: the document is UTF-8 then (HTML §13.2.3.2).

    Parameters
    ----------
    label
        As the document writes it.

    Returns
    -------
    str or None
        The name of a codec; None when the label means nothing.
    """
    import webencodings  # not before a document has a label

    label = (label or "").strip().lower()
    try:
        if label not in webencodings.LABELS:
            label = codecs.lookup(label).name.replace("_", "-")  # cp936 is gbk
        known = webencodings.LABELS.get(label)
        if known is not None and known != "replacement":
            label = _WIDER.get(known) or webencodings.PYTHON_NAMES.get(known, known)
        info = codecs.lookup(label)
        if not info._is_text_encoding or info.name.replace("_", "-") in _NOT_OF_DOCUMENTS:
            return None
        if b"<meta".decode(info.name) != "<meta":
            return "utf-8" if info.name.startswith("utf") else None
    except (LookupError, ValueError):
        return None
    return info.name
