#!/usr/bin/env bash
# Runs the built tests, one at a time, and says at the very end which of them failed: their own lines stand far above, where
# whoever sees the end of a log alone doesn't see them. What is passed goes to `swift test`.
#
# One at a time, since hundreds at once would start as many programs, and their deadlines would measure the machine.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
swift test --no-parallel --skip-build "$@" 2>&1 | tee "$log" || status=$?
if [ "$status" -ne 0 ]; then
    printf '\n== what failed\n'
    # An issue's line with its comments ("↳"), then the tests; or how the program of the tests ended.
    grep -aE '^(✘|↳)|error:|Fatal error|unexpected signal' "$log" | cut -c1-600 | tail -n 60 || tail -n 20 "$log"
fi
exit "$status"
