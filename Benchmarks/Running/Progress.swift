#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What goes on, for whoever waits: on standard error.
package enum Progress {
    /// One line.
    ///
    /// - Parameter program: Who says it.
    package static func note(_ text: String, from program: String = "bench") {
        let line = Array("\(program): \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
