// What a sanitizer has to find, and what it must not. Scripts/sanitize.sh runs this first: a clean run of the tests only
// says something if a dirty one would have been seen.
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Counted by two threads at once.
final class Counters: @unchecked Sendable {
    let guarded = Mutex(0)
    var bare = 0
    let isGuarded: Bool

    init(isGuarded: Bool) { self.isGuarded = isGuarded }

    func count() {
        for _ in 0..<500 {
            // Long enough for the other thread to wait, so that the kernel hands the lock over.
            if isGuarded { guarded.withLock { $0 += 1; usleep(100) } } else { bare += 1 }
        }
    }
}

func countTwice(isGuarded: Bool) {
    let counters = Counters(isGuarded: isGuarded)
    let threads = (0..<2).map { _ in
        #if canImport(Glibc)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        pthread_create(
            &thread, nil,
            { context in
                #if canImport(Glibc)
                let context = context!
                #endif
                Unmanaged<Counters>.fromOpaque(context).takeUnretainedValue().count()
                return nil
            }, Unmanaged.passUnretained(counters).toOpaque())
        return thread
    }
    #if canImport(Glibc)
    for thread in threads { pthread_join(thread, nil) }
    #else
    for thread in threads { pthread_join(thread!, nil) }
    #endif
    withExtendedLifetime(counters) {}
}

func read(isFreed: Bool) {
    let memory = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    memory.initialize(to: 1)
    if isFreed { memory.deallocate() }
    print(memory.pointee)
    if !isFreed { memory.deallocate() }
}

switch CommandLine.arguments.dropFirst().first {
case "racing": countTwice(isGuarded: false)
case "contended": countTwice(isGuarded: true)
case "freed": read(isFreed: true)
case "sound": read(isFreed: false)
default: exit(64)
}
