"""House rules a linter does not know: caps on files and templates, no registry host, no bypass of the state."""

import ast
import re
import subprocess
import sys
from pathlib import Path

CAPS = {".py": 400, ".html": 150, ".css": 900, ".js": 250}
STATEMENTS = 30
REGISTRY = re.compile(
    r"https?://[^/ \"']+/(simple|packages)/|files\.pytho" + r"nhosted|registry\.npm" + r"js|deb\.deb" + r"ian"
)
BYPASS = re.compile(r"(update|create)\([^)]*\bstate=")
ASKS_TIME = re.compile(r"timezone\.now|auto_now|datetime\.now\(|datetime\.utcnow|date\.today\(")


def tracked() -> list[Path]:
    """Files git tracks, and new ones it does not ignore."""
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [Path(name) for name in found if Path(name).is_file()]


def complaints(path: Path) -> list[str]:
    """What is wrong with one file."""
    if path.suffix in {".png", ".jpg", ".svg", ".lock"} and path.name != "requirements.lock":
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    found = [f"{path}: names a package registry's host"] if REGISTRY.search(text) else []
    if "migrations" in path.parts or path.parts[0] == "tests":
        return found
    cap = CAPS.get(path.suffix)
    if cap and text.count("\n") + 1 > cap:
        found.append(f"{path}: {text.count(chr(10)) + 1} lines, cap {cap}")
    if path.suffix == ".py":
        found += python_complaints(path, text)
    if path.suffix == ".html" and " style=" in text:
        found.append(f"{path}: inline style, which the content security policy blocks")
    return found


def python_complaints(path: Path, text: str) -> list[str]:
    """Long functions, and state or time got at behind their owner's back."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = sum(isinstance(inner, ast.stmt) for inner in ast.walk(node)) - 1
            if size > STATEMENTS:
                found.append(f"{path}:{node.lineno} {node.name}: {size} statements, cap {STATEMENTS}")
    if path.parts[0] != "bench" and BYPASS.search(text):
        found.append(f"{path}: writes a state around the life cycle")
    if path != Path("organizations/clock.py") and path.parts[0] != "bench" and ASKS_TIME.search(text):
        found.append(f"{path}: asks what time it is; only organizations.clock does")
    return found


def main() -> int:
    """Print every complaint; 1 if there is any."""
    found = [complaint for path in tracked() for complaint in complaints(path)]
    sys.stdout.writelines(f"{complaint}\n" for complaint in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
