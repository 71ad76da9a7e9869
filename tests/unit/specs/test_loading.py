"""Loading: resolved once, cached by overlay chain, safe for concurrent processes, with errors of one line."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import caching, load_specification, loading
from ampeco_conformance.specs.reading import read_document
from tests.support.spec_store import forget_loaded

pytestmark = pytest.mark.usefixtures("store")


def cache_files(project: Path) -> list[str]:
    return sorted(file.name for file in (project / ".cache" / "specs").iterdir())


def cache_file(project: Path, version: str) -> Path:
    return project / ".cache" / "specs" / f"ampeco-v{version}.yaml.json"


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the stored documents that were parsed, in order."""
    names: list[str] = []

    def recording(file: Path) -> dict[str, Any]:
        names.append(file.name)
        return read_document(file)

    monkeypatch.setattr(loading, "read_document", recording)
    return names


def test_a_specification_has_its_operations() -> None:
    specification = load_specification("1.1.0")
    operation = specification.operation("GET /taxes")
    assert (specification.api, specification.version, len(specification.digest)) == ("ampeco", "1.1.0", 64)
    assert [operation.label for operation in specification.operations] == ["GET /users", "GET /taxes"]
    assert (operation.operation_id, operation.tag, operation.summary) == ("listTaxesV1", "things", "Things")
    assert operation.definition is specification.document["paths"]["/taxes"]["get"]
    with pytest.raises(KeyError):
        specification.operation("GET /none")


def test_an_overlay_is_resolved_on_its_neighbour() -> None:
    specification = load_specification("1.0.0")
    assert [operation.label for operation in specification.operations] == ["GET /users"]
    assert specification.document["info"]["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("version", "near"),
    [("1.0.5", "1.0.0, 1.1.0"), ("0.1.0", "1.0.0, 1.1.0"), ("9.0.0", "1.0.0, 1.1.0")],
)
def test_an_unknown_version_names_near_ones(version: str, near: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_specification(version)
    assert str(caught.value) == (
        f"ampeco {version} has no specification; nearest: {near} (`conform specs list --api ampeco` lists all)"
    )


def test_an_unknown_api_names_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_specification("1.0.0", "other")
    assert str(caught.value) == "unknown API 'other'; choose one of ampeco"


def test_the_second_process_reads_the_cache_and_gives_the_same(project: Path) -> None:
    first = load_specification("1.0.0")
    file = cache_file(project, "1.0.0")
    file.write_bytes(file.read_bytes().replace(b"Reads things.", b"From the cache."))
    forget_loaded()
    second = load_specification("1.0.0")
    assert second.operations[0].definition["description"] == "From the cache."
    assert first.operations[0].definition["description"] == "Reads things."


def test_a_second_load_gives_the_same_object() -> None:
    assert load_specification("1.0.0") is load_specification("1.0.0")
    assert load_specification("1.1.0") is not load_specification("1.0.0")


def test_a_changed_catalog_is_read_again(store: Path) -> None:
    load_specification("1.0.0")
    catalog = store / "catalog.yaml"
    catalog.write_text(catalog.read_text().replace("version: 1.0.0", "version: 1.0.1"))
    assert load_specification("1.0.1").operations
    with pytest.raises(ConfigurationError):
        load_specification("1.0.0")


def test_a_changed_base_is_resolved_again_and_leaves_no_old_cache(project: Path, store: Path) -> None:
    load_specification("1.0.0")
    before = cache_files(project)
    base = store / "ampeco" / "v1.1.0.yaml"
    base.write_text(base.read_text().replace("Reads things.", "Reads other things."))
    assert load_specification("1.0.0").operations[0].definition["description"] == "Reads other things."
    assert cache_files(project) == before


@pytest.mark.parametrize("versions", [("1.0.0", "1.1.0"), ("1.1.0", "1.0.0")])
def test_each_stored_document_is_resolved_once_in_any_order(versions: tuple[str, str], files_read: list[str]) -> None:
    for version in versions * 2:
        forget_loaded()
        load_specification(version)
    assert sorted(files_read) == ["v1.0.0.yaml", "v1.1.0.yaml"]


def test_a_changed_overlay_invalidates_only_what_is_built_on_it(store: Path, files_read: list[str]) -> None:
    load_specification("1.0.0")
    overlay = store / "ampeco" / "v1.0.0.yaml"
    overlay.write_text(overlay.read_text().replace("1.0.0", "1.0.1"))
    files_read.clear()
    load_specification("1.1.0")
    assert files_read == []
    assert load_specification("1.0.0").document["info"]["version"] == "1.0.1"
    assert files_read == ["v1.0.0.yaml"]


def test_a_catalog_entry_may_change_without_resolving_again(store: Path, files_read: list[str]) -> None:
    load_specification("1.0.0")
    catalog = store / "catalog.yaml"
    catalog.write_text(catalog.read_text().replace("A test.", "Another reason."))
    files_read.clear()
    assert load_specification("1.0.0").document["x-evidence"] == "Another reason."
    assert files_read == []


def test_changed_code_invalidates_the_cache(monkeypatch: pytest.MonkeyPatch, files_read: list[str]) -> None:
    load_specification("1.0.0")
    files_read.clear()
    forget_loaded()
    monkeypatch.setattr(caching, "_code_digest", lambda: "another")
    load_specification("1.0.0")
    assert files_read == ["v1.0.0.yaml", "v1.1.0.yaml"]


@pytest.mark.parametrize("content", [b'{"paths": ', b"", b"\n", b"{}\n{}\n", b"[]\n{}\n"])
def test_a_broken_cache_is_made_again(project: Path, content: bytes) -> None:
    digest = load_specification("1.0.0").digest
    file = cache_file(project, "1.0.0")
    file.write_bytes(content)
    forget_loaded()
    assert load_specification("1.0.0").digest == digest


def test_a_project_that_cannot_be_written_uses_the_cache_of_the_user(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".cache").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    load_specification("1.0.0")
    assert list((tmp_path / "home" / "ampeco-conformance" / "specs").glob("ampeco-v1.0.0*.json"))


def test_without_any_place_for_a_cache_it_still_loads(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".cache").write_text("in the way")
    (tmp_path / "home").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert load_specification("1.0.0").operations


def test_threads_that_start_together_get_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: load_specification("1.0.0").digest, range(32)))
    assert len(digests) == 1


def test_processes_that_start_together_resolve_once_and_get_the_same(project: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from ampeco_conformance.specs import loading;"
        "loading.PROJECT = Path(sys.argv[1]); read = loading.read_document;"
        "loading.read_document = lambda file: (print(file.name, file=sys.stderr), read(file))[1];"
        "print(loading.load_specification('1.0.0').digest)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(project)], stdout=-1, stderr=-1, text=True)
        for _ in range(4)
    ]
    outputs = [process.communicate() for process in processes]
    assert all(process.returncode == 0 for process in processes)
    assert len({digest for digest, _ in outputs}) == 1
    assert sorted("".join(read for _, read in outputs).split()) == ["v1.0.0.yaml", "v1.1.0.yaml"]
    assert cache_files(project) == [".lock", "ampeco-v1.0.0.yaml.json", "ampeco-v1.1.0.yaml.json"]


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("catalog.yaml", None, "STORE/catalog.yaml is missing; is this the specification store?"),
        ("catalog.yaml", "versions: []\n", "STORE/catalog.yaml lists no versions"),
        ("catalog.yaml", "versions: [{api: ampeco}]\n", "STORE/catalog.yaml has a broken entry: 'provenance'"),
        ("ampeco/v1.0.0.yaml", None, "STORE/ampeco/v1.0.0.yaml cannot be read: No such file or directory"),
        ("ampeco/v1.0.0.yaml", "a: [\n", "STORE/ampeco/v1.0.0.yaml is broken YAML at line 2, column 1: "),
        ("ampeco/v1.0.0.yaml", "overlay: 1.0.0\n", "STORE/ampeco/v1.0.0.yaml is an overlay without `extends`"),
        ("ampeco/v1.0.0.yaml", "overlay: 1.0.0\nextends: v1.0.0.yaml\n", "STORE/ampeco/v1.0.0.yaml extends itself"),
    ],
)
def test_a_broken_store_is_reported_in_one_line(file: str, content: str | None, problem: str, store: Path) -> None:
    if content is None:
        (store / file).unlink()
    else:
        (store / file).write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        load_specification("1.0.0")
    assert str(caught.value).startswith(problem.replace("STORE", str(store)))
    assert "\n" not in str(caught.value)
