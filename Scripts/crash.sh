#!/usr/bin/env bash
# Ends the built program in the middle of everything that it writes: before each call that changes a file, and CRASH_ROUNDS times
# (1,000 by default) at random instants, which CRASH_SEED chooses. Lets the disk fill up, flushes fail and writes be cut
# short too. Processes that renew an OAuth login are killed likewise. The program is the release build, as it is shipped. The
# numbers go to Benchmarks/Results/crash.md and crash.json, and to the README.
# Linux only; needs a C compiler beside Swift.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck disable=SC2086 # Several flags.
swift build ${SWIFT_FLAGS:-} --jobs "${JOBS:-2}" --build-tests
RELEASE=(-c release --static-swift-stdlib --jobs "${JOBS:-2}")
for product in alula alula-crash-driver alula-refresh-driver; do
    swift build "${RELEASE[@]}" --product "$product"
done
BINARIES=$(swift build "${RELEASE[@]}" --show-bin-path)

PLACE=$(mktemp -d)
trap 'rm -rf "$PLACE"' EXIT
cp "$BINARIES"/alula "$BINARIES"/alula-crash-driver "$BINARIES"/alula-refresh-driver "$PLACE"
strip "$PLACE/alula"
export ALULA_PROGRAMS="$PLACE" CRASH_ROUNDS="${CRASH_ROUNDS:-1000}" CRASH_RESULTS="$PWD/Benchmarks/Results"
# shellcheck disable=SC2086
swift test ${SWIFT_FLAGS:-} --no-parallel --skip-build --filter 'CrashTests|RenewalProcessTests'
cat Benchmarks/Results/crash.md

# The first table, in place of the one before.
sed -n '/^| What happens/,/^$/{/^$/!p}' Benchmarks/Results/crash.md >"$PLACE/table"
[ -s "$PLACE/table" ] && grep -q '<!-- crash:begin -->' README.md && grep -q '<!-- crash:end -->' README.md
sed -e '/<!-- crash:begin -->/,/<!-- crash:end -->/{//!d}' -e "/<!-- crash:begin -->/r $PLACE/table" README.md >"$PLACE/README.md"
cat "$PLACE/README.md" >README.md
