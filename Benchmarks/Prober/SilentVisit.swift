import AlulaMeasuring

/// A client that opens a WebSocket and says nothing more, until the gateway's patience is over.
final class SilentVisit {
    let due: MonotonicTime
    let asked: MonotonicTime
    private let line: WebSocketLine

    init(port: Int, due: MonotonicTime) throws(BenchmarkError) {
        self.due = due
        asked = .now
        line = try WebSocketLine(port: port)
    }

    var descriptor: Int32 { line.descriptor }
    var hasUnsent: Bool { line.hasUnsent }

    /// Goes on after the socket became ready.
    ///
    /// - Returns: Whether the gateway has ended it as one that waited too long.
    func advance() throws(BenchmarkError) -> Bool {
        for news in try line.read() {
            switch news {
            case .close(1008): return true
            case .close(let code): throw BenchmarkError(.refused, "The gateway closed with \(code).")
            case .end: throw BenchmarkError(.connectionClosed, "The gateway closed a connection without a word.")
            case .text: break
            }
        }
        return false
    }
}
