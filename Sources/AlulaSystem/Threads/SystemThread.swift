package import AlulaPrimitives
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Threads of our own, for work that may block.
package enum SystemThread {
    /// Starts a detached thread that runs `body` and ends. It is marked as allowed to block and receives no signals.
    ///
    /// - Parameter name: For debuggers; the first 15 bytes show.
    /// - Throws: ``SystemError/Code/noResources`` when the system refuses one more thread.
    package static func start(
        name: String, stack: ByteCount = .kibibytes(768), _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stack.bytes)

        let launch = Unmanaged.passRetained(Launch(name: name, body: body))
        #if canImport(Glibc)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        // Signals are blocked before the thread exists: it inherits the mask, so none can reach it in between.
        var everything = sigset_t()
        var earlier = sigset_t()
        sigfillset(&everything)
        pthread_sigmask(SIG_SETMASK, &everything, &earlier)
        let failure = pthread_create(&thread, &attributes, threadEntry, launch.toOpaque())
        pthread_sigmask(SIG_SETMASK, &earlier, nil)
        guard failure == 0 else {
            launch.release()
            throw SystemError(
                .noResources, "The system refused to start another thread.", underlying: ErrorNumber(failure))
        }
    }

    /// Waits `duration`. Blocks the calling thread.
    package static func sleep(for duration: Duration) {
        BlockingContext.assertAllowed()
        let end = Deadline.after(duration)
        while !end.hasPassed {
            poll(nil, 0, end.pollMilliseconds)
        }
    }

    fileprivate final class Launch: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}

#if canImport(Glibc)
private func threadEntry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { runThread(argument) }
    return nil
}
#else
private func threadEntry(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    runThread(argument)
    return nil
}
#endif

private func runThread(_ argument: UnsafeMutableRawPointer) {
    let launch = Unmanaged<SystemThread.Launch>.fromOpaque(argument).takeRetainedValue()
    _ = alula_set_thread_name(launch.name)
    BlockingContext.mark()
    launch.body()
}

extension Deadline {
    /// What is left, for `poll`: whole milliseconds rounded up, at most an hour.
    var pollMilliseconds: Int32 {
        let left = min(remaining, .seconds(3600))
        let whole = left.milliseconds
        return Int32(left > .milliseconds(whole) ? whole + 1 : whole)
    }
}
