#!/usr/bin/env bash
# Installs what a build needs beyond a Swift toolchain, or says what to type. Silent when nothing is missing.
set -euo pipefail

if ! command -v swift >/dev/null 2>&1; then
    echo "alula: no Swift toolchain was found. Install Swift 6.2 or newer (https://swift.org/install), then try again." >&2
    exit 69
fi

[ "$(uname -s)" = Linux ] || exit 0

missing=()
[ -e /usr/include/sqlite3.h ] || missing+=(libsqlite3-dev)
command -v pkg-config >/dev/null 2>&1 || missing+=(pkg-config)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "alula: these packages are missing: ${missing[*]}. Install them (or your system's equivalents), then try again." >&2
    exit 69
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "alula: these packages are missing: ${missing[*]}. Type: sudo apt-get install -y ${missing[*]}" >&2
    exit 69
fi
echo "alula: installing ${missing[*]}" >&2
apt-get update -qq >&2 || true
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >&2
