#!/usr/bin/env bash
# Builds everything with one of the compiler's sanitizers and runs the tests: thread (make tsan) or address (make asan).
#   SANITIZE_FILTER   only suites or tests whose name matches, as for swift test --filter
# Ends with 1 when something was found, in the tests' own process or in a program that they started.
set -uo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
thread) dirty=racing clean=contended ;;
address) dirty=freed clean=sound ;;
*) echo "usage: $0 thread|address" >&2; exit 64 ;;
esac
kind="$1" scratch=".build-$1" reports=/tmp/alula-sanitizer
# The same places as in Sources/CAlulaShims/sanitizers.c. The environment wins over those, so it must not say otherwise.
unset TSAN_OPTIONS ASAN_OPTIONS
flags=(--sanitize "$kind" --scratch-path "$scratch" --jobs "${JOBS:-2}")

step() { printf '\n== %s\n' "$*"; }
# Whether there is a report: the directory alone is made by every program.
found() { compgen -G "$reports/*" >/dev/null; }

# Tests that mean nothing here, each with its reason:
skipped=(
    # It bounds the size of files, and what the sanitizer keeps its own memory in is a file.
    aDiskThatFillsUpLeavesTheOldText
    # It asks the allocator, and here that is the sanitizer's.
    largeBlocksStayTheKernelsHoweverLargeAnEarlierOneWas
    # They send the signal of a crash, which the sanitizer takes for a finding.
    secretsStayWhereTheyAreWhenTheProgramCrashes signalsEndItAndTheTerminalIsAsBefore
)

step "what the sanitizer has to find"
mkdir -p "$scratch"
clang -O1 -g "-fsanitize=$kind" -c Sources/CAlulaShims/sanitizers.c -o "$scratch/sanitizers.o" || exit 1
swiftc -g "-sanitize=$kind" Scripts/Sanitizers/probe.swift "$scratch/sanitizers.o" -o "$scratch/probe" \
    2> >(grep -v 'Cannot export local symbol' >&2) || exit 1
rm -rf "$reports"
"$scratch/probe" "$clean" >/dev/null || { echo "It finds something in a sound program."; cat "$reports"/*; exit 1; }
if "$scratch/probe" "$dirty" >/dev/null || ! found; then
    echo "It does not find the planted defect."
    exit 1
fi
echo "found in \"$dirty\", nothing in \"$clean\""
rm -rf "$reports"

step "build"
swift build "${flags[@]}" --build-tests || exit 1

step "tests"
filters=()
[ -n "${SANITIZE_FILTER:-}" ] && filters+=(--filter "$SANITIZE_FILTER")
for test in "${skipped[@]}"; do filters+=(--skip "$test"); done
swift test "${flags[@]}" --no-parallel --skip-build "${filters[@]}"
status=$?

if found; then
    step "found"
    grep -h '^SUMMARY' "$reports"/* | sort | uniq -c | sort -rn
    echo "Whole reports: $reports"
    exit 1
fi
exit $status
