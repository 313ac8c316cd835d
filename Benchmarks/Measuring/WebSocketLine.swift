/// A client's WebSocket that never waits: it upgrades by itself, answers pings, and hands out what came.
package final class WebSocketLine {
    /// What came.
    package enum News: Sendable {
        case text([UInt8])
        /// The gateway takes its leave, with its code.
        case close(Int)
        /// There is no connection any more.
        case end
    }

    private let socket: LoopbackSocket
    private var isUpgraded = false
    private var head = HTTPResponseParser()
    private var parser = WebSocketParser()

    /// Starts to connect to a port of this machine.
    package init(port: Int) throws(BenchmarkError) {
        socket = try LoopbackSocket(port: port)
        try socket.send(GatewayFrames.upgrade(port: port))
    }

    /// For `poll`.
    package var descriptor: Int32 { socket.descriptor }
    /// Whether bytes wait for room in the kernel's buffer.
    package var hasUnsent: Bool { socket.hasUnsent }

    /// Sends whole frames, or a part of one.
    package func send(_ bytes: [UInt8]) throws(BenchmarkError) { try socket.send(bytes) }

    /// Sends the frame that ends a conversation in order.
    package func sendClose() throws(BenchmarkError) {
        try socket.send(WebSocketParser.clientFrame(opcode: 0x8, [0x03, 0xE8]))
    }

    /// Ends the connection now. With bytes unread the other side sees it reset.
    package func shut() { socket.shut() }

    /// Goes on sending, and reads what is there.
    package func read() throws(BenchmarkError) -> [News] {
        try socket.flush()
        let bytes: [UInt8]
        switch try socket.read() {
        case .nothingYet: return []
        case .closed: return [.end]
        case .bytes(let read): bytes = read
        }
        if isUpgraded {
            parser.append(bytes)
        } else {
            head.append(bytes)
            guard let response = try head.next() else { return [] }
            guard response.status == 101 else {
                throw BenchmarkError(.refused, "The upgrade was answered with \(response.status).")
            }
            isUpgraded = true
            parser.append(head.rest)
        }
        var news: [News] = []
        while let message = parser.next() {
            switch message {
            case .ping(let payload): try socket.send(WebSocketParser.clientFrame(opcode: 0xA, payload))
            case .close(let code): news.append(.close(code))
            case .text(let text): news.append(.text(text))
            }
        }
        return news
    }
}
