#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CBenchmarkShims.h"

#include <stddef.h>
#include <time.h>

int benchmark_poll(struct pollfd *entries, unsigned long count, int64_t nanoseconds) {
#ifdef __linux__
    struct timespec pause = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(entries, (nfds_t)count, &pause, NULL);
#else
    return poll(entries, (nfds_t)count, (int)(nanoseconds / 1000000));
#endif
}
