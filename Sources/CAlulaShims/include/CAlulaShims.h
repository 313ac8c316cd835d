#ifndef ALULA_SHIMS_H
#define ALULA_SHIMS_H
// What the C library hides behind _GNU_SOURCE or variadic calls, and a role for each thread.
#include <stdint.h>
#include <sys/types.h>

#define ALULA_THREAD_UNMARKED 0
#define ALULA_THREAD_BLOCKING 1

/// What the calling thread was marked as; `ALULA_THREAD_UNMARKED` on a new thread.
int alula_thread_role(void);
/// Marks the calling thread.
void alula_set_thread_role(int role);
/// Names the calling thread; at most 15 bytes are kept. 0, or an error number.
int alula_set_thread_name(const char *name);
/// The kernel's id of the calling thread.
int64_t alula_thread_id(void);
/// Sends `signal` to this process when its parent dies. 0, or -1 with `errno`. Linux only; elsewhere 0.
int alula_set_parent_death_signal(int signal);
/// Gives freed heap pages back to the kernel. Linux only; elsewhere 0.
int alula_trim_heap(void);
/// `flock` exclusively without waiting. 0, or -1 with `errno`.
int alula_try_lock(int descriptor);
/// The file system type number of the directory behind `path` (`statfs.f_type`), or 0.
int64_t alula_file_system_type(const char *path);
#endif
