import AlulaJSON
import NIOCore
import NIOPosix

/// A socket on which a test writes exactly what it wants, and reads what a gateway sends.
final class RawPeer {
    /// What a gateway sends over a WebSocket.
    enum Received: Equatable {
        case text(JSONValue)
        case close(code: UInt16, reason: String)
        /// A ping or a pong.
        case ping
        /// The socket has ended.
        case ended
    }

    private let channel: any Channel
    private var incoming: AsyncStream<ByteBuffer>.AsyncIterator
    private var unread = ByteBuffer()

    private init(channel: any Channel, incoming: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.incoming = incoming.makeAsyncIterator()
    }

    /// Connects and sends nothing.
    static func connect(port: Int, host: String = "127.0.0.1") async throws -> RawPeer {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Forwarder(continuation))
                }
            }
            .connect(host: host, port: port).get()
        return RawPeer(channel: channel, incoming: stream)
    }

    /// Connects and upgrades; the challenge is the next to receive.
    static func webSocket(port: Int, headers: [String] = []) async throws -> RawPeer {
        let connection = try await connect(port: port)
        let lines =
            [
                "GET /gateway HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: ZmFrZS1rZXktZm9yLXRlc3Q=",
            ] + headers
        try await connection.write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        let head = await connection.head()
        guard head.hasPrefix("HTTP/1.1 101") else { throw Refused(head: head) }
        return connection
    }

    /// The upgrade was answered by something else.
    struct Refused: Error { let head: String }

    func write(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Ends the sending side or the whole connection.
    func close(_ mode: CloseMode = .all) async throws { try await channel.close(mode: mode) }

    /// Stops reading from the socket, as a client that hangs does.
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    /// Reads on.
    func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// Sends one frame, as ``frame(_:opcode:isFinal:isMasked:announced:reserved:)`` makes it.
    func send(
        _ payload: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true, isMasked: Bool = true, announced: Int? = nil,
        reserved: UInt8 = 0
    ) async throws {
        try await write(
            Self.frame(
                payload, opcode: opcode, isFinal: isFinal, isMasked: isMasked, announced: announced, reserved: reserved)
        )
    }

    /// The bytes of one frame, masked unless told otherwise.
    static func frame(
        _ payload: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true, isMasked: Bool = true, announced: Int? = nil,
        reserved: UInt8 = 0
    ) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger((isFinal ? 0x80 : 0) | reserved | opcode)
        let (length, mask) = (announced ?? payload.count, UInt8(isMasked ? 0x80 : 0))
        if length < 126 {
            buffer.writeInteger(mask | UInt8(length))
        } else if length < 65_536 {
            buffer.writeInteger(mask | 126)
            buffer.writeInteger(UInt16(length))
        } else {
            buffer.writeInteger(mask | 127)
            buffer.writeInteger(UInt64(length))
        }
        if isMasked {
            let key: [UInt8] = [1, 2, 3, 4]
            buffer.writeBytes(key)
            buffer.writeBytes(payload.enumerated().map { $1 ^ key[$0 & 3] })
        } else {
            buffer.writeBytes(payload)
        }
        return Array(buffer.readableBytesView)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    func send(_ value: JSONValue) async throws { try await send(value.serialized(.compact)) }

    /// The next frame.
    func receive() async throws -> Received {
        while true {
            if let frame = try takeFrame() { return frame }
            guard let bytes = await incoming.next(isolation: #isolation) else { return .ended }
            unread.writeImmutableBuffer(bytes)
        }
    }

    /// The next message that is not a ping; `nil` once the gateway closes.
    func message() async throws -> JSONValue? {
        while true {
            switch try await receive() {
            case .text(let value): return value
            case .ping: continue
            case .close, .ended: return nil
            }
        }
    }

    /// The next event of a name.
    func event(_ name: String) async throws -> JSONValue? {
        while let message = try await message() {
            if message["event"]?.string == name { return message }
        }
        return nil
    }

    /// The next answer to a request.
    func answer(to id: String) async throws -> JSONValue? {
        while let message = try await message() {
            if message["type"] == "res", message["id"]?.string == id { return message }
        }
        return nil
    }

    /// What the gateway closes with, past everything before it. The peer hangs up, as a polite client does.
    func closing() async throws -> Received {
        while true {
            switch try await receive() {
            case .text, .ping: continue
            case .ended: return .ended
            case .close(let code, let reason):
                channel.close(promise: nil)
                return .close(code: code, reason: reason)
            }
        }
    }

    /// Everything until the peer closes.
    func rest() async -> String {
        while let bytes = await incoming.next(isolation: #isolation) { unread.writeImmutableBuffer(bytes) }
        return unread.readString(length: unread.readableBytes) ?? ""
    }

    func head() async -> String {
        while true {
            if let end = unread.readableBytesView.windowed("\r\n\r\n") { return unread.readString(length: end) ?? "" }
            guard let bytes = await incoming.next(isolation: #isolation) else {
                return unread.readString(length: unread.readableBytes) ?? ""
            }
            unread.writeImmutableBuffer(bytes)
        }
    }

    private func takeFrame() throws -> Received? {
        var buffer = unread
        guard let first = buffer.readInteger(as: UInt8.self), let second = buffer.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(second)
        if length == 126 {
            guard let long = buffer.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if length == 127 {
            guard let long = buffer.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        guard var payload = buffer.readSlice(length: length) else { return nil }
        unread = buffer
        switch first & 0x0F {
        case 8:
            let code = payload.readInteger(as: UInt16.self) ?? 1005
            return .close(code: code, reason: String(buffer: payload))
        case 9, 10: return .ping
        default: return .text(try JSONValue.parse(Array(payload.readableBytesView)))
        }
    }
}

extension ByteBufferView {
    /// The length up to and with the first occurrence of `text`.
    fileprivate func windowed(_ text: String) -> Int? {
        let pattern = Array(text.utf8)
        guard count >= pattern.count else { return nil }
        for start in indices.dropLast(pattern.count - 1)
        where self[start..<start + pattern.count].elementsEqual(pattern) {
            return start - startIndex + pattern.count
        }
        return nil
    }
}

/// Hands bytes on.
private final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<ByteBuffer>.Continuation

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.finish()
        context.close(promise: nil)
    }
}
