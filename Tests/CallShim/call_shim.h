#ifndef ALULA_CALL_SHIM_H
#define ALULA_CALL_SHIM_H
// What the two halves of the shim know of each other.
#include <sys/types.h>
#include <sys/uio.h>

/// The shim's own descriptors are at least this.
#define HIGH 500

/// The system's own calls.
ssize_t plain_write(int descriptor, const void *bytes, size_t count);
int plain_open(const char *path, int flags, mode_t mode);
/// Opens a file of the shim's own, to add to it; -1 if that can't be done.
int open_high(const char *path);
/// Adds a line to the trace.
void note(long number, const char *name, ino_t inode, const char *path, const char *second, long result, int failure);

/// Reads the variables.
void begin_hang_and_tap(void);
/// Returns when the disk with `path` answers.
void wait_for_disk(const char *path);
/// Copies what leaves the process.
void tap(int descriptor, const void *bytes, size_t count);
void tap_parts(int descriptor, const struct iovec *parts, size_t count);
/// Copies texts up to a null pointer.
void tap_texts(char *const texts[]);
#endif
