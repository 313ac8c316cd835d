#!/usr/bin/env bash
# Unpacks the archive and the .deb of dist/ into empty directories and uses them with an empty environment: the program
# has to read through its own worker, serve, answer and stop. With --test, packages that are broken on purpose have to be
# refused as well, each for its own reason.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

DIST=${DIST:-dist}
WORK=$(mktemp -d)
GATEWAY=
# Who installs is root, and who runs it is not.
USER_ID=$(id -u)
AS=()
if [ "$USER_ID" -eq 0 ] && command -v setpriv >/dev/null 2>&1; then
    USER_ID=65534
    AS=(setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups)
    chmod 755 "$WORK"
    if ! "${AS[@]}" test -r "$WORK"; then
        echo "verify-dist: warning: only root may look into $(dirname "$WORK"), so the packages run as root" >&2
        AS=()
    fi
fi
# Stops the gateway that this started, if it still runs, and cleans up.
leave() {
    [ -z "$GATEWAY" ] || kill -KILL "$GATEWAY" 2>/dev/null || true
    rm -rf "$WORK"
}
trap leave EXIT

fail() {
    echo "verify-dist: $*" >&2
    exit 1
}

# Runs the program $1 with nothing in its environment but a home, where the log goes too.
bare() {
    local program=$1
    shift
    "${AS[@]}" env -i HOME="$BARE_HOME" ALULA_LOG_DIR="$BARE_HOME/logs" "$program" "$@"
}

# The files that $1, the directory over a package's prefix, has to hold besides those named after it.
check_files() {
    local prefix=$1 file
    shift
    for file in bin/alula share/bash-completion/completions/alula share/fish/vendor_completions.d/alula.fish \
        share/doc/alula/THIRD-PARTY-NOTICES "$@"; do
        [ -s "$prefix/$file" ] || fail "the file $file is missing"
    done
    [ -x "$prefix/bin/alula" ] || fail "the program may not be executed"
    grep -qxE 'ExecStart=(/usr|%h/\.local)/bin/alula gateway run' "$prefix"/*/systemd/user/alula-gateway.service \
        || fail "the unit does not start the installed program"
    bash -n "$prefix/share/bash-completion/completions/alula" || fail "bash does not understand its completions"
    if command -v man >/dev/null 2>&1; then
        file=$(man --warnings --local-file "$prefix"/share/man/man1/alula.1* 2>&1 >/dev/null) || fail "man fails"
        [ -z "$file" ] || fail "the manual page has mistakes: $file"
    fi
}

check_libraries() {
    local needed
    needed=$(ldd "$1") || fail "the program is no program of this machine's"
    if grep -iE 'swift|Foundation|not found' <<<"$needed" >&2; then fail "the program needs libraries that people lack"; fi
}

# Starts a gateway, asks it, stops it.
check_gateway() {
    local program=$1 said=$WORK/said turn began ended code=0
    : >"$said"
    "${AS[@]}" env -i HOME="$BARE_HOME" ALULA_LOG_DIR="$BARE_HOME/logs" "$program" gateway run --port 0 --allow-unconfigured \
        >"$said" 2>"$WORK/log" &
    GATEWAY=$!
    for turn in $(seq 300); do
        ! grep -q 'listens on' "$said" || break
        kill -0 "$GATEWAY" 2>/dev/null || { cat "$WORK/log" >&2; fail "the gateway ended before it listened"; }
        [ "$turn" -lt 300 ] || fail "the gateway did not listen within 30 s"
        sleep 0.1
    done
    bare "$program" gateway call models.list --json >"$WORK/models" || fail "the gateway did not answer models.list"
    grep -q '"alula' "$WORK/models" || fail "the gateway lists no built-in test model"
    for turn in $(seq 100); do
        bare "$program" gateway call health --json >"$WORK/health" || fail "the gateway did not answer health"
        ! grep -q '"gatheredBy"' "$WORK/health" || break
        [ "$turn" -lt 100 ] || fail "the gateway prepared no answer within 10 s"
        sleep 0.1
    done
    grep -q '"gatheredBy" *: *"worker"' "$WORK/health" || fail "the gateway's facts are not its worker's"
    began=$(date +%s%N)
    kill -TERM "$GATEWAY"
    wait "$GATEWAY" || code=$?
    ended=$(date +%s%N)
    GATEWAY=
    [ "$code" -eq 0 ] || fail "the gateway ended with exit code $code when it was stopped"
    [ $((ended - began)) -lt 5000000000 ] || fail "the gateway took longer than 5 s to stop"
    echo "  stopped in $(((ended - began) / 1000000)) ms"
}

# Everything about the package below the prefix $1, with the further files that it has to hold.
check_package() {
    local prefix=$1
    BARE_HOME=$(mktemp -d "$WORK/home.XXXXXX")
    [ ${#AS[@]} -eq 0 ] || chown "$USER_ID" "$BARE_HOME"
    check_files "$@"
    bare "$prefix/bin/alula" doctor --self-test --no-color || fail "the self-test failed"
    [ -z "$(ls -A "$BARE_HOME")" ] || fail "the self-test left something in the home directory"
    check_libraries "$prefix/bin/alula"
    check_gateway "$prefix/bin/alula"
}

ARCHIVE_FILES=(share/systemd/user/alula-gateway.service share/zsh/site-functions/_alula share/man/man1/alula.1
    share/doc/alula/LICENSE share/doc/alula/README.md share/doc/alula/CHANGELOG.md share/doc/alula/SHA256SUMS)
DEB_FILES=(lib/systemd/user/alula-gateway.service share/zsh/vendor-completions/_alula share/man/man1/alula.1.gz
    share/doc/alula/copyright share/doc/alula/changelog.gz share/lintian/overrides/alula)

check_sums() { (cd "$1" && sha256sum --check --strict --quiet "$2") || fail "the checksums of $2 do not hold"; }

# The file of dist/ that $1 matches; exactly one.
only() {
    local found=("$DIST"/$1)
    [ ${#found[@]} -eq 1 ] && [ -f "${found[0]}" ] || fail "there is not exactly one $1 in $DIST; build with: make dist"
    echo "${found[0]}"
}

ARCHIVE=$(only 'alula-*-linux-*.tar.gz')
DEB=$(only 'alula_*.deb')
check_sums "$DIST" SHA256SUMS
[ "$(wc -l <"$DIST/SHA256SUMS")" -eq 2 ] || fail "SHA256SUMS does not name both packages"

unpack_archive() {
    mkdir -p "$1"
    tar --extract --file "$ARCHIVE" --directory "$1" --strip-components 1
}

echo "== $(basename "$ARCHIVE")"
unpack_archive "$WORK/archive"
check_sums "$WORK/archive" share/doc/alula/SHA256SUMS
(cd "$WORK/archive" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort) >"$WORK/there"
sed 's/^[0-9a-f]*  //' "$WORK/archive/share/doc/alula/SHA256SUMS" | sort | cmp -s - "$WORK/there" \
    || fail "the archive's SHA256SUMS does not name exactly its files"
check_package "$WORK/archive" "${ARCHIVE_FILES[@]}"

if command -v dpkg-deb >/dev/null 2>&1; then
    echo "== $(basename "$DEB")"
    dpkg-deb --info "$DEB" >"$WORK/info" || fail "dpkg-deb can't read the package"
    dpkg-deb --contents "$DEB" >"$WORK/contents" || fail "dpkg-deb can't list the package"
    ! awk '$2 != "root/root"' "$WORK/contents" | grep . >&2 || fail "files of the package are not root's"
    dpkg-deb -x "$DEB" "$WORK/deb"
    dpkg-deb -e "$DEB" "$WORK/deb/DEBIAN"
    (cd "$WORK/deb" && md5sum --check --strict --quiet DEBIAN/md5sums) || fail "the package's md5sums do not hold"
    check_package "$WORK/deb/usr" "${DEB_FILES[@]}"
    if command -v lintian >/dev/null 2>&1; then
        lintian --allow-root --fail-on error "$DEB" || fail "lintian found errors"
    else
        echo "verify-dist: warning: there is no lintian here; the package's form was not checked" >&2
    fi
else
    echo "verify-dist: warning: there is no dpkg-deb here; the .deb was not tried" >&2
fi

[ "${1:-}" = --test ] || exit 0

# Lets a check fail, and looks whether it did for the reason $1.
has_to_fail() {
    local reason=$1 status=0
    shift
    ("$@") >"$WORK/refusal" 2>&1 || status=$?
    [ "$status" -ne 0 ] || fail "a broken package was accepted: $reason"
    grep -qF "verify-dist: $reason" "$WORK/refusal" || { cat "$WORK/refusal" >&2; fail "refused, but not because $reason"; }
    echo "  refused: $reason"
}

echo "== broken packages"
# A program behind the system's loader works until it has to start itself as a worker.
unpack_archive "$WORK/wrapped"
mv "$WORK/wrapped/bin/alula" "$WORK/wrapped/bin/alula.real"
LOADER=$(ldd "$WORK/wrapped/bin/alula.real" | awk '$1 ~ /^\/.*ld-linux/ {print $1}')
printf '#!/bin/sh\nexec %s "${0%%/*}/alula.real" "$@"\n' "$LOADER" >"$WORK/wrapped/bin/alula"
chmod 755 "$WORK/wrapped/bin/alula"
"$WORK/wrapped/bin/alula" --version >/dev/null || fail "the wrapped program should run"
has_to_fail "the self-test failed" check_package "$WORK/wrapped" "${ARCHIVE_FILES[@]}"
has_to_fail "the checksums of share/doc/alula/SHA256SUMS do not hold" check_sums "$WORK/wrapped" share/doc/alula/SHA256SUMS

unpack_archive "$WORK/bare"
rm "$WORK/bare/share/man/man1/alula.1"
has_to_fail "the file share/man/man1/alula.1 is missing" check_package "$WORK/bare" "${ARCHIVE_FILES[@]}"

mkdir "$WORK/dist"
cp "$ARCHIVE" "$DEB" "$DIST/SHA256SUMS" "$WORK/dist"
printf x >>"$WORK/dist/$(basename "$ARCHIVE")"
has_to_fail "the checksums of SHA256SUMS do not hold" check_sums "$WORK/dist" SHA256SUMS
