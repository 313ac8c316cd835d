import AlulaJSON
import AlulaPrimitives
import NIOCore
import NIOPosix
import Testing

/// A socket that sends whatever a test wants, well-formed or not.
struct RawPeer {
    /// A frame of the server.
    struct Frame {
        let opcode: UInt8
        let payload: [UInt8]
    }

    /// What a close frame says.
    struct Close: Hashable {
        let code: Int
        let text: String

        init(_ code: Int, _ text: String) {
            self.code = code
            self.text = text
        }
    }

    /// An HTTP answer.
    struct Answer {
        let status: Int
        /// Names in lower case.
        let headers: [String: String]
        let body: String
    }

    private let channel: any Channel
    private var incoming: AsyncStream<ByteBuffer>.Iterator
    private var buffer: [UInt8] = []

    /// Connects and sends nothing.
    init(port: Int) async throws {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteForwarder(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        incoming = stream.makeAsyncIterator()
    }

    /// Connects and upgrades; the challenge is the next frame.
    static func webSocket(_ rig: ServerRig, headers: [String] = []) async throws -> RawPeer {
        var peer = try await RawPeer(port: rig.port)
        let answer = try await peer.upgrade(headers)
        try #require(answer.status == 101)
        return peer
    }

    /// Connects, upgrades and is let in.
    static func admitted(_ rig: ServerRig, headers: [String] = []) async throws -> RawPeer {
        var peer = try await webSocket(rig, headers: headers)
        try await peer.send(text: connectRequest(token: ServerRig.token.exposed))
        let hello = try await peer.response(to: "c")
        try #require(hello["ok"] == true)
        return peer
    }

    /// The text of a `connect` with the id `c`.
    static func connectRequest(token: String) -> String {
        #"{"type":"req","id":"c","method":"connect","params":{"minProtocol":3,"maxProtocol":4,"#
            + #""client":{"id":"cli","version":"1","platform":"linux","mode":"cli"},"scopes":["operator.admin"],"#
            + #""auth":{"token":"\#(token)"}}}"#
    }

    /// Asks for a WebSocket and reads the head of the answer.
    mutating func upgrade(_ headers: [String] = []) async throws -> Answer {
        let lines = [
            "GET / HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        try await send(Array(((lines + headers).joined(separator: "\r\n") + "\r\n\r\n").utf8))
        return try await head()
    }

    /// Sends one request on a connection of its own and reads the answer to its end.
    static func http(
        _ rig: ServerRig, _ method: String, _ path: String, headers: [String] = []
    ) async throws -> Answer {
        var peer = try await RawPeer(port: rig.port)
        let lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers
        try await peer.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let answer = try await peer.head()
        while await peer.more() {}
        return Answer(
            status: answer.status, headers: answer.headers, body: String(decoding: peer.buffer, as: UTF8.self))
    }

    // MARK: Frames

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Sends one text message.
    func send(text: String) async throws { try await send(Self.frame(opcode: 1, Array(text.utf8))) }

    /// The bytes of one frame.
    static func frame(opcode: UInt8, isLast: Bool = true, isMasked: Bool = true, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        var bytes: [UInt8] = [(isLast ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: bytes.append(maskBit | UInt8(payload.count))
        case ..<65_536: bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(maskBit | 127)
            bytes += stride(from: 56, through: 0, by: -8).map { UInt8((payload.count >> $0) & 255) }
        }
        guard isMasked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// The next frame, or `nil` when the server hung up.
    mutating func frame() async -> Frame? {
        guard await fill(2) else { return nil }
        var (count, start) = (Int(buffer[1] & 0x7F), 2)
        if count >= 126 {
            let digits = count == 126 ? 2 : 8
            guard await fill(2 + digits) else { return nil }
            count = buffer[2..<2 + digits].reduce(0) { $0 << 8 | Int($1) }
            start += digits
        }
        guard await fill(start + count) else { return nil }
        let frame = Frame(opcode: buffer[0] & 0x0F, payload: Array(buffer[start..<start + count]))
        buffer.removeFirst(start + count)
        return frame
    }

    /// The answer to a request; what comes before it is dropped.
    mutating func response(to id: String) async throws -> JSONValue {
        while let frame = await frame() {
            guard frame.opcode == 1 else { continue }
            let value = try JSONValue.parse(frame.payload)
            if value["type"] == "res", value["id"] == .string(id) { return value }
        }
        throw PeerError.hungUp
    }

    /// Code and text of the server's close frame; what comes before it is dropped.
    mutating func close() async throws -> Close {
        while let frame = await frame() {
            guard frame.opcode == 8, frame.payload.count >= 2 else { continue }
            let code = Int(frame.payload[0]) << 8 | Int(frame.payload[1])
            return Close(code, String(decoding: frame.payload.dropFirst(2), as: UTF8.self))
        }
        throw PeerError.hungUp
    }

    // MARK: Reading

    private mutating func head() async throws -> Answer {
        let end = Array("\r\n\r\n".utf8)
        while buffer.firstRange(of: end) == nil {
            guard await more() else { throw PeerError.hungUp }
        }
        guard let length = buffer.firstRange(of: end) else { throw PeerError.hungUp }
        let lines = String(decoding: buffer[..<length.lowerBound], as: UTF8.self).split(separator: "\r\n")
        buffer.removeFirst(length.upperBound)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Answer(status: status ?? 0, headers: headers, body: "")
    }

    private mutating func fill(_ count: Int) async -> Bool {
        while buffer.count < count { guard await more() else { return false } }
        return true
    }

    private mutating func more() async -> Bool {
        guard let bytes = await incoming.next(isolation: #isolation) else { return false }
        buffer += Array(bytes.readableBytesView)
        return true
    }
}

/// Why a peer got no answer.
enum PeerError: Error {
    /// The server ended the connection.
    case hungUp
}

/// Hands what arrives to a stream.
private final class ByteForwarder: ChannelInboundHandler {
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
