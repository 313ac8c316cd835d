package import AlulaMeasuring
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Somebody pressed Ctrl-C: what runs is to be taken down in order.
package enum Interruption {
    /// The reason that ends whatever waits.
    package static let error = BenchmarkError(.interrupted, "Somebody ended the run.")

    private static let isWanted = Atomic<Bool>(false)

    /// Lets SIGINT, SIGTERM and SIGHUP end the run instead of the process.
    package static func install() {
        // Made before a handler could need it.
        isWanted.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.isWanted.store(true, ordering: .relaxed) }
        }
    }

    /// Throws ``error`` when somebody wants the run to end.
    package static func check() throws(BenchmarkError) {
        if isWanted.load(ordering: .relaxed) { throw error }
    }

    /// Blocks the calling thread for `milliseconds`, or less when the run is to end.
    package static func pause(milliseconds: Double) throws(BenchmarkError) {
        let end = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while MonotonicTime.now < end {
            try check()
            MonotonicTime.sleep(until: min(end, .now.advanced(byMilliseconds: 20)))
        }
    }
}
