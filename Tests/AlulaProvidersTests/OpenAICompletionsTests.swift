import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AlulaProviders

/// Calls to a provider on a socket, which behaves in every way that providers do.
@Suite(.timeLimit(.minutes(2)))
struct OpenAICompletionsTests {
    private static let key = "sk-fake-upstream-key"

    private struct Logins: LoginOpening {
        var headers: [(name: String, value: Secret)] = []
        func open(_ call: ModelCall) async throws -> OpenedLogin {
            OpenedLogin(secret: Secret(OpenAICompletionsTests.key), headers: headers)
        }
    }

    /// Does at once what it is given, and counts it; or has no place for anything.
    private final class CountingOffload: ComputeOffloading {
        struct Full: Error {}

        private let count = Mutex(0)
        private let isFull: Bool

        init(isFull: Bool = false) { self.isFull = isFull }

        var works: Int { count.withLock { $0 } }

        func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
            count.withLock { $0 += 1 }
            if isFull { throw Full() }
            return work()
        }
    }

    /// What came of one call.
    private struct Outcome {
        var events: [InferenceEvent] = []
        var failure: AttemptFailure?
        var text: String { events.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined() }
    }

    private static func call(_ base: String?, isStreamed: Bool = true, saying text: String = "Hi") -> ModelCall {
        var request = InferenceRequest(model: "x", messages: [Message(.user, text)], dialect: .openAIChat)
        request.isStreamed = isStreamed
        return ModelCall(
            request,
            through: FailoverRoute(model: ModelReference(provider: "lab", model: "small"), login: .configuredKey),
            for: .main, at: base, until: .after(.seconds(60)))
    }

    private static func ask(
        _ base: String?, isStreamed: Bool = true, saying text: String = "Hi", limits: UpstreamClient.Limits = .init(),
        logins: Logins = Logins(), offloading: CountingOffload = CountingOffload()
    ) async -> Outcome {
        let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton, limits: limits)
        var outcome = Outcome()
        do {
            var stream = try await OpenAICompletionsProvider(client: client, logins: logins, offloading: offloading)
                .answer(call(base, isStreamed: isStreamed, saying: text))
            while let event = try await stream.next() { outcome.events.append(event) }
        } catch let failure as AttemptFailure {
            outcome.failure = failure
        } catch {
            Issue.record("\(error)")
        }
        await client.shutdown()
        return outcome
    }

    private static func chunk(_ delta: String, _ finish: String = "null") -> String {
        "data: " + #"{"choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"# + "\n\n"
    }

    private static let stream =
        chunk(#"{"content":"Grü"}"#) + chunk(#"{"content":"ße"}"#) + chunk("{}", #""stop""#) + "data: [DONE]\n\n"
    private static let whole = #"{"choices":[{"message":{"content":"Grüße"},"finish_reason":"stop"}]}"#

    // MARK: Good answers

    @Test func asksAndReadsAStream() async throws {
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(Array(Self.stream.utf8)), .close]) {
            upstream in
            let outcome = await Self.ask(
                upstream.baseURL, logins: Logins(headers: [(name: "x-lab", value: Secret("fake-header"))]))
            #expect(outcome.text == "Grüße")
            #expect(outcome.events.last == .finished(.stop))
            #expect(outcome.failure == nil)
            let request = try #require(upstream.requests.first)
            #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1"))
            let head = request.lowercased()
            #expect(head.contains("authorization: bearer \(Self.key)"))
            #expect(head.contains("x-lab: fake-header"))
            #expect(head.contains("accept-encoding: identity"))
            #expect(request.contains(#""model":"small""#))
            #expect(request.contains(#""stream":true"#))
        }
    }

    @Test func asksAndReadsAWholeAnswer() async throws {
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", Self.whole))]) {
            upstream in
            #expect(await Self.ask(upstream.baseURL + "/", isStreamed: false).text == "Grüße")
            // A server that does not stream is understood by whoever asked for a stream.
            #expect(await Self.ask(upstream.baseURL).text == "Grüße")
            #expect(upstream.requests.allSatisfy { $0.hasPrefix("POST /v1/chat/completions ") })
            #expect(upstream.requests.first?.contains(#""stream""#) == false)
        }
    }

    @Test func understandsStreamsThatDoNotSayWhatTheyAre() async throws {
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "text/plain", Self.stream))]) {
            upstream in
            #expect(await Self.ask(upstream.baseURL).text == "Grüße")
        }
    }

    @Test func aStreamMayEndWithoutItsMark() async throws {
        let body = Self.chunk(#"{"content":"Hi"}"#) + Self.chunk("{}", #""stop""#)
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(Array(body.utf8)), .close]) {
            upstream in
            let outcome = await Self.ask(upstream.baseURL)
            #expect(outcome.text == "Hi")
            #expect(outcome.failure == nil)
        }
    }

    @Test func informationalHeadsAndTrailersAreNoAnswer() async throws {
        let head =
            "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nTrailer: x-end\r\n\r\n"
        let body = Self.stream
        let chunks = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\nx-end: 1\r\n\r\n"
        try await LoopbackUpstream.run([.write(Array((head + chunks).utf8))]) { upstream in
            #expect(await Self.ask(upstream.baseURL).text == "Grüße")
        }
    }

    /// The whole answer, as gzip has it.
    private static let packed: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 206, 200, 207, 76, 78,
        45, 86, 178, 138, 174, 86, 202, 77, 45, 46, 78, 76, 79, 85, 178, 170, 86, 74,
        206, 207, 43, 73, 205, 43, 81, 178, 82, 114, 47, 58, 188, 231, 240, 252, 84, 165,
        90, 29, 165, 180, 204, 188, 204, 226, 140, 248, 162, 212, 196, 226, 252, 60, 160, 84,
        113, 73, 126, 129, 82, 109, 108, 45, 0, 232, 134, 17, 67, 70, 0, 0, 0,
    ]

    /// 300,000 spaces, as gzip has them.
    private static let bomb: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 1, 13, 0, 0, 0, 194,
        160, 42, 239, 159, 210, 30, 14, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 248, 49, 223, 42, 31, 84, 224, 147,
        4, 0,
    ]

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let lines = [
            "HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Encoding: gzip",
            "Content-Length: \(bytes.count)",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes
    }

    /// Nobody asked for compression; some servers compress all the same.
    @Test func compressedAnswersAreUnpackedWithinBounds() async throws {
        try await LoopbackUpstream.run([.write(Self.compressed(Self.packed))]) { upstream in
            #expect(await Self.ask(upstream.baseURL, isStreamed: false).text == "Grüße")
        }
        var limits = UpstreamClient.Limits()
        limits.maximumAnswer = ByteCount(bytes: 10_000)
        try await LoopbackUpstream.run([.write(Self.compressed(Self.bomb))]) { upstream in
            #expect(await Self.ask(upstream.baseURL, isStreamed: false, limits: limits).failure != nil)
        }
        try await LoopbackUpstream.run([.write(Self.compressed(Array("no gzip".utf8))), .close]) { upstream in
            #expect(await Self.ask(upstream.baseURL, isStreamed: false).failure != nil)
        }
    }

    // MARK: Bad answers

    @Test func failuresAreJudgedByStatusAndWords() async throws {
        let cases: [(String, String, String, FailureJudgement)] = [
            ("429 Too Many Requests", "application/json", #"{"error":{"message":"slow"}}"#, .failure(.rateLimit)),
            ("401 Unauthorized", "application/json", #"{"error":{"message":"no"}}"#, .failure(.auth)),
            ("500 Oops", "text/html", "<html>nginx</html>", .failure(.timeout)),
            ("404 Not Found", "application/json", #"{"error":{"message":"no such model"}}"#, .failure(.modelNotFound)),
            ("302 Found", "text/html", "", .failure(.unclassified)),
            ("200 OK", "text/html", "<html>captive portal</html>", .failure(.unclassified)),
            ("200 OK", "application/json", #"{"error":{"message":"x","code":429}}"#, .failure(.rateLimit)),
            ("200 OK", "application/json", "", .failure(.unclassified)),
            ("200 OK", "application/json", #"{"choices":[{"message":{"content":"x"}}]}"#, .failure(.unclassified)),
            (
                "200 OK", "text/event-stream", "data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n",
                .failure(.overloaded)
            ),
            ("200 OK", "text/event-stream", "", .failure(.unclassified)),
            ("200 OK", "text/event-stream", "data: {nonsense\n\n", .failure(.unclassified)),
        ]
        for (status, type, body, judgement) in cases {
            let headers = status.hasPrefix("302") ? ["Location: https://example.com/"] : ["Retry-After: 7"]
            try await LoopbackUpstream.run([.write(LoopbackUpstream.answer(status, type, body, headers: headers))]) {
                upstream in
                let outcome = await Self.ask(upstream.baseURL)
                #expect(outcome.failure?.judgement == judgement, "\(status) \(body)")
                #expect(outcome.failure?.message.contains("<") == false, "\(status) \(body)")
                if status.hasPrefix("4") { #expect(outcome.failure?.retryAfter == .seconds(7)) }
            }
        }
    }

    /// Some providers say the key again when they reject it.
    @Test func aProvidersWordsDontShowTheKey() async throws {
        let body = #"{"error":{"message":"Incorrect API key provided: \#(Self.key)."}}"#
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("401 No", "application/json", body))]) {
            upstream in
            let outcome = await Self.ask(upstream.baseURL)
            #expect(outcome.failure?.message == "Incorrect API key provided: [secret].")
        }
        let event = "data: \(body)\n\n"
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "text/event-stream", event))]) {
            upstream in
            #expect(await Self.ask(upstream.baseURL).failure?.message.contains(Self.key) == false)
        }
    }

    @Test(arguments: [LoopbackUpstream.Step.close, .reset])
    func connectionsBreakAtEveryStage(ending: LoopbackUpstream.Step) async throws {
        let half = Self.chunk(#"{"content":"Hi"}"#)
        let stages: [[LoopbackUpstream.Step]] = [
            [], [.write(Array("HTTP/1.1 200".utf8))], [.write(LoopbackUpstream.streamHead)],
            [.write(LoopbackUpstream.streamHead), .write(Array(half.utf8))],
            [.write(LoopbackUpstream.streamHead), .write(Array(half.utf8.dropLast(9)))],
            [.write(Array(LoopbackUpstream.answer("200 OK", "application/json", Self.whole).dropLast(5)))],
            [.write(Array("This is no HTTP at all.\r\n\r\n".utf8))],
        ]
        for stage in stages {
            try await LoopbackUpstream.run(stage + [ending]) { upstream in
                let outcome = await Self.ask(upstream.baseURL)
                #expect(outcome.failure != nil)
                #expect(!outcome.events.contains(.finished(.stop)))
            }
        }
    }

    @Test func silenceIsATimeout() async throws {
        var limits = UpstreamClient.Limits()
        limits.silence = .milliseconds(100)
        let half = Array(Self.chunk(#"{"content":"Hi"}"#).utf8)
        for steps in [[], [.write(LoopbackUpstream.streamHead)], [.write(LoopbackUpstream.streamHead), .write(half)]]
            as [[LoopbackUpstream.Step]]
        {
            try await LoopbackUpstream.run(steps) { upstream in
                let outcome = await Self.ask(upstream.baseURL, limits: limits)
                #expect(outcome.failure?.judgement == .failure(.timeout))
                #expect(outcome.failure?.status == nil)
            }
        }
    }

    @Test func nobodyThereFailsAtOnce() async throws {
        try await LoopbackUpstream.run([]) { upstream in
            // A port that was somebody's a moment ago.
            let port = upstream.port
            #expect(port > 0)
        }
        let outcome = await Self.ask("http://127.0.0.1:1/v1")
        #expect(outcome.failure?.judgement == .failure(.timeout))
        #expect(await Self.ask(nil).failure != nil)
        for base in ["", "nonsense", "ftp://x", "http://"] { #expect(await Self.ask(base).failure != nil, "\(base)") }
    }

    @Test func anAnswerThatIsTooLargeIsRefused() async throws {
        var limits = UpstreamClient.Limits()
        limits.maximumAnswer = ByteCount(bytes: 1000)
        let body =
            #"{"choices":[{"message":{"content":"\#(String(repeating: "x", count: 2000))"},"finish_reason":"stop"}]}"#
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", body))]) {
            upstream in
            #expect(await Self.ask(upstream.baseURL, limits: limits).failure?.message.contains("larger") == true)
        }
    }

    // MARK: Long texts

    private static let long = String(repeating: "x", count: TextWork.maximumInline + 1)

    @Test func longRequestsAreWrittenElsewhere() async throws {
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", Self.whole))]) {
            upstream in
            let short = CountingOffload()
            #expect(await Self.ask(upstream.baseURL, offloading: short).text == "Grüße")
            #expect(short.works == 0)
            let offloading = CountingOffload()
            #expect(await Self.ask(upstream.baseURL, saying: Self.long, offloading: offloading).text == "Grüße")
            #expect(offloading.works == 1)
        }
    }

    @Test func longAnswersAreReadElsewhere() async throws {
        let body = #"{"choices":[{"message":{"content":"\#(Self.long)"},"finish_reason":"stop"}]}"#
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", body))]) {
            upstream in
            let offloading = CountingOffload()
            let outcome = await Self.ask(upstream.baseURL, isStreamed: false, offloading: offloading)
            #expect(outcome.text == Self.long)
            #expect(offloading.works == 1)
        }
    }

    @Test func longEventsAreReadElsewhere() async throws {
        let body = Self.chunk(#"{"content":"\#(Self.long)"}"#) + Self.stream
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(Array(body.utf8)), .close]) {
            upstream in
            let offloading = CountingOffload()
            #expect(await Self.ask(upstream.baseURL, offloading: offloading).text == Self.long + "Grüße")
            #expect(offloading.works > 0)
        }
    }

    @Test func withoutAPlaceForLongTextsTheCallFailsAndNobodyIsBlamed() async throws {
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", Self.whole))]) {
            upstream in
            let outcome = await Self.ask(
                upstream.baseURL, saying: Self.long, offloading: CountingOffload(isFull: true))
            #expect(outcome.failure?.judgement == .failure(.unclassified))
            #expect(outcome.failure?.message.contains("too much to do") == true)
            #expect(upstream.requests.isEmpty)
        }
    }

    // MARK: Leaving

    @Test func whoStopsReadingEndsTheCall() async throws {
        let half = Array(Self.chunk(#"{"content":"Hi"}"#).utf8)
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(half)]) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let provider = OpenAICompletionsProvider(
                client: client, logins: Logins(), offloading: CountingOffload())
            let said = AsyncStream<Void>.makeStream()
            let reading = Task {
                var stream = try await provider.answer(Self.call(upstream.baseURL))
                while try await stream.next() != nil { said.continuation.yield() }
            }
            for await _ in said.stream { break }
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
            await upstream.closed(1)
            await client.shutdown()
        }
    }
}
