#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How many sockets a process may have open. Thousands of clients need more than programs get by default.
package enum SocketLimit {
    /// Lifts the limit as far as the system lets us.
    package static func raise() {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(resource, &limit)
    }
}
