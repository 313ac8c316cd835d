package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The machine's wall clock. Only the edge reads it; the domain is handed a ``Timestamp`` or a closure.
package enum WallClock {
    /// The time of day; a person or a time server may set it back.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
