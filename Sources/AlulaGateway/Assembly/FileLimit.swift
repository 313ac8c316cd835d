#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How many files and sockets this process may have open.
enum FileLimit {
    /// More are not asked for: each has a cost in the kernel, and a leak should be noticed some day.
    private static let most = 65_536

    /// How many may be open now; `nil` when the system does not tell, or sets no limit.
    static var current: Int? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif

    /// Lifts the limit as far as the system lets us. What users get by default is a limit for interactive programs, and
    /// a thousand clients would be more.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let wanted = min(limit.rlim_max, rlim_t(most))
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        // Refused means that the limit stays, which is no reason not to start.
        _ = setrlimit(resource, &limit)
    }
}
