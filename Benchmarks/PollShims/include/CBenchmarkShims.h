#ifndef C_BENCHMARK_SHIMS_H
#define C_BENCHMARK_SHIMS_H

#include <poll.h>
#include <stdint.h>

/// `poll` with a time-out in nanoseconds: the prober's requests are due to the tenth of a millisecond.
int benchmark_poll(struct pollfd *entries, unsigned long count, int64_t nanoseconds);

#endif
