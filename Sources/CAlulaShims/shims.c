#define _GNU_SOURCE
#include "CAlulaShims.h"
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>
#ifdef __linux__
#include <malloc.h>
#include <sys/prctl.h>
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

int alula_try_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

int64_t alula_file_system_type(const char *path) {
    struct statfs found;
    if (statfs(path, &found) != 0) return 0;
    return (int64_t)found.f_type;
}
