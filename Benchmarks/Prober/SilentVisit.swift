import AlulaMeasuring

/// A client that opens a WebSocket and says nothing more, until the gateway's patience is over.
final class SilentVisit {
    let due: MonotonicTime
    let asked: MonotonicTime
    private let socket: LoopbackSocket
    private var isUpgraded = false
    private var head = HTTPResponseParser()
    private var parser = WebSocketParser()

    init(port: Int, due: MonotonicTime) throws(BenchmarkError) {
        self.due = due
        asked = .now
        socket = try LoopbackSocket(port: port)
        try socket.send(GatewayFrames.upgrade(port: port))
    }

    var descriptor: Int32 { socket.descriptor }
    var hasUnsent: Bool { socket.hasUnsent }

    /// Goes on after the socket became ready.
    ///
    /// - Returns: Whether the gateway has ended it as one that waited too long.
    func advance() throws(BenchmarkError) -> Bool {
        try socket.flush()
        let bytes: [UInt8]
        switch try socket.read() {
        case .nothingYet: return false
        case .closed: throw BenchmarkError(.connectionClosed, "The gateway closed a connection without a word.")
        case .bytes(let read): bytes = read
        }
        if isUpgraded {
            parser.append(bytes)
        } else {
            head.append(bytes)
            guard let response = try head.next() else { return false }
            guard response.status == 101 else {
                throw BenchmarkError(.refused, "The upgrade was answered with \(response.status).")
            }
            isUpgraded = true
            parser.append(head.rest)
        }
        while let message = parser.next() {
            switch message {
            case .ping(let payload): try socket.send(WebSocketParser.clientFrame(opcode: 0xA, payload))
            case .close(1008): return true
            case .close(let code): throw BenchmarkError(.refused, "The gateway closed with \(code).")
            case .text: break
            }
        }
        return false
    }
}
