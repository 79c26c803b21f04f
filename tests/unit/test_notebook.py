"""A Jupyter notebook cell by cell, and what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from markupreading import only

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import Assembler
from reslib.extractors.own import IPYNB
from reslib.formats.detect import detect
from reslib.items import Figure, Metadata, Section, Warning
from reslib.models import ExtractionResult, TextStatus

KERNEL = {"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "r"}}


def prose(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def code(source: Any, *outputs: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": list(outputs)}


def shown(**data: Any) -> dict[str, Any]:
    bundle = {key.replace("_", "/"): value for key, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def write(folder: Path, *cells: Any, **more: Any) -> Path:
    path = folder / "a.ipynb"
    book = {"cells": list(cells), "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5, **more}
    path.write_text(json.dumps(book), encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> ExtractionResult:
    assembler = Assembler(IPYNB, "ipynb")
    given = IPYNB.extract(path, options)
    assert not isinstance(given, str | ExtractionResult)
    for item in given:
        assembler.add(item)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code


def test_each_cell_is_a_page_in_order(tmp_path: Path) -> None:
    cells = [prose(["# Tides\n", "of the estuary"]), code("plot(x)"), prose(""), prose("end")]
    result = read(write(tmp_path, *cells))
    assert [page.text for page in result.pages] == ["# Tides\nof the estuary", "plot(x)", "", "end"]
    assert [page.label for page in result.pages] == ["cell 1", "cell 2", "cell 3", "cell 4"]
    assert result.text_status is TextStatus.FULL
    assert result.confidence is None


def test_title_headings_and_language_are_known(tmp_path: Path) -> None:
    text = "intro\n```\n# a comment\n```\n## Tides ##\n### Methods\n#hashtag"
    result = read(write(tmp_path, code("# no heading"), prose(text)))
    assert result.title == "Tides"
    assert only(result, Section) == [Section("Tides", 2, 2), Section("Methods", 3, 2)]
    assert only(result, Metadata) == [
        Metadata("language of code", "R", "kernel"),
        Metadata("title", "Tides", "first heading", page=2),
    ]


def test_title_and_authors_that_the_notebook_states_are_known(tmp_path: Path) -> None:
    stated = {"title": "On tides", "authors": [{"name": "Ann Reed"}, {"name": 3}, "x"]}
    result = read(write(tmp_path, prose("# Heading"), metadata=stated))
    assert result.title == "On tides"
    source = "metadata of the notebook"
    assert only(result, Metadata) == [
        Metadata("title", "On tides", source),
        Metadata("author", "Ann Reed", source),
    ]


def test_what_cells_printed_is_read_on_request(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["mean\n", "4.2\n"]},
        shown(text_plain=["<Axes>"], text_html="<b>no</b>"),
        {"output_type": "error", "ename": "E", "traceback": ["\x1b[0;31mBoom\x1b[0m", "at 1"]},
    ]
    path = write(tmp_path, code("run()", *outputs))
    assert read(path).text == "run()"
    assert read(path, outputs=True).text == "run()\n\nmean\n4.2\n\n<Axes>\n\nBoom\nat 1"
    stream = {"output_type": "stream", "text": "x" * 50_000}
    long = read(write(tmp_path, code("run()", stream, stream)), outputs=True).text
    assert long == f"run()\n\n{'x' * 20_000}\n\n[more was printed]"


def test_pictures_are_named_and_not_kept(tmp_path: Path) -> None:
    picture = shown(image_png="iVBORw0KGgo=", text_plain="<Figure>")
    attached = prose("![](attachment:a.jpg)", attachments={"a.jpg": {"image/jpeg": "AAAA"}})
    path = write(tmp_path, code('#| fig-cap: "Tides at dusk"\nplot()', picture), attached)
    assert only(read(path), Figure) == [
        Figure(1, "Tides at dusk", media_type="image/png"),
        Figure(2, "", media_type="image/jpeg"),
    ]


def test_a_notebook_of_version_3_is_read_too(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Tides"]},
        {
            "cell_type": "code",
            "input": "plot()",
            "outputs": [{"output_type": "pyout", "text": ["42"], "png": "AAAA"}],
        },
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}))
    result = read(path, outputs=True)
    assert [page.text for page in result.pages] == ["## Tides", "plot()\n\n42"]
    assert result.title == "Tides"
    assert only(result, Figure) == [Figure(2, media_type="image/png")]


def test_a_newer_version_is_read_and_said(tmp_path: Path) -> None:
    result = read(write(tmp_path, prose("words"), nbformat=6))
    assert result.text == "words"
    assert [item.code for item in only(result, Warning)] == ["newer_version"]


def test_a_notebook_without_cells_is_empty_not_broken(tmp_path: Path) -> None:
    assert read(write(tmp_path)).text_status is TextStatus.EMPTY


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_notebook_that_is_cut_short_says_so(tmp_path: Path, tenth: int) -> None:
    path = write(tmp_path, *[prose(f"cell {number}") for number in range(40)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10 + 1])
    assert code_of(path) in (ErrorCode.TRUNCATED, ErrorCode.MALFORMED)


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        "null",
        "just words",
        '{"nbformat": "four", "cells": []}',
        '{"nbformat": 4, "cells": {"a": 1}}',
        '{"nbformat": 3, "metadata": {}}',
        '{"nbformat": 4, "cells": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"nbformat": 4, "cells": [], "metadata": ' + "9" * 100_000 + "}",
        b'{"nbformat": 4, "cells": ["\xff"]}',
    ],
)
def test_what_is_no_notebook_says_so(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert code_of(path) is ErrorCode.MALFORMED


def test_cells_of_the_wrong_shape_cost_themselves(tmp_path: Path) -> None:
    odd: list[Any] = [
        None,
        [],
        {"cell_type": 5, "source": {"a": 1}},
        {"cell_type": "heading", "level": "high", "source": 4},
        {"cell_type": "code", "source": ["a", 1, None, "b"], "outputs": [1, {"data": []}]},
        {"cell_type": "code", "source": "c", "outputs": {"data": 1}, "attachments": [1]},
    ]
    for options in ({}, {"outputs": True}):
        result = read(write(tmp_path, *odd, prose("words"), metadata=[]), **options)
        assert result.text.split() == ["#", "ab", "c", "words"]
        assert result.text_status is TextStatus.PARTIAL
    assert "2 of its cells" in only(result, Warning)[0].message


def test_what_sqlite_cannot_store_is_nowhere(tmp_path: Path) -> None:
    kernel = {"kernelspec": {"language": "\ud800\0"}}
    cells = [prose("# \ud800\0"), code("#| fig-cap: \ud800\n", {"data": {"image/\ud800": ""}})]
    result = read(write(tmp_path, *cells, metadata=kernel))
    for text in (result.text, result.title or "", *map(repr, result.items)):
        assert "\0" not in text
        assert "\\ud800" not in text
        text.encode()


@pytest.mark.parametrize("name", ["a.ipynb", "a.json", "a.txt", "saved"])
def test_a_notebook_is_one_under_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(write(tmp_path, prose("words")).read_bytes())
    assert detect(path) == "application/x-ipynb+json"
    path.write_text('{"cells": [{"type": "battery"}], "nbformat": 4}')
    assert detect(path) == {
        "a.ipynb": "application/x-ipynb+json",
        "a.json": "application/json",
    }.get(name, "text/plain")


def test_an_output_without_plain_text_is_read_in_the_form_it_has(tmp_path: Path) -> None:
    table = "<table><tr><th>site</th><td>Cuxhaven</td></tr></table><script>no</script>"
    outputs = [
        shown(text_html=table, image_png="AAAA"),
        shown(text_markdown=["**mean**"], text_html=table),
        shown(text_latex="$h$"),
        shown(text_html=["<p>&#0;\ud800"]),
    ]
    result = read(write(tmp_path, code("run()", *outputs)), outputs=True)
    assert result.text.split("\n\n")[:4] == ["run()", "site\tCuxhaven", "**mean**", "$h$"]
