// Only in builds for a sanitizer (`make tsan`, `make asan`); empty in every other.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
// Programs that tests start get an environment of their own, and what they print may go nowhere. So what is found goes
// into files, where Scripts/sanitize.sh looks.
#define OPTIONS "log_path=/tmp/alula-sanitizer/report:log_exe_name=1"
#endif

#if __has_feature(address_sanitizer)
// Swift marks pointers in bits that it has no other use for, so the search for leaks takes what every global holds for lost.
const char *__asan_default_options(void) { return OPTIONS ":detect_leaks=0"; }
#endif

#if __has_feature(thread_sanitizer)
const char *__tsan_default_options(void) { return OPTIONS; }

#ifdef __linux__
// Makes Swift's `Mutex` visible to the thread sanitizer.
//
// On Linux `Mutex` is a futex. As long as nobody waits it is taken and given back by atomic operations in our own code,
// which the sanitizer sees. Otherwise it is handed over by the kernel, in functions of the runtime's library that are
// built without the sanitizer: the new owner seems to have come from nowhere, and everything that the lock guards is
// reported as a race. The two functions here take the place of the library's, since a program's own symbols come first.
// They call the library's, and say what happened.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT_METHOD __attribute__((swiftcall))
#define SWIFT_SELF __attribute__((swift_context))
#define LOCK_SYMBOL "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SYMBOL "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

typedef SWIFT_METHOD void LockSlowly(uint32_t thread, SWIFT_SELF void *handle);
typedef SWIFT_METHOD void UnlockSlowly(SWIFT_SELF void *handle);

// The library's function, which is looked up once. Without it nothing can go on.
static void *found(const char *symbol, _Atomic(void *) *kept) {
    void *function = atomic_load(kept);
    if (function) return function;
    function = dlsym(RTLD_NEXT, symbol);
    if (!function) abort();
    atomic_store(kept, function);
    return function;
}

SWIFT_METHOD void alula_lock_slowly(uint32_t thread, SWIFT_SELF void *handle) __asm__(LOCK_SYMBOL);
SWIFT_METHOD void alula_lock_slowly(uint32_t thread, SWIFT_SELF void *handle) {
    static _Atomic(void *) original;
    ((LockSlowly *)found(LOCK_SYMBOL, &original))(thread, handle);
    __tsan_acquire(handle);
}

SWIFT_METHOD void alula_unlock_slowly(SWIFT_SELF void *handle) __asm__(UNLOCK_SYMBOL);
SWIFT_METHOD void alula_unlock_slowly(SWIFT_SELF void *handle) {
    static _Atomic(void *) original;
    __tsan_release(handle);
    ((UnlockSlowly *)found(UNLOCK_SYMBOL, &original))(handle);
}
#endif
#endif
#endif
