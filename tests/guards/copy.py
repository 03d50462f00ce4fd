"""A copy of the repository, to change and to test: the checkout itself is never touched."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guards.guard import ROOT, Guard
from tests.support import jvm

__all__ = ["Copy"]

_SCRIPT = "dqx-worker"
_ENTRY = "import sys\nfrom worker.__main__ import main\nsys.exit(main())\n"


@dataclass(frozen=True, slots=True)
class Copy:
    """The tracked files as they are in the checkout, with an environment of their own."""

    folder: Path

    @classmethod
    def into(cls, folder: Path) -> "Copy":
        """Copy the repository; raises `RuntimeError` unless `worker` is imported from there."""
        made = cls(folder)
        listed = _output("git", "-C", str(ROOT), "ls-files", "-z")
        for name in filter(None, listed.split("\0")):
            if (source := ROOT / name).is_file():
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        made._add_environment()
        # A Spark that a test starts there is to start as soon as one here.
        jvm.sooner()
        if (archives := ROOT / jvm.ARCHIVES).is_dir():
            shutil.copytree(archives, folder / jvm.ARCHIVES)
        return made

    @property
    def python(self) -> Path:
        """The interpreter that imports the copy."""
        return self.folder / ".venv" / "bin" / "python"

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        """Remove a guard while the block runs."""
        path = self.folder / guard.file
        content = path.read_text("utf-8")
        path.write_text(guard.removed_from(content), "utf-8")
        try:
            yield
        finally:
            path.write_text(content, "utf-8")

    def _add_environment(self) -> None:
        """Make an environment that adds the packages of the running interpreter to the copy.

        A test may start the console script, which then has to run the copy's code, too.
        """
        base = Path(sys.base_prefix, "bin", Path(sys.executable).resolve().name)
        _output(str(base), "-m", "venv", "--without-pip", str(self.folder / ".venv"))
        (packages,) = self.folder.glob(".venv/lib/python*/site-packages")
        installed = [path for path in sys.path if Path(path).name == packages.name]
        packages.joinpath("copy.pth").write_text("\n".join([str(self.folder), *installed]), "utf-8")
        script = self.python.with_name(_SCRIPT)
        script.write_text(f"#!{self.python}\n{_ENTRY}", "utf-8")
        script.chmod(0o755)
        imported = _output(
            str(self.python), "-c", "import worker; print(worker.__file__)", cwd=self.folder.parent
        )
        if Path(imported.strip()).parents[1] != self.folder:
            raise RuntimeError(f"the copy imports {imported.strip()}")
        # By its time, a file that changes twice a second may look as if it had not changed.
        _output(
            *(str(self.python), "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"),
            *("worker", "deploy"),
            cwd=self.folder,
        )


def _output(*command: str, cwd: Path | None = None) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout
