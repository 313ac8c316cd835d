#!/usr/bin/env bash
# Builds everything in release mode and measures the gateway beside a naive one. BENCH_QUICK=1 takes about a minute.
# BENCH_PEERS=1 also lets LiteLLM's proxy and rolter do the work of ONLY=traffic; they are fetched once, for orientation only.
# Further arguments go to the runner (see Benchmarks/Runner/BenchmarkSettings.swift).
set -euo pipefail
cd "$(dirname "$0")/.."

FLAGS=(-c release --static-swift-stdlib --jobs "${JOBS:-2}")
for product in alula alula-bench alula-bench-prober alula-bench-naive alula-bench-upstream alula-refresh-driver; do
    swift build "${FLAGS[@]}" --product "$product"
done
BINARIES=$(swift build -c release --static-swift-stdlib --show-bin-path)

# The gateway runs as it is shipped: without its symbols.
PLACE=$(mktemp -d)
trap 'rm -rf "$PLACE"' EXIT
cp "$BINARIES"/alula "$BINARIES"/alula-bench-{prober,naive,upstream} "$BINARIES/alula-refresh-driver" "$PLACE"
strip "$PLACE/alula"

OPTIONS=(--binaries "$PLACE" --stripped "$PLACE/alula" --results Benchmarks/Results --readme README.md
    --scratch "$PLACE")
[ -z "${BENCH_QUICK:-}" ] || OPTIONS+=(--quick)
if [ -n "${BENCH_PEERS:-}" ]; then
    PEERS=.build/bench-peers
    [ -x "$PEERS/bin/litellm" ] || { python3 -m venv "$PEERS" && "$PEERS/bin/pip" install --quiet 'litellm[proxy]' rolter; }
    OPTIONS+=(--peers "$PWD/$PEERS/bin")
fi
"$BINARIES/alula-bench" "${OPTIONS[@]}" "$@"
