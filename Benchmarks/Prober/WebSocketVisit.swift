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
        case upgrade, challenge, hello, health
    }

    let due: MonotonicTime
    let asked: MonotonicTime
    /// When the gateway said hello.
    private(set) var helloAt: MonotonicTime?
    /// The gateway's own worst event-loop lateness, as its answer to `health` has it.
    private(set) var loopDelay: Double?
    private let socket: LoopbackSocket
    private let token: String
    private var stage = Stage.upgrade
    private var head = HTTPResponseParser()
    private var parser = WebSocketParser()

    init(port: Int, token: String, due: MonotonicTime) throws(BenchmarkError) {
        self.due = due
        self.token = token
        asked = .now
        socket = try LoopbackSocket(port: port)
        try socket.send(GatewayFrames.upgrade(port: port))
    }

    var descriptor: Int32 { socket.descriptor }
    var hasUnsent: Bool { socket.hasUnsent }

    /// Goes on after the socket became ready.
    ///
    /// - Returns: Whether the visit is over, with the answer to `health`.
    func advance() throws(BenchmarkError) -> Bool {
        try socket.flush()
        let bytes: [UInt8]
        switch try socket.read() {
        case .nothingYet: return false
        case .closed: throw BenchmarkError(.connectionClosed, "The gateway closed a connection.")
        case .bytes(let read): bytes = read
        }
        if stage == .upgrade {
            head.append(bytes)
            guard let response = try head.next() else { return false }
            guard response.status == 101 else {
                throw BenchmarkError(.refused, "The upgrade was answered with \(response.status).")
            }
            stage = .challenge
            parser.append(head.rest)
        } else {
            parser.append(bytes)
        }
        while let message = parser.next() {
            switch message {
            case .ping(let payload): try socket.send(WebSocketParser.clientFrame(opcode: 0xA, payload))
            case .close(let code): throw BenchmarkError(.refused, "The gateway closed with \(code).")
            case .text(let text):
                if try textReceived(text) { return true }
            }
        }
        return false
    }

    private func textReceived(_ text: [UInt8]) throws(BenchmarkError) -> Bool {
        switch stage {
        case .upgrade: break
        case .challenge:
            guard text.holds("connect.challenge") else { break }
            try socket.send(GatewayFrames.connect(id: "bench-hello", token: token))
            stage = .hello
        case .hello:
            guard text.holds("\"bench-hello\"") else { break }
            guard text.holds("\"ok\":true") else { throw BenchmarkError(.refused, "The gateway refused the client.") }
            helloAt = .now
            try socket.send(GatewayFrames.call(id: "bench-health", method: "health"))
            stage = .health
        case .health:
            guard text.holds("\"bench-health\"") else { break }
            guard text.holds("\"ok\":true") else { throw BenchmarkError(.refused, "The gateway refused health.") }
            loopDelay = text.number(after: "\"delayMaxMs\":")
            try socket.send(WebSocketParser.clientFrame(opcode: 0x8, [0x03, 0xE8]))
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
