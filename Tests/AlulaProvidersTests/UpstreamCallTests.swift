import AlulaAuth
import AlulaInference
import AlulaPrimitives
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import AlulaProviders

/// What a client's event loop tells, handed to the task that reads.
@Suite struct UpstreamCallTests {
    @Test func theNextPieceIsAskedForOnceOneIsRead() async throws {
        let call = UpstreamCall(time: .head)
        let task = try await Self.task()
        let loop = task.eventLoop
        for text in ["Grü", "ße"] {
            let more = call.didReceiveBodyPart(task: task, ByteBuffer(string: text))
            let asked = Success(more)
            try await loop.submit {}.get()
            #expect(!asked.isSet)
            #expect(try await Self.text(call) == text)
            try await more.get()
        }
        call.didFinishRequest(task: task)
        for _ in 1...2 { #expect(try await Self.text(call) == nil) }
    }

    @Test func aReaderThatWaitsIsHandedWhatComes() async throws {
        let call = UpstreamCall(time: .head)
        let task = try await Self.task()
        async let text = Self.text(call)
        // Whether it waits already or comes later.
        try await call.didReceiveBodyPart(task: task, ByteBuffer(string: "Hi")).get()
        #expect(try await text == "Hi")
    }

    @Test func whatCameBeforeAFailureIsReadBeforeIt() async throws {
        let call = UpstreamCall(time: .head)
        let task = try await Self.task()
        let more = call.didReceiveBodyPart(task: task, ByteBuffer(string: "Hi"))
        call.didReceiveError(task: task, HTTPClientError.readTimeout)
        call.didReceiveError(task: task, HTTPClientError.remoteConnectionClosed)
        #expect(try await Self.text(call) == "Hi")
        try await more.get()
        for _ in 1...2 {
            let failure = await #expect(throws: AttemptFailure.self) { _ = try await call.next() }
            #expect(failure?.judgement == .failure(.timeout))
        }
    }

    @Test func theTimeForAHeadThatIsThereAlreadyEndsNothing() async throws {
        let call = UpstreamCall(time: .head)
        let task = try await Self.task()
        let more = call.didReceiveHead(task: task, HTTPResponseHead(version: .http1_1, status: .ok))
        call.begin(task, until: .after(.zero))
        // Timers of one loop fire in their order.
        try await task.eventLoop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get()
        guard case .head = try await call.next() else { throw CancellationError() }
        try await more.get()
        call.didFinishRequest(task: task)
        #expect(try await Self.text(call) == nil)
    }

    @Test func nothingIsReadAfterACancel() async throws {
        let call = UpstreamCall(time: .head)
        let task = try await Self.task()
        let more = call.didReceiveBodyPart(task: task, ByteBuffer(string: "Hi"))
        call.end(CancellationError())
        // Who waits to go on is let go on, to find that out.
        try await more.get()
        try await call.didReceiveBodyPart(task: task, ByteBuffer(string: "Hi")).get()
        call.didFinishRequest(task: task)
        await #expect(throws: CancellationError.self) { _ = try await call.next() }
    }

    @Test func aReaderThatIsCancelledEndsTheCall() async throws {
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead)]) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let answer = try await client.send(
                upstream.baseURL, headers: [], body: [], until: .after(.seconds(60)))
            let reader = Task { try await answer.body.next() }
            reader.cancel()
            await #expect(throws: CancellationError.self) { _ = try await reader.value }
            await upstream.closed(1)
            await client.shutdown()
        }
    }

    @Test func aCallerThatIsCancelledBeforeAsksNobody() async throws {
        try await LoopbackUpstream.run([]) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let caller = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.send(
                    upstream.baseURL, headers: [], body: [], until: .after(.seconds(60)))
            }
            await #expect(throws: CancellationError.self) { _ = try await caller.value }
            #expect(upstream.requests.isEmpty)
            await client.shutdown()
        }
    }

    /// A task of the client that has ended, for calls that are told what to do by a test.
    private static func task() async throws -> HTTPClient.Task<Void> {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        try await client.shutdown()
        return client.execute(
            request: try HTTPClient.Request(url: "http://127.0.0.1"), delegate: UpstreamCall(time: .head))
    }

    private static func text(_ call: UpstreamCall) async throws -> String? {
        guard case .part(let part) = try await call.next() else { return nil }
        return String(buffer: part)
    }
}

/// Whether a future has succeeded.
private final class Success: Sendable {
    private let value = Mutex(false)

    init(_ future: EventLoopFuture<Void>) {
        future.whenSuccess { self.value.withLock { $0 = true } }
    }

    var isSet: Bool { value.withLock(\.self) }
}
