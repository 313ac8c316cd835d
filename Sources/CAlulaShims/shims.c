#define _GNU_SOURCE
#include "CAlulaShims.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#else
#include <sys/mount.h>
#include <sys/param.h>
#endif

static _Thread_local int thread_role = ALULA_THREAD_UNMARKED;

int alula_thread_role(void) { return thread_role; }
void alula_set_thread_role(int role) { thread_role = role; }

int alula_set_thread_name(const char *name) {
#ifdef __linux__
    char kept[16] = {0};
    for (int i = 0; i < 15 && name[i]; i++) kept[i] = name[i];
    return pthread_setname_np(pthread_self(), kept);
#else
    return pthread_setname_np(name);
#endif
}

int64_t alula_thread_id(void) {
#ifdef __linux__
    return gettid();
#else
    uint64_t id = 0;
    pthread_threadid_np(NULL, &id);
    return (int64_t)id;
#endif
}

int alula_set_parent_death_signal(int signal) {
#ifdef __linux__
    return prctl(PR_SET_PDEATHSIG, signal);
#else
    (void)signal;
    return 0;
#endif
}

int alula_trim_heap(void) {
#ifdef __linux__
    return malloc_trim(0);
#else
    return 0;
#endif
}

int alula_return_large_blocks(void) {
#ifdef __GLIBC__
    // Setting either also ends the growth of both with what is freed.
    return mallopt(M_MMAP_THRESHOLD, 1 << 20) && mallopt(M_TRIM_THRESHOLD, 1 << 20) ? 0 : -1;
#else
    return 0;
#endif
}

int64_t alula_mapped_block_bytes(void) {
#ifdef __GLIBC__
    return (int64_t)mallinfo2().hblkhd;
#else
    return 0;
#endif
}

int alula_try_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

int alula_unlock(int descriptor) { return flock(descriptor, LOCK_UN); }

int alula_exchange_names(const char *left, const char *right) {
#ifdef __linux__
    // RENAME_EXCHANGE; not every C library has a wrapper.
    return (int)syscall(SYS_renameat2, AT_FDCWD, left, AT_FDCWD, right, 2u);
#else
    return renamex_np(left, right, RENAME_SWAP);
#endif
}

int alula_take_lease(int descriptor, int exclusive) {
#ifdef __linux__
    // The kernel tells a holder by SIGIO that somebody waits, which would end it; this signal does nothing by default.
    if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) return -1;
    return fcntl(descriptor, F_SETLEASE, exclusive ? F_WRLCK : F_RDLCK);
#else
    (void)descriptor;
    (void)exclusive;
    errno = ENOTSUP;
    return -1;
#endif
}

int alula_lease_is_wanted(int descriptor, int exclusive) {
#ifdef __linux__
    // While somebody waits, the kernel answers what the lease is to become.
    return fcntl(descriptor, F_GETLEASE) != (exclusive ? F_WRLCK : F_RDLCK);
#else
    (void)descriptor;
    (void)exclusive;
    return 0;
#endif
}

int alula_end_lease(int descriptor) {
#ifdef __linux__
    return fcntl(descriptor, F_SETLEASE, F_UNLCK);
#else
    (void)descriptor;
    return 0;
#endif
}

int64_t alula_file_system_type(const char *path) {
    struct statfs found;
    if (statfs(path, &found) != 0) return 0;
    return (int64_t)found.f_type;
}

int alula_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                const char *directory, int input, int output, int errors) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure) {
        posix_spawn_file_actions_destroy(&actions);
        return failure;
    }
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#ifdef POSIX_SPAWN_CLOEXEC_DEFAULT
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    if (!failure) failure = posix_spawnattr_setflags(&attributes, flags);
    if (!failure) failure = posix_spawnattr_setpgroup(&attributes, 0);
    if (!failure) failure = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!failure) failure = posix_spawnattr_setsigmask(&attributes, &none);
    if (!failure && directory) failure = posix_spawn_file_actions_addchdir_np(&actions, directory);
    if (!failure) failure = posix_spawn_file_actions_adddup2(&actions, input, 0);
    if (!failure) failure = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!failure) failure = posix_spawn_file_actions_adddup2(&actions, errors, 2);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
    if (!failure) failure = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

int alula_process_descriptor(pid_t pid) {
#if defined(__linux__) && defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    errno = ENOSYS;
    return -1;
#endif
}

int alula_has_ended(pid_t pid) {
    siginfo_t found = {0};
    int result;
    do {
        result = waitid(P_PID, (id_t)pid, &found, WEXITED | WNOHANG | WNOWAIT);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return -1;
    return found.si_pid == pid;
}

ssize_t alula_write_quietly(int descriptor, const void *bytes, size_t count) {
    sigset_t pipe_signal, earlier, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    int was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &earlier);
    ssize_t result;
    do {
        result = write(descriptor, bytes, count);
    } while (result < 0 && errno == EINTR);
    int failure = errno;
    if (result < 0 && failure == EPIPE && !was_pending) {
        // The signal is pending on this thread alone: take it before it can be delivered.
#ifdef __linux__
        struct timespec now = {0, 0};
        while (sigtimedwait(&pipe_signal, NULL, &now) < 0 && errno == EINTR) {}
#else
        sigpending(&pending);
        int taken;
        if (sigismember(&pending, SIGPIPE)) sigwait(&pipe_signal, &taken);
#endif
    }
    pthread_sigmask(SIG_SETMASK, &earlier, NULL);
    errno = failure;
    return result;
}

static int above_standard(int descriptor) {
    if (descriptor > 2) return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    int failure = errno;
    close(descriptor);
    errno = failure;
    return moved;
}

int alula_pipe(int ends[2]) {
#ifdef __linux__
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
#else
    if (pipe(ends) != 0) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
    ends[0] = above_standard(ends[0]);
    ends[1] = above_standard(ends[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    int failure = errno;
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
    errno = failure;
    return -1;
}
