// Preloaded into the gateway alone, to spoil what it starts and what it reads. The gateway knows nothing of it.
//
// CHAOS_WORKER     a file whose first word says what becomes of a warm worker that is started: "sound" (or no file)
//                  leaves it alone, "unable" refuses the start, anything else is a word for CHAOS_SABOTEUR.
// CHAOS_SABOTEUR   the program that is started in the worker's place.
// CHAOS_SLOW_PATH  reads of files below this directory take 200 ms each, in the worker too. Only for machines without
//                  FUSE.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    const char *slow = getenv("CHAOS_SLOW_PATH"), *preload = getenv("LD_PRELOAD");
    char slow_entry[4096], preload_entry[4096], *extended[64];
    if (slow && preload) {
        size_t count = 0;
        while (environment[count] && count < 60) {
            extended[count] = environment[count];
            count++;
        }
        snprintf(slow_entry, sizeof slow_entry, "CHAOS_SLOW_PATH=%s", slow);
        snprintf(preload_entry, sizeof preload_entry, "LD_PRELOAD=%s", preload);
        extended[count++] = slow_entry;
        extended[count++] = preload_entry;
        extended[count] = NULL;
        environment = extended;
    }
    const char *saboteur = getenv("CHAOS_SABOTEUR");
    if (!strcmp(word, "sound") || !saboteur) return next(pid, path, actions, attributes, arguments, environment);
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) return errno;
    program[length] = 0;
    char *const replaced[] = {(char *)saboteur, word, program, NULL};
    return next(pid, saboteur, actions, attributes, replaced, environment);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    const char *slow = getenv("CHAOS_SLOW_PATH");
    if (slow) {
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
