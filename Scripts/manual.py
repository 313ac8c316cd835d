#!/usr/bin/env python3
"""Writes alula's manual page from the commands' own description.

    alula --experimental-dump-help | Scripts/manual.py DATE VERSION commands.md > alula.1

DATE is seconds since 1970; the examples are those of Documentation/Reference/commands.md, which a test holds against the
program. The same input gives the same page.
"""
import json
import pathlib
import re
import sys
import time


def escaped(text):
    # Terminals without Unicode are served too; verify-dist.sh finds what they can't show.
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def name_of(name):
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def argument(described):
    """How one argument is written, in the list of options."""
    value = described.get("valueName", "value")
    if described["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR"
    text = ", ".join(bold(name_of(name)) for name in described.get("names", []))
    return text if described["kind"] == "flag" else f"{text} \\fI{escaped(value)}\\fR"


def examples(page):
    """The lines of the example under each command's heading."""
    found = {}
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        example = re.search(r"^```sh\n(.*?)\n```", part, re.MULTILINE | re.DOTALL)
        if example:
            found[part.split("\n", 1)[0]] = example.group(1)
    return found


def arguments(command, known):
    """The arguments of `command`, without those in `known`, each as a tagged paragraph."""
    lines = []
    for described in command.get("arguments", []):
        if not described.get("shouldDisplay", True) or argument(described) in known:
            continue
        text = " ".join(part for part in (described.get("abstract"), described.get("discussion")) if part)
        default = described.get("defaultValue")
        if default:
            text += f" Default: {default}."
        lines += [".TP", argument(described), escaped(text) or "\\&"]
    return lines


def paragraphs(text):
    """Parts between blank lines; one of several lines is a table, and keeps them."""
    lines = []
    for part in text.split("\n\n"):
        is_table = "\n" in part.strip("\n")
        lines += [".PP", ".nf", escaped(part.strip("\n")), ".fi"] if is_table else [".PP", escaped(part.strip())]
    return lines


def shown(command):
    return [
        each for each in command.get("subcommands", [])
        if each.get("shouldDisplay", True) and each["commandName"] != "help"
    ]


def commands(command, path, known, shows):
    """A part for each command below `command` that does something by itself."""
    lines = []
    for each in shown(command):
        here = path + [each["commandName"]]
        if shown(each):
            lines += commands(each, here, known, shows)
            continue
        lines += [f".SS {bold(' '.join(here))}", escaped(each.get("abstract", ""))]
        lines += paragraphs(each["discussion"]) if each.get("discussion") else []
        lines += arguments(each, known)
        example = shows.get(" ".join(here))
        lines += [".PP", "Example:", ".PP", ".nf", ".RS 4", escaped(example), ".RE", ".fi"] if example else []
    return lines


def every(command):
    yield command
    for each in shown(command):
        yield from every(each)


def common(root):
    """The options that every command with something to do takes, described once."""
    leaves = [each for each in every(root) if not shown(each)]
    sets = [{argument(described) for described in each.get("arguments", [])} for each in leaves]
    shared = set.intersection(*sets) if sets else set()
    first = leaves[0] if leaves else {}
    return shared, [each for each in first.get("arguments", []) if argument(each) in shared]


EXITS = [
    ("0", "done"), ("1", "the command ran, and the answer is no"), ("2", "the answer is yes, for now"),
    ("64", "wrong usage"), ("69", "the gateway can't be reached"), ("70", "an error inside alula"),
    ("75", "try again"), ("77", "not permitted"), ("78", "the configuration is invalid"),
]


def main():
    date, version, page = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]).read_text()
    root = json.load(sys.stdin)["command"]
    known, shared = common(root)
    day = time.strftime("%Y-%m-%d", time.gmtime(date))
    lines = [
        f'.TH ALULA 1 {day} "alula {version}" "User Commands"', ".SH NAME",
        "alula \\- a self\\-hosted AI gateway that knows which model providers can answer", ".SH SYNOPSIS",
        ".B alula", "\\fIcommand\\fR [\\fIoptions\\fR]", ".SH DESCRIPTION", escaped(root.get("abstract", "")),
    ]
    lines += paragraphs(root["discussion"]) if root.get("discussion") else []
    lines += [".SH OPTIONS", "These are taken by every command."]
    lines += arguments({"arguments": shared}, set())
    lines += [".SH COMMANDS"] + commands(root, ["alula"], known, examples(page))
    lines += [".SH EXIT STATUS"]
    for code, meaning in EXITS:
        lines += [".TP", bold(code), escaped(meaning)]
    lines += [
        ".SH FILES", ".TP", "\\fI~/.openclaw/openclaw.json\\fR", "The configuration.", ".TP",
        "\\fI~/.openclaw/alula/\\fR", "What alula keeps beside it: its lock, its token, the last prepared answers.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


main()
