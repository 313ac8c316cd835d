#!/usr/bin/env bash
# Everything that CI checks, in the same order: format, build, tests, generated pages.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "format"
make --no-print-directory lint

step "build"
swift build --jobs "${JOBS:-2}" --build-tests --explicit-target-dependency-import-check error

step "tests"
Scripts/test.sh --explicit-target-dependency-import-check error

step "generated pages"
Scripts/reference.sh --check
