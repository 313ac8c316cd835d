#!/usr/bin/env python3
"""Writes the licences and notices of everything that is linked into the binary.

    Scripts/notices.py CHECKOUTS SWIFT-LICENCE > THIRD-PARTY-NOTICES
    Scripts/notices.py --check CHECKOUTS THIRD-PARTY-NOTICES

Fails when a package in Package.resolved has no licence file: nothing is distributed without its terms. Licences of code
that a package carries in its sources are found there. The same checkouts give the same text.
"""
import json
import pathlib
import re
import sys

WANTED = re.compile(r"^(licen[cs]e|notice|copying)([.-].*)?$", re.IGNORECASE)
# Not linked into the binary.
LEFT_OUT = {".git", "Tests", "Benchmarks", "Examples", "dev", "scripts", "docs"}
RULE = "=" * 80


def texts(directory):
    """The licence files of one checkout, sorted, as pairs of a relative name and a path."""
    found = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        if path.is_file() and WANTED.match(path.name) and not LEFT_OUT & set(name.parts):
            if path.suffix.lower() not in {".swift", ".c", ".h", ".sh", ".py"}:
                found.append((name.as_posix(), path))
    return found


def pins():
    resolved = json.loads(pathlib.Path("Package.resolved").read_text())
    for pin in sorted(resolved["pins"], key=lambda pin: pin["identity"]):
        place = pin["location"].rstrip("/").removesuffix(".git").rsplit("/", 1)[-1]
        state = pin["state"]
        yield place, state.get("version") or state["revision"], pin["location"]


def title(name, version):
    return f"{name} {version}"


def write(checkouts, swift):
    out = [
        "Alula is licensed under the Apache License 2.0. The binary contains the software below, under these terms.", "",
    ]
    parts = [("Swift runtime and core libraries", "", "https://swift.org", [("LICENSE.txt", swift)])]
    for place, version, location in pins():
        found = texts(checkouts / place)
        if not any(re.match(r"^(licen[cs]e|copying)", name, re.IGNORECASE) for name, _ in found):
            sys.exit(f"notices: {place} has no licence file in {checkouts}")
        parts.append((place, version, location, found))
    for name, version, location, found in parts:
        out += [RULE, title(name, version).strip(), location, RULE, ""]
        for file, path in found:
            out += [f"--- {file}", "", path.read_text(encoding="utf-8", errors="replace").strip("\n"), ""]
    sys.stdout.write("\n".join(out))


def check(checkouts, text):
    lines = set(text.split("\n"))
    for place, version, _ in pins():
        if title(place, version) not in lines:
            sys.exit(f"notices: {place} {version} is not in the notices")
        for name, path in texts(checkouts / place):
            if path.read_text(encoding="utf-8", errors="replace").strip("\n") not in text:
                sys.exit(f"notices: {place}/{name} is not in the notices")
    if "Swift runtime and core libraries" not in lines:
        sys.exit("notices: the Swift runtime is not in the notices")


if sys.argv[1] == "--check":
    check(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).read_text())
else:
    write(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
