import Synchronization

/// What the writer of the log file tells its readers. Any thread may ask.
final class LogFileStatus: Sendable {
    private struct State {
        var path: String?
        var version: UInt64 = 0
    }

    private let state = Mutex(State())

    /// The file that is written to now; `nil` before the first line, and where none can be written.
    var path: String? { state.withLock { $0.path } }
    /// Changes whenever something was written.
    var version: UInt64 { state.withLock { $0.version } }

    func wrote(to path: String) {
        state.withLock { state in
            state.path = path
            state.version &+= 1
        }
    }
}
