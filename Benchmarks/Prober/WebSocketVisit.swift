import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One visit of a client: connect, upgrade, say hello, ask for `health`, leave.
final class WebSocketVisit {
    /// What the visit waits for. Each leads to the next.
    private enum Stage {
        case challenge, hello, health
    }

    let due: MonotonicTime
    let asked: MonotonicTime
    /// When the gateway said hello.
    private(set) var helloAt: MonotonicTime?
    /// The gateway's own worst event-loop lateness, as its answer to `health` has it.
    private(set) var loopDelay: Double?
    private let line: WebSocketLine
    private let token: String
    private var stage = Stage.challenge

    init(port: Int, token: String, due: MonotonicTime) throws(BenchmarkError) {
        self.due = due
        self.token = token
        asked = .now
        line = try WebSocketLine(port: port)
    }

    var descriptor: Int32 { line.descriptor }
    var hasUnsent: Bool { line.hasUnsent }

    /// Goes on after the socket became ready.
    ///
    /// - Returns: Whether the visit is over, with the answer to `health`.
    func advance() throws(BenchmarkError) -> Bool {
        for news in try line.read() {
            switch news {
            case .text(let text): if try textReceived(text) { return true }
            case .close(let code): throw BenchmarkError(.refused, "The gateway closed with \(code).")
            case .end: throw BenchmarkError(.connectionClosed, "The gateway closed a connection.")
            }
        }
        return false
    }

    private func textReceived(_ text: [UInt8]) throws(BenchmarkError) -> Bool {
        switch stage {
        case .challenge:
            guard text.holds("connect.challenge") else { break }
            try line.send(GatewayFrames.connect(id: "bench-hello", token: token))
            stage = .hello
        case .hello:
            guard text.holds("\"bench-hello\"") else { break }
            guard text.holds("\"ok\":true") else { throw BenchmarkError(.refused, "The gateway refused the client.") }
            helloAt = .now
            try line.send(GatewayFrames.call(id: "bench-health", method: "health"))
            stage = .health
        case .health:
            guard text.holds("\"bench-health\"") else { break }
            guard text.holds("\"ok\":true") else { throw BenchmarkError(.refused, "The gateway refused health.") }
            loopDelay = text.number(after: "\"delayMaxMs\":")
            try line.sendClose()
            return true
        }
        return false
    }
}

extension [UInt8] {
    /// Whether `text` stands somewhere in these bytes. Cheaper than reading JSON of a size that the gateway chooses.
    fileprivate func holds(_ text: StaticString) -> Bool { place(of: text) != nil }

    /// The number that follows `text`.
    fileprivate func number(after text: StaticString) -> Double? {
        guard let place = place(of: text) else { return nil }
        let digits = self[(place + text.utf8CodeUnitCount)...].prefix { $0 == 0x2E || (0x30...0x39).contains($0) }
        return Double(String(decoding: digits, as: UTF8.self))
    }

    private func place(of text: StaticString) -> Int? {
        let length = text.utf8CodeUnitCount
        return withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, bytes.count >= length else { return nil }
            return (0...(bytes.count - length)).first { memcmp(start + $0, text.utf8Start, length) == 0 }
        }
    }
}
