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
/// Has blocks of a megabyte and more go back to the kernel as soon as they are freed, whichever thread had them. Without
/// it the C library keeps what each thread last used, for each thread. 0, or -1. Linux only; elsewhere 0.
int alula_return_large_blocks(void);
/// Bytes in blocks that have pages of their own and go back to the kernel when they are freed. Linux only; elsewhere 0.
int64_t alula_mapped_block_bytes(void);
/// `flock` exclusively without waiting. 0, or -1 with `errno`.
int alula_try_lock(int descriptor);
/// Ends what `alula_try_lock` began, for every copy of the descriptor. 0, or -1 with `errno`.
int alula_unlock(int descriptor);
/// Swaps two names of the same file system at once. 0, or -1 with `errno`, such as EINVAL where that can't be done.
int alula_exchange_names(const char *left, const char *right);
/// Makes the kernel hold up whoever opens the file from now on: for writing, or with `exclusive` at all. 0, or -1 with
/// `errno`: EAGAIN when somebody has it open that way. Nobody is signalled. Linux only; elsewhere ENOTSUP.
int alula_take_lease(int descriptor, int exclusive);
/// Whether somebody is held up by that lease.
int alula_lease_is_wanted(int descriptor, int exclusive);
/// Ends it and lets go on who was held up. 0, or -1 with `errno`.
int alula_end_lease(int descriptor);
/// The file system type number of the directory behind `path` (`statfs.f_type`), or 0.
int64_t alula_file_system_type(const char *path);

/// Starts `path` in a process group of its own, with default signal handling, nothing blocked, and no descriptor but
/// the three standard ones, which become copies of `input`, `output` and `errors` (all above 2).
/// `directory` may be NULL. 0, or an error number.
int alula_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                const char *directory, int input, int output, int errors);
/// A descriptor that becomes readable when `pid` ends, or -1 where the system has none.
int alula_process_descriptor(pid_t pid);
/// Whether child `pid` has ended; it is not reaped. 1, 0, or -1 with `errno`.
int alula_has_ended(pid_t pid);
/// `write` that reports a closed pipe as EPIPE and raises no signal.
ssize_t alula_write_quietly(int descriptor, const void *bytes, size_t count);
/// `pipe` with both ends above 2 and closed on exec. 0, or -1 with `errno`.
int alula_pipe(int ends[2]);

/// Has the terminal give every key at once and show none, until `alula_release_terminal`. Should this process crash before,
/// the terminal gets its settings back and `goodbye`, at most 255 bytes. One terminal at a time. 0, or -1 with `errno`.
int alula_take_terminal(int descriptor, const char *goodbye);
/// Gives the terminal its settings back. Does nothing when it was not taken.
void alula_release_terminal(void);
/// From now on a signal is its number as one byte in `descriptor`; with `once` the next one of that number does what it does
/// by default. A signal that is passed over stays so. 0, or -1 with `errno`.
int alula_route_signal(int number, int descriptor, int once);
/// The signal does again what it did before it was routed.
void alula_unroute_signal(int number);
/// Columns and rows, which are 0 where a terminal does not know. 0, or -1 with `errno`.
int alula_terminal_size(int descriptor, int *columns, int *rows);
#endif
