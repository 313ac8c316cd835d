#!/usr/bin/env bash
# Builds what stands in for broken parts of a machine (Benchmarks/Saboteurs) into the directory that the first argument
# names. Linux only; needs a C compiler.
set -euo pipefail
PLACE=$1
cd "$(dirname "$0")/.."

if [ "$(uname -s)" != Linux ]; then
    echo "These faults need Linux." >&2
    exit 69
fi
CC=$(command -v cc || command -v clang || true)
if [ -z "$CC" ]; then
    echo "A C compiler is needed for the broken parts. On Debian: sudo apt-get install -y gcc libc6-dev" >&2
    exit 69
fi

CHECKED=("$CC" -O2 -Wall -Wextra -Werror)
"${CHECKED[@]}" -shared -fPIC -o "$PLACE/preload.so" Benchmarks/Saboteurs/preload.c -ldl
"${CHECKED[@]}" -o "$PLACE/worker" Benchmarks/Saboteurs/worker.c
# A file system in user space where the machine allows one; else reads are slowed down inside the gateway.
if pkg-config --exists fuse3 2>/dev/null && [ -w /dev/fuse ]; then
    read -ra FUSE <<<"$(pkg-config --cflags --libs fuse3)"
    "${CHECKED[@]}" -o "$PLACE/slowfs" Benchmarks/Saboteurs/slowfs.c "${FUSE[@]}" -lpthread
fi
