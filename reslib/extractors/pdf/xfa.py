"""The words of a form in XFA (XML Forms Architecture 3.3, Adobe 2012).

Its template has the words that are printed, its datasets what was typed. A field shows the value
of the data of its name; values are taken in the order of the fields of one name.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

__all__ = ["form_text"]

#: Parts of a template that nobody sees: programs, choices that were not made, hints.
_UNSEEN = frozenset(
    "assist bind desc event extras items keep picture script setProperty toolTip ui validate "
    "calculate variables connect".split()
)


def form_text(xml: bytes) -> str:
    """Return the words of a form as they follow each other in it; empty when there are none.

    Parameters
    ----------
    xml
        The packets of the form, one after the other.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    if root is None:
        return ""
    values = _Values(root)
    lines: list[str] = []
    for template in root.iter("{*}template"):
        lines += _template(template, values)
    lines += values.left()
    return "\n".join(line for line in lines if line)


class _Values:
    """The values that were typed into a form, by the name of the field."""

    def __init__(self, root: Any) -> None:
        self._values: dict[str, deque[tuple[int, str]]] = defaultdict(deque)
        number = 0
        for data in root.iter("{*}data"):
            if not _name(data.getparent()).endswith("datasets"):
                continue
            for element in data.iter("*"):
                if element is data or _is_rich(element) or not _is_leaf(element):
                    continue
                if text := _words(element):
                    self._values[_name(element)].append((number, text))
                    number += 1

    def take(self, name: str) -> str:
        """Return the next value of a field."""
        return self._values[name].popleft()[1] if self._values.get(name) else ""

    def left(self) -> list[str]:
        """Return the values that no field has taken."""
        rest = sorted(value for values in self._values.values() for value in values)
        return [text for _, text in rest]


def _template(template: Any, values: _Values) -> Iterator[str]:
    """Yield the captions, printed words and values of a template."""
    from lxml import etree

    skip = None
    for event, element in etree.iterwalk(template, events=("start", "end")):
        if skip is not None:
            skip = None if event == "end" and element is skip else skip
            continue
        if event == "end" or not isinstance(element.tag, str):
            continue
        name = _name(element)
        if name in _UNSEEN or element.get("presence") in ("hidden", "invisible", "inactive"):
            skip = element
        elif name == "value":
            # A field's own value is what it shows as long as nothing was typed.
            typed = values.take(_field_name(element))
            yield typed or _words(element)
            skip = element
        elif name == "field" and element.find("{*}value") is None:
            yield from (_words(caption) for caption in element.findall("{*}caption/{*}value"))
            yield values.take(element.get("name", ""))
            skip = element


def _field_name(value: Any) -> str:
    parent = value.getparent()
    return str(parent.get("name", "")) if _name(parent) == "field" else ""


def _is_leaf(element: Any) -> bool:
    """True when an element of the data holds words, rich text (XHTML) included."""
    return not any(isinstance(child.tag, str) and not _is_rich(child) for child in element)


def _is_rich(element: Any) -> bool:
    return str(element.tag).startswith("{http://www.w3.org/1999/xhtml}")


def _name(element: Any) -> str:
    tag = element.tag if element is not None and isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2]


def _words(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())
