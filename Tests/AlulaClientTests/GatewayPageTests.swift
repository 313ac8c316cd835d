import AlulaPrimitives
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import AlulaClient

/// Pages over HTTP: whole or an error with a code, whatever the other end does.
@Suite(.timeLimit(.minutes(1)))
struct GatewayPageTests {
    /// What the other end answers and whether it hangs up then.
    private static func answering(
        _ answer: String?, hangsUp: Bool = true, _ body: (GatewayAddress) async throws -> Void
    ) async throws -> String {
        let seen = Seen()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OneAnswer(answer, hangsUp: hangsUp, seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        // The path of the address is the WebSocket's and not the page's.
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(GatewayAddress(host: "127.0.0.1", port: port, path: "/ws")))
        } catch {
            result = .failure(error)
        }
        try await listener.close()
        try result.get()
        return seen.text.withLock { $0 }
    }

    private static func failure(
        _ answer: String?, hangsUp: Bool = true, patience: Duration = .seconds(30)
    ) async throws -> ClientError.Code? {
        var code: ClientError.Code?
        _ = try await answering(answer, hangsUp: hangsUp) { address in
            let error = await #expect(throws: ClientError.self) {
                _ = try await GatewayPage.fetch(
                    "/metrics", of: address, maximum: .kibibytes(1), deadline: .after(patience))
            }
            code = error?.code
        }
        return code
    }

    @Test func aPageIsReadWithTheCallersSecret() async throws {
        let request = try await Self.answering(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\na 1\r\n2\r\n\nb\r\n0\r\n\r\n"
        ) { address in
            let text = try await GatewayPage.fetch(
                "/metrics", of: address, bearer: Secret("fake-token"), deadline: .after(.seconds(30)))
            #expect(text == "a 1\nb")
        }
        #expect(request.hasPrefix("GET /metrics HTTP/1.1\r\n"))
        #expect(request.contains("\r\nAuthorization: Bearer fake-token\r\n"))
    }

    @Test func withoutASecretNoneIsSent() async throws {
        let request = try await Self.answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") { address in
            let text = try await GatewayPage.fetch("/", of: address, deadline: .after(.seconds(30)))
            #expect(text == "")
        }
        #expect(!request.contains("Authorization"))
    }

    @Test(
        arguments: [
            ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", .unauthorized),
            ("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n", .unauthorized),
            ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", .malformedAnswer),
            ("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", .remote),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + String(repeating: "x", count: 2000), .malformedAnswer),
            ("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf", .closed),
            ("nonsense\r\n\r\n", .malformedAnswer),
            ("", .closed),
        ] as [(String, ClientError.Code)])
    func everythingElseHasACode(_ answer: String, _ code: ClientError.Code) async throws {
        #expect(try await Self.failure(answer) == code)
    }

    @Test func whoSaysNothingIsNotWaitedForForever() async throws {
        #expect(try await Self.failure(nil, hangsUp: false, patience: .milliseconds(200)) == .timedOut)
    }

    @Test func aCancelledReadEnds() async throws {
        _ = try await Self.answering(nil, hangsUp: false) { address in
            let reading = Task {
                try await GatewayPage.fetch("/metrics", of: address, deadline: .after(.seconds(600)))
            }
            reading.cancel()
            await #expect(throws: (any Error).self) { try await reading.value }
        }
    }

    @Test func whereNobodyListensIsUnreachable() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await listener.close()
        let error = await #expect(throws: ClientError.self) {
            _ = try await GatewayPage.fetch(
                "/metrics", of: GatewayAddress(host: "127.0.0.1", port: port), deadline: .after(.seconds(30)))
        }
        #expect(error?.code == .unreachable)
    }
}

/// What a listener was sent.
private final class Seen: Sendable {
    let text = Mutex("")
}

/// Answers the first request, whatever it is.
private final class OneAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String?
    private let hangsUp: Bool
    private let seen: Seen

    init(_ answer: String?, hangsUp: Bool, _ seen: Seen) {
        self.answer = answer
        self.hangsUp = hangsUp
        self.seen = seen
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        let whole = seen.text.withLock { kept in
            kept += text
            return kept
        }
        guard whole.hasSuffix("\r\n\r\n") else { return }
        if let answer {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
        if hangsUp { context.close(promise: nil) }
    }
}
