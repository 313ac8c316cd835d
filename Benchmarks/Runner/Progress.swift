#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What goes on, for whoever waits: on standard error.
enum Progress {
    /// One line.
    static func note(_ text: String) {
        let line = Array("bench: \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
