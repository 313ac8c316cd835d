// A library that tests load before a program (LD_PRELOAD): it watches the calls that change files below one directory,
// writes them into a trace, and ends the program or lets a call fail at a chosen one. Linux only; built by the tests.
//
//   ALULA_SHIM_DIRECTORY   whose files are watched
//   ALULA_SHIM_TRACE       where calls are noted, a line each; outside of the directory
//   ALULA_SHIM_FAULT       what happens: `kill:N` ends the program before the Nth change, `after:NS` so many nanoseconds
//                          after the first, `full:N` refuses every byte from the Nth on (ENOSPC), `short:N` takes half of
//                          what that one writes, `broken:N` lets the Nth flush fail (EIO)
//
//   ALULA_SHIM_HANG        `PREFIX:FIFO`: while there is the FIFO, whoever opens or looks at a file whose path begins so
//                          waits for somebody to open the FIFO for writing, like a disk that does not answer
//   ALULA_SHIM_TAP         a file that gets a copy of everything that a program called `alula…` writes, sends or
//                          gives to a child
//
// A line has eight fields with tabs between: process, number of the change or 0, name, inode, path, second path, result, errno.
// Children are watched too, also those that get no environment, but only the first process meets the fault. Besides changes
// (number > 0) the trace tells what a program that only reads would not do either: `connect` (path: host and port) and
// `spawn` (path: the program); and `start` of each watched program, and `hang` for each call that waits.
#define _GNU_SOURCE
#include "call_shim.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { OTHER, WRITE, FLUSH };
enum fault { NONE, KILL, AFTER, FULL, SHORT, BROKEN };

static char directory[PATH_MAX];
static size_t directory_length;
static int trace = -1;
static enum fault fault = NONE;
static long fault_at;
static atomic_long changes;
static atomic_long writes;
static atomic_long flushes;
static atomic_flag is_armed = ATOMIC_FLAG_INIT;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t plain_write(int descriptor, const void *bytes, size_t count) {
    REAL(write);
    return real(descriptor, bytes, count);
}

int plain_open(const char *path, int flags, mode_t mode) {
    static int (*real)(const char *, int, ...);
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    return real(path, flags, mode);
}

static void begin_fault(void);

__attribute__((constructor)) static void begin(void) {
    const char *watched = getenv("ALULA_SHIM_DIRECTORY");
    if (!watched || !*watched) return;
    begin_hang_and_tap();
    snprintf(directory, sizeof directory, "%s", watched);
    directory_length = strlen(directory);
    const char *path = getenv("ALULA_SHIM_TRACE");
    if (path) {
        trace = open_high(path);
        char program[PATH_MAX] = "";
        (void)!readlink("/proc/self/exe", program, sizeof program - 1);
        note(0, "start", 0, program, "", 0, 0);
    }
    begin_fault();
}

static void begin_fault(void) {
    const char *wanted = getenv("ALULA_SHIM_FAULT");
    const char *colon = wanted ? strchr(wanted, ':') : NULL;
    if (!colon) return;
    static const char *const names[] = {"", "kill", "after", "full", "short", "broken"};
    for (int each = KILL; each <= BROKEN; each++)
        if (strlen(names[each]) == (size_t)(colon - wanted) && !strncmp(wanted, names[each], (size_t)(colon - wanted)))
            fault = (enum fault)each;
    fault_at = atol(colon + 1);
}

static int is_below(const char *path) {
    return directory_length && path && !strncmp(path, directory, directory_length)
        && (path[directory_length] == '/' || path[directory_length] == 0);
}

// The path that a descriptor has now; empty when it is not below the directory.
static const char *path_of(int descriptor, char buffer[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = directory_length ? readlink(link, buffer, PATH_MAX - 1) : -1;
    buffer[length > 0 ? length : 0] = 0;
    if (!is_below(buffer)) buffer[0] = 0;
    return buffer;
}

static const char *absolute(int base, const char *path, char buffer[PATH_MAX]) {
    if (!path || path[0] == '/') return path ? path : "";
    char start[PATH_MAX] = "";
    if (base == AT_FDCWD) {
        if (!getcwd(start, sizeof start)) return path;
    } else {
        path_of(base, start);
    }
    // A path that does not fit is of no interest.
    if (strlen(start) + strlen(path) + 2 > PATH_MAX) return path;
    strcpy(buffer, start);
    strcat(buffer, "/");
    strcat(buffer, path);
    return buffer;
}

void note(long number, const char *name, ino_t inode, const char *path, const char *second, long result, int failure) {
    if (trace < 0) return;
    char line[2 * PATH_MAX + 200];
    int length = snprintf(
        line, sizeof line, "%d\t%ld\t%s\t%lu\t%s\t%s\t%ld\t%d\n", getpid(), number, name, (unsigned long)inode, path,
        second, result, failure);
    if (length > 0 && (size_t)length < sizeof line) (void)!plain_write(trace, line, (size_t)length);
}

static void end_process(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void arm(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec when = {.it_value = {.tv_sec = fault_at / 1000000000, .tv_nsec = fault_at % 1000000000 + 1}};
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &when, NULL) != 0) end_process();
}

// What is known about a call before it is made.
struct change {
    long number;
    ino_t inode;
    int failure;
    int is_short;
    // Whether it is worth a line at all.
    int is_watched;
};

static struct change before(enum kind kind, const char *path, int descriptor) {
    struct change change = {0};
    if (!path[0] || !is_below(path)) return change;
    struct stat found;
    int known = descriptor >= 0 ? fstat(descriptor, &found) : lstat(path, &found);
    change.inode = known == 0 ? found.st_ino : 0;
    change.is_watched = 1;
    change.number = atomic_fetch_add(&changes, 1) + 1;
    long write = kind == WRITE ? atomic_fetch_add(&writes, 1) + 1 : 0;
    long flush = kind == FLUSH ? atomic_fetch_add(&flushes, 1) + 1 : 0;
    switch (fault) {
    case KILL:
        if (change.number == fault_at) end_process();
        break;
    case AFTER:
        if (!atomic_flag_test_and_set(&is_armed)) arm();
        break;
    case FULL:
        if (write >= fault_at) change.failure = ENOSPC;
        break;
    case SHORT: change.is_short = write == fault_at; break;
    case BROKEN:
        if (flush == fault_at) change.failure = EIO;
        break;
    case NONE: break;
    }
    return change;
}

static void after(struct change change, const char *name, const char *path, const char *second, long result) {
    int failure = errno;
    if (change.is_watched) note(change.number, name, change.inode, path, second, result, result < 0 ? failure : 0);
    errno = failure;
}

#define PERFORM(kind, name, path, second, descriptor, call) \
    struct change change = before(kind, path, descriptor); \
    long result; \
    if (change.failure) { \
        errno = change.failure; \
        result = -1; \
    } else { \
        result = (long)(call); \
    } \
    after(change, name, path, second, result); \
    return (__typeof__(call))result

// Opening.

static int opened(int base, const char *given, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    static int (*real)(int, const char *, int, ...);
    if (!real) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
    wait_for_disk(given);
    // To open for reading or for writing changes nothing yet.
    if (!(flags & (O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE) return real(base, given, flags, mode);
    const char *path = absolute(base, given, buffer);
    const char *name = (flags & O_TMPFILE) == O_TMPFILE ? "openTemporary" : flags & O_CREAT ? "create" : "truncate";
    struct change change = before(OTHER, path, -1);
    int result = real(base, given, flags, mode);
    struct stat found;
    if (result >= 0 && fstat(result, &found) == 0) {
        // What was there already was not created.
        if (change.inode == found.st_ino && !(flags & O_TRUNC)) name = "open";
        change.inode = found.st_ino;
    }
    after(change, name, path, "", result);
    return result;
}

#define MODE_ARGUMENT \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) { MODE_ARGUMENT return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_ARGUMENT return opened(AT_FDCWD, path, flags, mode); }
int openat(int base, const char *path, int flags, ...) { MODE_ARGUMENT return opened(base, path, flags, mode); }
int openat64(int base, const char *path, int flags, ...) { MODE_ARGUMENT return opened(base, path, flags, mode); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// Contents.

#define HALF(count) (change.is_short && (count) > 1 ? (count) / 2 : (count))

ssize_t write(int descriptor, const void *bytes, size_t count) {
    char buffer[PATH_MAX];
    REAL(write);
    tap(descriptor, bytes, count);
    path_of(descriptor, buffer);
    PERFORM(WRITE, "write", buffer, "", descriptor, real(descriptor, bytes, HALF(count)));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    char buffer[PATH_MAX];
    REAL(pwrite);
    tap(descriptor, bytes, count);
    path_of(descriptor, buffer);
    PERFORM(WRITE, "write", buffer, "", descriptor, real(descriptor, bytes, HALF(count), offset));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    char buffer[PATH_MAX];
    REAL(writev);
    tap_parts(descriptor, parts, (size_t)count);
    path_of(descriptor, buffer);
    PERFORM(WRITE, "write", buffer, "", descriptor, real(descriptor, parts, HALF(count)));
}

int ftruncate(int descriptor, off_t length) {
    char buffer[PATH_MAX];
    REAL(ftruncate);
    path_of(descriptor, buffer);
    PERFORM(OTHER, "write", buffer, "", descriptor, real(descriptor, length));
}

int ftruncate64(int descriptor, off_t length) { return ftruncate(descriptor, length); }

int fsync(int descriptor) {
    char buffer[PATH_MAX];
    REAL(fsync);
    path_of(descriptor, buffer);
    PERFORM(FLUSH, "flush", buffer, "", descriptor, real(descriptor));
}

int fdatasync(int descriptor) {
    char buffer[PATH_MAX];
    REAL(fdatasync);
    path_of(descriptor, buffer);
    PERFORM(FLUSH, "flush", buffer, "", descriptor, real(descriptor));
}

int close(int descriptor) {
    char buffer[PATH_MAX];
    REAL(close);
    int flags = directory_length ? fcntl(descriptor, F_GETFL) : -1;
    // What was only read changes nothing when it is closed.
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || descriptor >= HIGH) return real(descriptor);
    path_of(descriptor, buffer);
    PERFORM(OTHER, "close", buffer, "", descriptor, real(descriptor));
}

int fchmod(int descriptor, mode_t mode) {
    char buffer[PATH_MAX];
    REAL(fchmod);
    path_of(descriptor, buffer);
    PERFORM(OTHER, "rights", buffer, "", descriptor, real(descriptor, mode));
}

int chmod(const char *given, mode_t mode) {
    char buffer[PATH_MAX];
    REAL(chmod);
    const char *path = absolute(AT_FDCWD, given, buffer);
    PERFORM(OTHER, "rights", path, "", -1, real(given, mode));
}

// Names.

static long renamed(int from_base, const char *from, int to_base, const char *to, unsigned flags) {
    char first[PATH_MAX], second[PATH_MAX];
    static long (*real)(long, ...);
    if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    const char *left = absolute(from_base, from, first), *right = absolute(to_base, to, second);
    const char *name = flags & RENAME_EXCHANGE ? "exchange" : "rename";
    // `renameat2` with no flags is `rename` wherever there is one.
    PERFORM(OTHER, name, left, right, -1, real(SYS_renameat2, from_base, from, to_base, to, flags));
}

int rename(const char *from, const char *to) { return (int)renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_base, const char *from, int to_base, const char *to) {
    return (int)renamed(from_base, from, to_base, to, 0);
}
int renameat2(int from_base, const char *from, int to_base, const char *to, unsigned flags) {
    return (int)renamed(from_base, from, to_base, to, flags);
}

int linkat(int from_base, const char *from, int to_base, const char *to, int flags) {
    char first[PATH_MAX], second[PATH_MAX], open_file[PATH_MAX];
    REAL(linkat);
    const char *left = absolute(from_base, from, first), *right = absolute(to_base, to, second);
    int descriptor = -1;
    // A file without a name is linked through its descriptor.
    if (sscanf(left, "/proc/self/fd/%d", &descriptor) == 1) left = path_of(descriptor, open_file);
    if (!left[0]) left = right;
    PERFORM(OTHER, "link", left, right, descriptor, real(from_base, from, to_base, to, flags));
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int base, const char *given, int flags) {
    char buffer[PATH_MAX];
    REAL(unlinkat);
    const char *path = absolute(base, given, buffer);
    PERFORM(OTHER, "unlink", path, "", -1, real(base, given, flags));
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int base, const char *given, mode_t mode) {
    char buffer[PATH_MAX];
    REAL(mkdirat);
    const char *path = absolute(base, given, buffer);
    PERFORM(OTHER, "mkdir", path, "", -1, real(base, given, mode));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

// The product asks the kernel itself for what some C libraries have no name for.
long syscall(long number, ...) {
    static long (*real)(long, ...);
    if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    va_list rest;
    va_start(rest, number);
    long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long);
    long e = va_arg(rest, long), f = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_renameat2) return renamed((int)a, (const char *)b, (int)c, (const char *)d, (unsigned)e);
    return real(number, a, b, c, d, e, f);
}

// What leaves the process.

int connect(int descriptor, const struct sockaddr *address, socklen_t length) {
    REAL(connect);
    char text[64] = "local";
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *found = (const struct sockaddr_in *)address;
        char host[INET_ADDRSTRLEN] = "";
        inet_ntop(AF_INET, &found->sin_addr, host, sizeof host);
        snprintf(text, sizeof text, "%s:%d", host, ntohs(found->sin_port));
    } else if (address->sa_family == AF_INET6) {
        snprintf(text, sizeof text, "inet6:%d", ntohs(((const struct sockaddr_in6 *)address)->sin6_port));
    }
    note(0, "connect", 0, text, "", 0, 0);
    return real(descriptor, address, length);
}

// A child is watched even where it gets an empty environment; the fault is not for it.
static int spawned(
    int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
                char *const[]),
    pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
    char *const arguments[], char *const environment[]) {
    note(0, "spawn", 0, path, "", 0, 0);
    tap_texts(arguments);
    tap_texts(environment);
    enum { INHERITED = 5 };
    static const char *const names[INHERITED] = {
        "LD_PRELOAD", "ALULA_SHIM_DIRECTORY", "ALULA_SHIM_TRACE", "ALULA_SHIM_HANG", "ALULA_SHIM_TAP"};
    size_t count = 0, kept = 0;
    while (environment && environment[count]) count++;
    char **fuller = calloc(count + INHERITED + 1, sizeof *fuller);
    char own[INHERITED][PATH_MAX + 32];
    if (!fuller) return ENOMEM;
    for (size_t each = 0; each < count; each++)
        if (strncmp(environment[each], "ALULA_SHIM_", 11) && strncmp(environment[each], "LD_PRELOAD=", 11))
            fuller[kept++] = environment[each];
    for (int each = 0; each < INHERITED; each++) {
        const char *value = getenv(names[each]);
        if (!value) continue;
        snprintf(own[each], sizeof own[each], "%s=%s", names[each], value);
        fuller[kept++] = own[each];
    }
    int result = real(pid, path, actions, attributes, arguments, fuller);
    free(fuller);
    return result;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    REAL(posix_spawn);
    return spawned(real, pid, path, actions, attributes, arguments, environment);
}

int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    REAL(posix_spawnp);
    return spawned(real, pid, path, actions, attributes, arguments, environment);
}
