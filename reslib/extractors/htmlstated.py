"""The metadata that an HTML page states: meta elements of all the usual kinds, and JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reslib.extractors.stated import Stated, names
from reslib.items import Metadata

__all__ = ["HtmlStated"]

#: By the names that indexes of papers read (Highwire Press), in lower case without ``citation_``.
_CITATION = {
    "title": "title",
    "author": "author",
    "authors": "author",
    "editor": "editor",
    "author_institution": "affiliation",
    "journal_title": "journal",
    "conference_title": "journal",
    "inbook_title": "series",
    "publisher": "publisher",
    "dissertation_institution": "publisher",
    "technical_report_institution": "publisher",
    "publication_date": "date",
    "date": "date",
    "online_date": "date",
    "year": "year",
    "volume": "volume",
    "issue": "issue",
    "doi": "doi",
    "issn": "issn",
    "isbn": "isbn",
    "pmid": "pmid",
    "arxiv_id": "arxiv",
    "language": "language",
    "keywords": "keywords",
    "abstract": "description",
}
#: Of Dublin Core, without ``dc.`` or ``dcterms.``.
_DUBLIN_CORE = {
    "title": "title",
    "title.alternative": "subtitle",
    "creator": "author",
    "date": "date",
    "date.issued": "date",
    "issued": "date",
    "created": "created",
    "date.created": "created",
    "modified": "modified",
    "date.modified": "modified",
    "language": "language",
    "publisher": "publisher",
    "subject": "subject",
    "description": "description",
    "abstract": "description",
    "identifier": "identifier",
    "identifier.doi": "doi",
    "rights": "licence",
    "license": "licence",
}
#: Of PRISM, without ``prism.``.
_PRISM = {
    "publicationname": "journal",
    "publicationdate": "date",
    "doi": "doi",
    "issn": "issn",
    "eissn": "issn",
    "isbn": "isbn",
    "volume": "volume",
    "number": "issue",
    "keyword": "keywords",
    "publisher": "publisher",
}
#: Whole names: of HTML itself, Open Graph and its articles, and others.
_PLAIN = {
    "author": "author",
    "description": "description",
    "keywords": "keywords",
    "date": "date",
    "doi": "doi",
    "language": "language",
    "content-language": "language",
    "og:title": "title",
    "og:description": "description",
    "og:site_name": "publisher",
    "og:locale": "language",
    "article:author": "author",
    "article:published_time": "date",
    "article:modified_time": "modified",
    "article:tag": "keywords",
    "book:author": "author",
    "book:isbn": "isbn",
    "book:release_date": "date",
}
_FAMILIES = (
    ("citation_", _CITATION),
    ("dc.", _DUBLIN_CORE),
    ("dcterms.", _DUBLIN_CORE),
    ("dc:", _DUBLIN_CORE),
    ("dcterms:", _DUBLIN_CORE),
    ("prism.", _PRISM),
    ("prism:", _PRISM),
)
#: The kinds of JSON-LD (schema.org) that are a work, in lower case.
_WORKS = frozenset(
    "article scholarlyarticle medicalscholarlyarticle newsarticle techarticle report blogposting "
    "analysisnewsarticle book chapter thesis dataset creativework presentationdigitaldocument "
    "textdigitaldocument digitaldocument learningresource review preprint".split()
)
_IN_WORKS = {
    "headline": "title",
    "name": "title",
    "alternativeHeadline": "subtitle",
    "author": "author",
    "creator": "author",
    "editor": "editor",
    "datePublished": "date",
    "dateCreated": "created",
    "dateModified": "modified",
    "publisher": "publisher",
    "inLanguage": "language",
    "keywords": "keywords",
    "description": "description",
    "abstract": "description",
    "isbn": "isbn",
    "issn": "issn",
    "doi": "doi",
    "license": "licence",
}
#: The most of JSON-LD that is read: characters in all, and nodes.
_MOST_JSON, _MOST_NODES = 1 << 20, 2_000
#: Which of several titles is the work's rather than the window's.
_BEST_TITLES = ("citation_title", "dc.title", "dcterms.title", "dc:title", "dcterms:title")


class HtmlStated:
    """Collects what a page states from the events of its elements."""

    def __init__(self) -> None:
        self._stated = Stated("HTML")
        self._titles: dict[str, str] = {}
        self._first_page = ""
        self._json: list[str] | None = None
        self._json_left = _MOST_JSON

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Take the start of an element."""
        if tag == "meta":
            self._meta(attributes)
        elif tag == "html":
            language = attributes.get("lang") or attributes.get("xml:lang") or ""
            self._stated.add("language", language, "html element")
        elif tag == "link" and "license" in (attributes.get("rel") or "").lower().split():
            self._stated.add("licence", attributes.get("href") or "", "link license")
        elif tag == "script":
            kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
            self._json = [] if kind == "application/ld+json" else None

    def data(self, text: str) -> None:
        """Take text."""
        if self._json is not None:
            self._json_left -= len(text)
            if self._json_left >= 0:
                self._json.append(text)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "script" and self._json is not None:
            if self._json_left >= 0:
                self._linked_data("".join(self._json))
            self._json = None

    def title(self, of_window: str | None) -> str | None:
        """Return the title of the work, or else that of the window.

        Parameters
        ----------
        of_window
            What the element ``title`` says.
        """
        self._stated.add("title", of_window or "", "title element")
        best = next((self._titles[name] for name in _BEST_TITLES if name in self._titles), None)
        return best or of_window or self._stated.title()

    def __iter__(self) -> Iterator[Metadata]:
        yield from self._stated

    # --- meta elements --------------------------------------------------------------------------

    def _meta(self, attributes: dict[str, str | None]) -> None:
        """Take an element that has a name or a property, whichever of the two is known."""
        content = attributes.get("content") or ""
        for kind in ("name", "property", "http-equiv"):
            name = (attributes.get(kind) or "").strip().lower()[:100]
            key = _key_of(name)
            if key is not None:
                self._add(key, content, f"meta {name}")
                if key == "title":
                    self._titles.setdefault(name, " ".join(content[:2000].split()))
                return
            if name in ("citation_firstpage", "prism.startingpage"):
                self._first_page = content.strip()[:20]
            elif name in ("citation_lastpage", "prism.endingpage") and self._first_page:
                self._stated.add("pages", f"{self._first_page}-{content.strip()[:20]}", "meta")

    def _add(self, key: str, value: str, source: str) -> None:
        values = [value]
        if key in ("author", "editor"):
            # Of people, not of their pages.
            values = [name for name in names(value[:10_000]) if not name.startswith("http")]
        elif key == "keywords":
            values = value[:10_000].replace(";", ",").split(",")
        elif key == "identifier":
            self._stated.add("doi", value, source)
        for one in values:
            self._stated.add(key, one, source)

    # --- JSON-LD --------------------------------------------------------------------------------

    def _linked_data(self, text: str) -> None:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return
        ahead, left = [data], _MOST_NODES
        while ahead and left:
            node = ahead.pop(0)
            left -= 1
            if isinstance(node, list):
                ahead += node[:100]
            elif isinstance(node, dict):
                ahead += [node[key] for key in ("@graph", "mainEntity") if key in node]
                if _kinds(node) & _WORKS:
                    self._work(node)

    def _work(self, node: dict[str, Any]) -> None:
        source = "JSON-LD"
        for name, key in _IN_WORKS.items():
            if name == "name" and "headline" in node:
                continue
            for value in _words(node.get(name)):
                self._add(key, value, source)
        for name in ("identifier", "sameAs", "@id", "url"):
            for value in _words(node.get(name)):
                self._stated.add("doi", value, source)
        part = node.get("isPartOf")
        for _ in range(4):  # an issue of a volume of a journal
            part = part[0] if isinstance(part, list) and part else part
            if not isinstance(part, dict):
                break
            is_journal = _kinds(part) & {"periodical", "journal", "newspaper"}
            for value in _words(part.get("name")) if is_journal else ():
                self._stated.add("journal", value, source)
            for name, key in (
                ("volumeNumber", "volume"),
                ("issueNumber", "issue"),
                ("issn", "issn"),
            ):
                for value in _words(part.get(name)):
                    self._stated.add(key, value, source)
            part = part.get("isPartOf")


def _key_of(name: str) -> str | None:
    for prefix, keys in _FAMILIES:
        if name.startswith(prefix):
            return keys.get(name.removeprefix(prefix))
    return _PLAIN.get(name)


def _kinds(node: dict[str, Any]) -> set[str]:
    stated = node.get("@type")
    kinds = stated if isinstance(stated, list) else [stated]
    return {kind.rpartition("/")[2].lower() for kind in kinds if isinstance(kind, str)}


def _words(value: Any) -> Iterator[str]:
    """Yield the texts that a value of JSON-LD stands for: itself, its name, or those of a list."""
    for one in value[:500] if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            one = one.get("name", one.get("value", one.get("@value")))
        if isinstance(one, str | int) and not isinstance(one, bool):
            yield str(one)
