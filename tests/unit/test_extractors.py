"""What an extractor is: a function, named or at hand, and what is known of it."""

from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from reslib.extractors import Extractor, ImportedAtCall


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A package with two functions that read."""

    def plain(path: Path) -> str:
        return f"read {path.name}"

    def asking(path: Path, *, options: dict[str, Any]) -> str:
        return f"read {path.name} with {options}"

    module = types.ModuleType("surveys")
    module.plain, module.asking = plain, asking  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "surveys", module)
    return module


@pytest.mark.parametrize("name", ["", "surveys", "surveys:", ":read", "surveys.read", "a:b c"])
def test_a_function_is_named_by_its_module_and_its_name(name: str) -> None:
    with pytest.raises(ValueError, match=r"'package\.module:function'"):
        ImportedAtCall(name)


def test_a_named_function_is_imported_when_it_is_called_and_not_before() -> None:
    sys.modules.pop("reslib.extractors.own", None)
    named = Extractor(name="own", function=ImportedAtCall("reslib.extractors.own:nothing"))
    assert "reslib.extractors.own" not in sys.modules
    with pytest.raises(AttributeError, match="nothing"):
        named.extract(Path("a.own"), {})
    assert "reslib.extractors.own" in sys.modules


def test_a_named_function_is_given_options_if_it_takes_them(package: types.ModuleType) -> None:
    path = Path("march.survey")
    plain = Extractor(name="plain", function=ImportedAtCall("surveys:plain"))
    asking = Extractor(name="asking", function=ImportedAtCall("surveys:asking"))
    assert plain.extract(path, {"dpi": 300}) == "read march.survey"
    assert asking.extract(path, {"dpi": 300}) == "read march.survey with {'dpi': 300}"
    assert asking.function(path) == "read march.survey with {}"


def test_a_named_function_can_be_sent_to_another_process(package: types.ModuleType) -> None:
    sent = pickle.loads(pickle.dumps(ImportedAtCall("surveys:plain")))
    assert sent(Path("march.survey")) == "read march.survey"
    assert repr(sent) == "ImportedAtCall('surveys:plain')"
