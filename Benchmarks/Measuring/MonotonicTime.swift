#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A point on the machine's monotonic clock, which all processes share.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The present.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// This instant moved by `milliseconds`.
    package func advanced(byMilliseconds milliseconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds + Int64(milliseconds * 1e6))
    }

    /// The time from `earlier` to this instant; negative when `earlier` is later.
    package func milliseconds(since earlier: MonotonicTime) -> Double {
        Double(nanoseconds - earlier.nanoseconds) / 1e6
    }

    /// Blocks the calling thread until `instant`.
    package static func sleep(until instant: MonotonicTime) {
        var left = instant.nanoseconds - now.nanoseconds
        while left > 0 {
            var pause = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            nanosleep(&pause, nil)
            left = instant.nanoseconds - now.nanoseconds
        }
    }

    /// Blocks the calling thread for `milliseconds`.
    package static func sleep(milliseconds: Double) { sleep(until: now.advanced(byMilliseconds: milliseconds)) }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
