package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The wall clock of this machine.
package enum SystemTime {
    /// Milliseconds since 1970.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Seconds that local clocks are ahead of UTC at `instant`.
    package static func utcOffset(at instant: Timestamp) -> Int {
        var seconds = time_t(instant.milliseconds / 1000)
        var local = tm()
        localtime_r(&seconds, &local)
        return local.tm_gmtoff
    }
}
