"""Finds our tests with their marks, and makes the pages under Documentation/Reference that map other people's lists to them.

A list (`*.in`) has one line for each thing to be mapped:

    identifier | what it is about | = Suite.test, Suite.otherTest | a remark
    identifier | what it is about | why there is no test

Headings start with `## ` or `### `; any other line that starts with `#` is a comment.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "Documentation/Reference"
SUITE = re.compile(r"^(?:@\S+ )*(?:(?:private|fileprivate|final) )*(?:struct|class|actor|enum|extension) (\w+)")
TEST = re.compile(r"\bfunc\s+`?([^`(]+)`?\s*\(")
TAG = re.compile(r"//\s*upstream:\s*(.+)")
CONTRACT = re.compile(r"//\s*contract:\s*(.+)")
BUG = re.compile(r"\.bug\(id: \"([^\"]+)\"")


class Tests:
    """Every test in `Tests/` as `Suite.function`, and which of them carry a mark."""

    def __init__(self):
        self.names = set()
        # By an identifier such as `10.1 5` or `10.10 usage`, from `// upstream:`.
        self.tagged = {}
        # By an identifier such as `B82`, from `.bug(id:)`.
        self.bugs = {}
        # By a number such as `3.2`, from `// contract:`.
        self.contract = {}
        for path in sorted((ROOT / "Tests").rglob("*.swift")):
            self.read(path)

    def read(self, path):
        suite, tags, bugs, lines, is_test = path.stem, [], [], [], False
        for line in path.read_text().splitlines():
            if found := SUITE.match(line):
                suite = found.group(1)
            if found := TAG.search(line):
                for part in re.split(r"[,;]\s*(?=10\.)", found.group(1)):
                    words = part.strip().split(" ", 2)
                    if len(words) >= 2:
                        tags.append(f"{words[0]} {words[1].rstrip(':,;')}")
            if found := CONTRACT.search(line):
                lines += [number.strip() for number in found.group(1).split(",")]
            is_test = is_test or "@Test" in line
            bugs += BUG.findall(line)
            if (found := TEST.search(line)) and is_test:
                name = f"{suite}.{found.group(1).strip()}"
                self.names.add(name)
                for tag in tags:
                    self.tagged.setdefault(tag, set()).add(name)
                for bug in bugs:
                    self.bugs.setdefault(bug, set()).add(name)
                for number in lines:
                    self.contract.setdefault(number, set()).add(name)
                tags, bugs, lines, is_test = [], [], [], False


class Row:
    """One line of a list."""

    def __init__(self, text):
        cells = [cell.strip() for cell in text.split("|")] + ["", ""]
        self.identifier, self.what = cells[0], cells[1]
        self.tests, self.reason, self.remark = [], "", ""
        if cells[2].startswith("="):
            self.tests = [name.strip() for name in cells[2][1:].split(",") if name.strip()]
            self.remark = cells[3]
        else:
            self.reason = cells[2]


def read_list(path):
    """Headings as text and lines as rows, in order."""
    parts = []
    for text in path.read_text().splitlines():
        if text.startswith(("## ", "### ")):
            parts.append(text)
        elif text.strip() and not text.startswith("#"):
            parts.append(Row(text))
    return parts


def table(parts, columns, show):
    """The lines of a page: each heading with a table of its rows."""
    lines, is_open = [], False
    for part in parts:
        if isinstance(part, str):
            lines += ["", part]
            is_open = False
            continue
        if not is_open:
            lines += ["", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
            is_open = True
        lines.append(f"| {part.identifier} | {part.what} | {show(part)} |")
    return lines


def shown(tests, remark=""):
    """Names of tests as a cell of a table."""
    return ", ".join(f"`{name}`" for name in sorted(tests)) + (f"; {remark}" if remark else "")


def finish(page, lines, complaints):
    """Writes the page, or compares it under `--check`; returns the exit status."""
    text = "\n".join(lines) + "\n"
    if "--check" in sys.argv:
        if not page.exists() or page.read_text() != text:
            complaints.append(f"{page.relative_to(ROOT)} is out of date: run `make reference`.")
    else:
        page.write_text(text)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0
