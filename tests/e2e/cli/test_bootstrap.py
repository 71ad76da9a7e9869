"""`./conform` on fresh, old, broken and shared machines: real processes on a small copy of the project."""

import base64
import hashlib
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
MAIN = "import os, sys; import tiny; print('arguments', sys.argv[1:], 'tiny', tiny.VERSION)\n"


#: Where the base Python has pip, hiding ensurepip spares each set-up three seconds.
BASE_HAS_PIP = (
    subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), "-c", "import pip"], capture_output=True, check=False
    ).returncode
    == 0
)


class Copy:
    """A project with the real bootstrap, one small locked package and a command line that prints its arguments."""

    def __init__(self, root: Path) -> None:
        self.root = root / "Größe und 株"
        self.index = root / "index"
        package = self.root / "src/ampeco_conformance"
        for folder in ("cli", "core"):
            (package / folder).mkdir(parents=True)
        (self.root / "requirements").mkdir()
        self.index.mkdir()
        shutil.copy(PROJECT / "conform", self.root)
        for name in ("__init__.py", "bootstrap.py", "core/__init__.py", "core/errors.py"):
            shutil.copy(PROJECT / "src/ampeco_conformance" / name, package / name)
        (package / "cli/__init__.py").touch()
        (package / "cli/main.py").write_text(MAIN)
        self.lock("1.0")

    def lock(self, version: str, digest: str | None = None) -> None:
        """Lock that version of the small package, and put it into the index."""
        wheel = _wheel(self.index, version)
        digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / "requirements/runtime.txt").write_text(f"tiny=={version} --hash=sha256:{digest}\n")

    def environment(self, **more: str) -> dict[str, str]:
        """Of a machine whose package index is a folder."""
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), "PIP_CONFIG_FILE": os.devnull}
        if BASE_HAS_PIP:
            pip["PYTHONPATH"] = str(hide(self.index, "ensurepip"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        return {**kept, **pip, **more}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.root / "conform"), *arguments]

    def call(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment(**environment), capture_output=True, text=True, check=False
        )

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command("started"),
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _wheel(folder: Path, version: str) -> Path:
    """A package of one module, the same bytes every time."""
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        for name, text in files.items()
    }
    files[f"{info}/RECORD"] = (
        "".join(f"{name},sha256={digest},\n" for name, digest in digests.items()) + f"{info}/RECORD,,\n"
    )
    path = folder / f"tiny-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return path


def hide(folder: Path, *modules: str) -> Path:
    """Make the folder hide these modules from any Python that has it on its path, as on Debian without its packages."""
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hider:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name in {modules!r}: raise ModuleNotFoundError(f'No module named {{name!r}}')\n"
        "sys.meta_path.insert(0, Hider())\n"
    )
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy that is set up; tests that break it repair it too."""
    copy = Copy(tmp_path_factory.mktemp("made"))
    result = copy.call("first")
    assert result.returncode == 0, result.stderr
    assert "arguments ['first'] tiny 1.0" in result.stdout
    lines = result.stderr.splitlines()
    assert lines[0] == "conform: first use, creating .venv (0 s)"
    assert lines[1].startswith("conform: first use, installing packages (")
    assert lines[-1].startswith("conform: set up in ")
    return copy


def one_line(result: subprocess.CompletedProcess[str] | subprocess.Popen[str], stderr: str) -> str:
    """The last line of stderr, which is the only one besides progress."""
    lines = [line for line in stderr.splitlines() if "first use, " not in line]
    assert len(lines) == 1, stderr
    assert lines[0].startswith("conform: ")
    assert "Traceback" not in stderr
    assert result.returncode in (2, 3, 130)
    return lines[0]


def refused(copy: Copy, **environment: str) -> str:
    result = copy.call(**environment)
    return one_line(result, result.stderr)


def repairs(copy: Copy) -> bool:
    """Whether this call rebuilt `.venv`; it must succeed."""
    result = copy.call("again")
    assert result.returncode == 0, result.stderr
    assert "arguments ['again']" in result.stdout
    return "set up in" in result.stderr


@contextmanager
def mounted(*arguments: str, at: Path) -> Iterator[None]:
    """Mount something for a while; skips the test where that is not permitted."""
    if subprocess.run(["mount", *arguments, str(at)], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def test_a_second_call_hands_over_at_once_from_any_folder(made: Copy, tmp_path: Path) -> None:
    link = tmp_path / "conform"
    link.symlink_to(made.root / "conform")
    result = subprocess.run(
        [str(link), "run", "--tenant", "a b"],
        cwd=tmp_path,
        env=made.environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "arguments ['run', '--tenant', 'a b'] tiny 1.0\n"
    assert result.stderr == ""


def test_compiled_modules_are_kept_so_that_the_next_call_is_faster(made: Copy) -> None:
    assert made.call("diff", PYTHONDONTWRITEBYTECODE="1").returncode == 0
    assert list((made.root / "src/ampeco_conformance/cli/__pycache__").glob("*.pyc"))


def _without_stamp(copy: Copy) -> None:
    (copy.root / ".venv/conform-stamp").unlink()
    (copy.root / ".venv/left-over").touch()


def _python_gone(copy: Copy) -> None:
    (copy.root / ".venv/bin/python").unlink()
    (copy.root / ".venv/bin/python").symlink_to("/nowhere/python3")


def _lock_renewed(copy: Copy) -> None:
    copy.lock("2.0")


def _moved(copy: Copy) -> None:
    copy.root = copy.root.rename(copy.root.with_name("moved"))


@pytest.mark.parametrize("spoil", [_without_stamp, _python_gone, _lock_renewed, _moved])
def test_the_next_call_repairs_the_set_up(made: Copy, spoil: Callable[[Copy], None]) -> None:
    spoil(made)
    assert repairs(made)
    assert not (made.root / ".venv/left-over").exists()
    assert not repairs(made)


def test_only_a_set_up_needs_write_access(made: Copy) -> None:
    with mounted("--bind", str(made.root), at=made.root):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(made.root)], check=True)
        assert made.call("read-only").returncode == 0
    (made.root / ".venv/conform-stamp").unlink()
    with mounted("--bind", str(made.root), at=made.root):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(made.root)], check=True)
        assert refused(made).endswith("Read-only file system")
    assert repairs(made)


def test_two_first_calls_at_once_do_not_disturb_each_other(copy: Copy) -> None:
    calls = [copy.start(), copy.start()]
    outputs = [call.communicate() for call in calls]
    assert [call.returncode for call in calls] == [0, 0], outputs
    assert all("arguments ['started'] tiny 1.0" in stdout for stdout, _ in outputs)
    said = "".join(stderr for _, stderr in outputs)
    assert said.count("conform: set up in") == 1
    assert said.count("conform: waiting for another call to finish the set-up") == 1


def test_an_interrupted_first_call_is_repaired_by_the_next(copy: Copy) -> None:
    # Who runs these tests in the background may ignore interruptions, and what it starts would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    call = start_and_wait_for_pip(copy, seconds=20)
    call.send_signal(signal.SIGINT)
    line = one_line(call, call.communicate()[1])
    assert line == "conform: interrupted during set-up; the next call starts again"
    assert call.returncode == 130
    assert not (copy.root / ".venv/conform-stamp").exists()
    assert repairs(copy)


def test_after_a_kill_the_next_call_waits_for_what_was_left_running(copy: Copy) -> None:
    call = start_and_wait_for_pip(copy, seconds=3)
    call.kill()
    call.communicate()
    result = copy.call("again")
    assert "conform: waiting for another call to finish the set-up" in result.stderr
    assert "arguments ['again'] tiny 1.0" in result.stdout


def start_and_wait_for_pip(copy: Copy, *, seconds: int) -> subprocess.Popen[str]:
    """A first call that is in the middle of installing, for so long at least."""
    folder = copy.index / "slow"
    folder.mkdir()
    startup = hide(folder, "ensurepip") / "sitecustomize.py"
    startup.write_text(
        startup.read_text()
        + "import pathlib, time\n"
        + "if 'install' in sys.argv or 'install' in sys.orig_argv:\n"
        + "    pathlib.Path(__file__).with_name('installing').touch()\n"
        + f"    time.sleep({seconds})\n"
    )
    call = copy.start(PYTHONPATH=str(folder)) if BASE_HAS_PIP else pytest.skip("needs a base Python with pip")
    while not (folder / "installing").exists():
        time.sleep(0.01)
    return call


def test_no_network(copy: Copy) -> None:
    index = "http://127.0.0.1:9/simple"
    line = refused(copy, PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=index, PIP_RETRIES="1")
    assert line.startswith("conform: set-up failed: the package index 127.0.0.1 cannot be reached; check network")
    assert repairs(copy)


def test_a_package_that_was_tampered_with(copy: Copy) -> None:
    copy.lock("1.0", digest="0" * 64)
    assert "is not the one that requirements/runtime.txt names" in refused(copy)


def test_a_package_the_index_does_not_have(copy: Copy) -> None:
    _wheel(copy.index, "2.0")
    (copy.index / "tiny-1.0-py3-none-any.whl").unlink()
    assert refused(copy).endswith(" has no tiny==1.0")


@pytest.mark.parametrize("name", [".cache", ".venv"])
def test_a_file_is_in_the_way(copy: Copy, name: str) -> None:
    (copy.root / name).touch()
    assert str(copy.root / name) in refused(copy)


def test_a_full_disk(copy: Copy) -> None:
    (copy.root / ".venv").mkdir()
    with mounted("-t", "tmpfs", "-o", "size=20k", "none", at=copy.root / ".venv"):
        assert refused(copy).endswith("the disk is full")
    assert repairs(copy)


def test_a_python_without_venv_support_is_told_the_package_to_install(copy: Copy, tmp_path: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = hide(tmp_path, "ensurepip", "pip")
    assert refused(copy, PYTHONPATH=str(folder)).endswith(f"apt-get install python{version}-venv")


def test_ensurepip_is_used_where_there_is_one(copy: Copy) -> None:
    result = copy.call("x", PYTHONPATH="")
    assert "arguments ['x'] tiny 1.0" in result.stdout, result.stderr
    assert (copy.root / ".venv/bin/pip3").exists()


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10"])
def test_an_older_python_is_told_so(copy: Copy, version: str) -> None:
    installed = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    python = next(map(str, installed), None) or shutil.which(f"python{version}")
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    result = subprocess.run([python, str(copy.root / "conform")], capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert one_line(result, result.stderr).startswith(f"conform: Python 3.11 or newer is needed; this is {version}")


def test_progress_is_one_rewritten_line_on_a_terminal(copy: Copy) -> None:
    ours, theirs = pty.openpty()
    call = subprocess.Popen(copy.command(), env=copy.environment(), stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    call.communicate()
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(ours)
    text = written.decode()
    assert "\r\x1b[Kconform: first use, creating .venv (0 s)" in text
    assert text.count("\n") == 1
    assert "conform: set up in" in text.rpartition("\x1b[K")[2]
