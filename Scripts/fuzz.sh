#!/usr/bin/env bash
# Lets libFuzzer look for inputs that break a property of Fuzz/Targets, and merges what it found into Fuzz/Corpus.
#   FUZZ_SECONDS  for each target, 60 by default        FUZZ_TARGET  one target; all of them by default
#   FUZZ_MERGE    0 leaves the corpora as they are; else they become a small set that reaches as much
# What breaks is kept in Fuzz/Regressions/<target>, where the tests replay it from then on.
set -uo pipefail
cd "$(dirname "$0")/.."

seconds="${FUZZ_SECONDS:-60}"
targets="${FUZZ_TARGET:-$(ls Fuzz/Corpus)}"
scratch=.build-fuzz
flags=(--scratch-path "$scratch" --jobs "${JOBS:-2}")
ALULA_FUZZ=1 swift build "${flags[@]}" --product alula-fuzz || exit 1
program="$(ALULA_FUZZ=1 swift build "${flags[@]}" --show-bin-path)/alula-fuzz"

fuzz_one() {
    local target="$1" found="$scratch/found/$1"
    mkdir -p "$found" "Fuzz/Corpus/$target" "Fuzz/Regressions/$target"
    FUZZ_TARGET="$target" "$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="Fuzz/Regressions/$target/" \
        "$found" "Fuzz/Corpus/$target" >"$scratch/$target.log" 2>&1
    local status=$?
    rmdir "Fuzz/Regressions/$target" 2>/dev/null
    local summary
    summary="$(grep -aE '^#[0-9]+.*(DONE|pulse|NEW|REDUCE)' "$scratch/$target.log" | tail -1 | tr -s ' \t' ' ')"
    if [ $status -ne 0 ]; then
        echo "$target: BROKEN, see $scratch/$target.log"
        grep -aE 'BROKEN|Fatal error|ERROR: libFuzzer|Test unit written' "$scratch/$target.log" | head -3
        return 1
    fi
    echo "$target: $summary"
    [ "${FUZZ_MERGE:-1}" = 0 ] && return 0
    local fresh="$scratch/merged/$target"
    rm -rf "$fresh" && mkdir -p "$fresh"
    FUZZ_TARGET="$target" "$program" -set_cover_merge=1 "$fresh" "Fuzz/Corpus/$target" "$found" \
        >"$scratch/$target.merge.log" 2>&1 || return 1
    # So many are kept that the repository stays small; names are hashes, so these are any.
    rm -f "Fuzz/Corpus/$target/"* && find "$fresh" -type f | sort | head -40 | xargs -I{} cp {} "Fuzz/Corpus/$target/"
}

# Two at a time.
failed=0
running=()
for target in $targets; do
    fuzz_one "$target" &
    running+=($!)
    if [ ${#running[@]} -eq 2 ]; then
        wait "${running[0]}" || failed=1
        running=("${running[1]}")
    fi
done
for process in ${running[@]+"${running[@]}"}; do wait "$process" || failed=1; done
exit $failed
