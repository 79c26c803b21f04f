"""The project keeps its promises about itself: layers, public names, requirements, names."""

from __future__ import annotations

import ast
import graphlib
import importlib
import importlib.metadata
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

import reslib
from reslib.extractors import ImportedAtCall
from reslib.extractors import own as extractors

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# --- layers ------------------------------------------------------------------------------------

#: The floors of the house, the lowest first. A file imports what belongs to its own wing, or is on
#: a floor below; a wing is a package, or a module that stands beside them.
FLOORS: tuple[set[str], ...] = (
    {"errors", "clock", "fold", "items"},
    {"given", "display", "liveness", "extraction"},
    {"formats"},
    {"storage"},
    {"search"},
    {"models"},
    {"extractors"},
    {"sandbox"},
    {"engines"},
    {"documents"},
    {"database"},
    {"jobs"},
    {"pool"},
    {"library", "joblist", "tableview"},
    {"queue", "worker", "testing", "frames"},
    {"plots"},
    {"maintenance"},
    {"__init__"},
    {"commands"},
    {"__main__"},
)
#: Only these know that SQLite is there: maintenance opens files that the store refuses.
SQLITE_USERS = {"storage", "maintenance"}
#: Only these know pandas and matplotlib.
PANDAS_USERS = {"frames", "plots"}
#: And this file, inside a function: db.stale() gives a frame, and frames are above the database.
PANDAS_FILES = {"reslib.documents.staleframe", "reslib.documents.tableframes"}


def modules() -> list[Path]:
    return sorted((ROOT / "reslib").rglob("*.py"))


def name_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def wing_of(module: str) -> str:
    """Return the wing of ``reslib.storage.store``, of ``reslib.errors``, or of ``reslib``."""
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: Path) -> set[str]:
    """Every module that is imported anywhere in a file, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole name of what is imported"
            found.add(node.module or "")
            if node.module == "reslib":
                found |= {f"reslib.{alias.name}" for alias in node.names}
    return found


def used_by_module() -> dict[str, set[str]]:
    """Every module of reslib, and those that it imports."""
    files = {name_of(path): path for path in modules()}
    used: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                used[name] |= {one if one in files else node.module for one in whole}
        used[name] &= files.keys() - {name}
    return used


def test_every_file_imports_only_its_own_wing_and_the_floors_below():
    floor_of = {wing: number for number, wings in enumerate(FLOORS) for wing in wings}
    for name, used in used_by_module().items():
        wing = wing_of(name)
        assert wing in floor_of, f"say in FLOORS where {wing} is"
        others = {wing_of(other) for other in used} - {wing}
        above = {other for other in others if floor_of[other] >= floor_of[wing]}
        assert not above, f"{name} imports from {', '.join(sorted(above))}"


def test_the_layout_in_contributing_is_that_of_the_house():
    """A row for each wing, the lowest floor first, with the first line of its docstring."""
    expected = []
    for wing in (wing for wings in FLOORS for wing in sorted(wings)):
        place = ROOT / "reslib" / wing
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        shown = f"reslib/{wing}/" if place.is_dir() else f"reslib/{wing}.py"
        expected.append(f"| `{shown}` | {docstring.splitlines()[0]} |")
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("| `reslib/")] == expected


def test_the_benchmarks_hold_speed_only_and_stay_small():
    lines = [path.read_text(encoding="utf-8").count("\n") for path in ROOT.glob("benchmarks/*.py")]
    assert sum(lines) < 3_500, "what judges text is in evaluation/, endurance in tests/endurance"


def test_the_house_has_few_doors_and_no_long_file():
    beside = [path for path in (ROOT / "reslib").iterdir() if path.is_file()]
    assert len(beside) <= 18
    long = {name_of(path) for path in modules() if len(path.read_text().splitlines()) > 500}
    assert not long


def test_no_modules_import_each_other_in_a_circle():
    graphlib.TopologicalSorter(used_by_module()).prepare()  # a CycleError names the circle


def test_the_widgets_use_only_what_is_public():
    public = {"reslib", "reslib.frames", "reslib.joblist", "reslib.plots", "reslib.tableview"}
    public |= {f"reslib.{n}" for n in reslib.__all__}
    for path in sorted((ROOT / "widgets").rglob("*.py")):
        private = {n for n in imports(path) if n.split(".")[0] == "reslib"} - public
        assert not private, f"{path.relative_to(ROOT)} imports {', '.join(sorted(private))}"


def test_only_the_storage_and_its_maintenance_talk_to_sqlite():
    users = {wing_of(name_of(path)) for path in modules() if "sqlite3" in imports(path)}
    assert users <= SQLITE_USERS


def test_nothing_in_the_core_knows_that_notebooks_exist():
    notebook = {"IPython", "ipywidgets", "ipykernel", "pandas", "matplotlib", "reslib_widgets"}
    for path in modules():
        known = {name.split(".")[0] for name in imports(path)} & notebook
        if wing_of(name_of(path)) in PANDAS_USERS or name_of(path) in PANDAS_FILES:
            known -= {"pandas", "matplotlib"}
        assert not known, f"{path.relative_to(ROOT)} imports {known}"


# --- public names ------------------------------------------------------------------------------


def test_importing_reslib_is_cheap():
    heavy = ["pandas", "matplotlib", "pypdfium2", "docx", "lxml", "pdfplumber", "IPython", "rich"]
    heavy += ["click", "psutil", "subprocess", "zipfile", "reslib.formats.detect"]
    heavy += ["distributed", "dask"]
    code = f"import reslib, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


#: Modules that Python has on Linux and macOS only.
UNIX_ONLY = ("fcntl", "resource", "pwd", "grp", "termios")


def without(modules: Iterable[str], code: str) -> subprocess.CompletedProcess[str]:
    """Run Python where these modules cannot be imported."""
    missing = f"import sys; sys.modules.update(dict.fromkeys({list(modules)}))"
    return subprocess.run(
        [sys.executable, "-c", f"{missing}\n{code}"], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "code",
    [
        "import reslib",
        "from reslib import ResearchDatabase",
        "import reslib.frames",
        "import reslib.sandbox",
        "import runpy; runpy.run_module('reslib', run_name='__main__')",
        "import reslib_widgets",
    ],
)
def test_where_the_system_lacks_file_locks_the_import_says_where_reslib_runs(code: str):
    done = without(UNIX_ONLY, code)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: reslib runs on Linux and macOS")
    assert "use it in WSL" in last
    assert "docs/platforms.md" in last
    assert (ROOT / "docs" / "platforms.md").exists()


def test_a_library_that_is_optional_for_reslib_can_catch_that():
    done = without(UNIX_ONLY, "try:\n import reslib\nexcept ImportError:\n print('without')")
    assert done.stdout == "without\n"


def test_the_public_names_are_sorted_and_there():
    assert list(reslib.__all__) == sorted(set(reslib.__all__))
    for name in reslib.__all__:
        assert hasattr(reslib, name)


def test_every_public_class_and_function_is_documented():
    undocumented = []
    for name in reslib.__all__:
        thing = getattr(reslib, name)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        # A dataclass without a docstring gets its signature as one.
        if not thing.__doc__ or thing.__doc__.startswith(f"{name}("):
            undocumented.append(name)
        if inspect.isclass(thing):
            undocumented += [
                f"{name}.{member}"
                for member, value in vars(thing).items()
                if not member.startswith("_")
                and isinstance(value, (type(test_importing_reslib_is_cheap), property))
                and not value.__doc__
            ]
    assert undocumented == []


def test_every_module_says_what_it_is_and_what_it_offers():
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name.endswith("__main__") or name == "reslib.sandbox.child":
            continue
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            assert hasattr(module, public), f"{name}.__all__ names {public}, which is not there"


def test_the_version_is_the_one_that_is_installed():
    assert importlib.metadata.version("reslib-toolkit") == reslib.__version__


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "reslib" / "py.typed").exists()


# --- requirements ------------------------------------------------------------------------------

#: Where conda-forge has another name for a package.
CONDA_NAMES = {"typst": "typst-py", "playwright": "playwright-python"}


def split(requirement: str) -> tuple[str, frozenset[str]]:
    """Return a requirement's name and its bounds: ``a>=1,!=2.*`` is a and {>=1, !=2.*}."""
    match = re.match(r"([A-Za-z0-9._-]+)(.*)", requirement.replace(" ", ""))
    assert match, requirement
    name, bounds = match.groups()
    return name.lower().replace("_", "-"), frozenset(filter(None, bounds.split(",")))


def wanted() -> dict[str, frozenset[str]]:
    project = PYPROJECT["project"]
    every = [*project["dependencies"]]
    for extra in (
        "pdfplumber",
        "python-docx",
        "office",
        "zip",
        "ocr",
        "cluster",
        "notebook",
        "xlsx",
        "dev",
    ):
        every += project["optional-dependencies"][extra]
    own = project["name"]
    return dict(split(item) for item in every if not item.startswith(own))


def offered() -> dict[str, frozenset[str]]:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    by_pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    by_conda = [item for item in environment["dependencies"] if isinstance(item, str)]
    ours = {conda: name for name, conda in CONDA_NAMES.items()}
    found = {}
    for item in [*by_conda, *(item for item in by_pip if not item.startswith("-e"))]:
        name, bounds = split(item)
        found[ours.get(name, name)] = bounds
    return found


def test_environment_yml_has_every_requirement_with_the_same_bounds():
    have = offered()
    stale = {name: bounds for name, bounds in wanted().items() if have.get(name) != bounds}
    assert not stale, f"environment.yml misses or has other bounds for: {sorted(stale)}"


def test_environment_yml_has_nothing_that_pyproject_does_not_ask_for():
    assert set(offered()) - set(wanted()) == {"python", "pip"}
    assert offered()["python"] == {PYPROJECT["project"]["requires-python"]}


def test_environment_yml_installs_the_project_itself():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert "name: reslib\n" in text
    extras = "pdfplumber,python-docx,office,zip,ocr,cluster,notebook,dev"
    assert f"- -e .[{extras}]" in text


def test_every_requirement_has_its_reason_beside_it():
    lists = {"dependencies", *PYPROJECT["project"]["optional-dependencies"]} - {"bench"}
    bare = []
    inside = False
    for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if line.endswith(" = [") and line.split()[0] in lists:
            inside = True
        elif line.startswith("]"):
            inside = False
        elif inside and "#" not in line and "reslib-toolkit[" not in line:
            bare.append(line.strip())
    assert bare == []


def test_the_extractors_come_in_by_the_entry_point_group():
    named = PYPROJECT["project"]["entry-points"]["reslib.extractors"]
    points = importlib.metadata.entry_points(group="reslib.extractors")
    own = [point for point in points if point.module.startswith("reslib.")]
    assert {point.name: point.value for point in own} == named, "install again: make check"
    assert {point.load().name for point in own} == set(named)
    assert {getattr(extractors, name).name for name in extractors.__all__} == set(named)


@pytest.mark.parametrize("name", extractors.__all__)
def test_the_function_of_an_extractor_is_where_it_is_said_to_be(name: str):
    function = getattr(extractors, name).function
    assert isinstance(function, ImportedAtCall)
    assert callable(getattr(importlib.import_module(function.module), function.function))


def test_only_the_engine_of_a_cluster_knows_dask():
    users = {name_of(path) for path in modules() if {"distributed", "dask"} & imports(path)}
    assert all(name.startswith("reslib.engines.cluster") for name in users)


def test_who_asks_which_extractors_there_are_does_not_load_what_reads_documents():
    """What was loaded stays in memory for as long as the notebook runs."""
    ask = "import sys, reslib; reslib.available_extractors(); print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded & {"lxml", "pypdfium2"} == set()
    parts = {module.split(".")[2] for module in loaded if module.startswith("reslib.extractors.")}
    light = {"base", "choice", "installed", "own", "registry", "requirements"}
    assert parts == light, "an extractor stands in own.py, what it does in a file of its own"


# --- names -------------------------------------------------------------------------------------


def tracked_files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:  # an unpacked archive instead of a clone
        return [path for path in ROOT.rglob("*") if ".venv" not in path.parts and path.is_file()]
    return [ROOT / name for name in done.stdout.split("\0") if name]


def test_nothing_says_to_install_the_other_project_of_that_name():
    # `reslib` in the Python package index belongs to somebody else.
    wrong = re.compile(
        r"pip3?\s+install\s+(?:-\S+\s+)*[\"']?reslib(?!-toolkit|[\w/])", re.IGNORECASE
    )
    assert wrong.search("pip install " + "reslib")
    assert not wrong.search("pip install " + "reslib-toolkit")
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in wrong.finditer(text)]
    assert found == []
