// Preloaded into the gateway alone, to spoil what it starts and what it reads. The gateway knows nothing of it.
//
// CHAOS_WORKER     a file whose first word says what becomes of a warm worker that is started: "sound" (or no file)
//                  leaves it alone, "unable" refuses the start, anything else is a word for CHAOS_SABOTEUR.
// CHAOS_SABOTEUR   the program that is started in the worker's place.
// CHAOS_SLOW_PATH  while the file CHAOS_SLOW_CONTROL.slow exists, reads of files below this directory take 200 ms each,
//                  in the worker too. Only for machines without FUSE.
// CHAOS_CLOCK      a file whose first eight bytes say by how many nanoseconds the wall clock is ahead.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

typedef int (*spawn_function)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                              char *const[], char *const[]);
typedef ssize_t (*read_function)(int, void *, size_t);

static ssize_t real_read(int descriptor, void *bytes, size_t count) {
    static read_function next;
    if (!next) next = (read_function)dlsym(RTLD_NEXT, "read");
    return next(descriptor, bytes, count);
}

static void wanted_mode(char *word, size_t size) {
    snprintf(word, size, "sound");
    const char *path = getenv("CHAOS_WORKER");
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    ssize_t count = real_read(descriptor, word, size - 1);
    close(descriptor);
    word[count > 0 ? count : 0] = 0;
    word[strcspn(word, " \n")] = 0;
    if (!*word) snprintf(word, size, "sound");
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    spawn_function next = (spawn_function)dlsym(RTLD_NEXT, "posix_spawn");
    if (!arguments[0] || !arguments[1] || strcmp(arguments[1], "__warm-worker"))
        return next(pid, path, actions, attributes, arguments, environment);
    char word[32];
    wanted_mode(word, sizeof word);
    if (!strcmp(word, "unable")) return EAGAIN;
    // A worker inherits nothing, but its clock and its disk are the gateway's.
    static const char *const handed_on[] = {"LD_PRELOAD", "CHAOS_SLOW_PATH", "CHAOS_SLOW_CONTROL", "CHAOS_CLOCK"};
    char entries[4][4096], *extended[64];
    size_t used = 0;
    while (environment[used] && used < 59) {
        extended[used] = environment[used];
        used++;
    }
    for (size_t index = 0; index < 4; index++) {
        const char *value = getenv(handed_on[index]);
        if (!value) continue;
        snprintf(entries[index], sizeof entries[index], "%s=%s", handed_on[index], value);
        extended[used++] = entries[index];
    }
    extended[used] = NULL;
    environment = extended;
    const char *saboteur = getenv("CHAOS_SABOTEUR");
    if (!strcmp(word, "sound") || !saboteur) return next(pid, path, actions, attributes, arguments, environment);
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) return errno;
    program[length] = 0;
    char *const replaced[] = {(char *)saboteur, word, program, NULL};
    return next(pid, saboteur, actions, attributes, replaced, environment);
}

static int reads_are_slow(void) {
    const char *control = getenv("CHAOS_SLOW_CONTROL");
    char path[4096];
    if (!control) return 0;
    snprintf(path, sizeof path, "%s.slow", control);
    return access(path, F_OK) == 0;
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    const char *slow = getenv("CHAOS_SLOW_PATH");
    if (slow && reads_are_slow()) {
        char link[64], path[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length > 0) {
            path[length] = 0;
            size_t prefix = strlen(slow);
            if (!strncmp(path, slow, prefix) && path[prefix] == '/') {
                struct timespec pause = {0, 200000000};
                nanosleep(&pause, NULL);
            }
        }
    }
    return real_read(descriptor, bytes, count);
}

// The monotonic clocks stay as they are: setting the time of day does not move them either.
static const volatile int64_t *clock_offset;

__attribute__((constructor)) static void open_clock(void) {
    const char *path = getenv("CHAOS_CLOCK");
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (page != MAP_FAILED) clock_offset = page;
}

static void shift(struct timespec *value) {
    int64_t sum = value->tv_nsec + *clock_offset % 1000000000;
    value->tv_sec += *clock_offset / 1000000000;
    if (sum < 0) {
        sum += 1000000000;
        value->tv_sec--;
    } else if (sum >= 1000000000) {
        sum -= 1000000000;
        value->tv_sec++;
    }
    value->tv_nsec = sum;
}

int clock_gettime(clockid_t clock, struct timespec *value) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int outcome = next(clock, value);
    if (outcome == 0 && clock_offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(value);
    return outcome;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
    struct timespec time;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &time)) return -1;
    value->tv_sec = time.tv_sec;
    value->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
