import AlulaAuth
import AlulaInference
import AlulaPrimitives
import NIOPosix
import Testing

@testable import AlulaProviders

/// What every kind of API has to do, against a provider on a socket that behaves in every way that providers do.
@Suite(.timeLimit(.minutes(5)))
struct ProviderContractTests {
    // MARK: Good answers

    @Test(arguments: SpokenKind.all) func asksAndReadsAStream(_ kind: SpokenKind) async throws {
        let body = Array(kind.stream("Grü", "ße").utf8)
        try await LoopbackUpstream.run([.write(kind.streamHead), .write(body), .close]) { upstream in
            let outcome = await ProviderCall.ask(
                kind, upstream.baseURL,
                logins: FixedLogin(headers: [(name: "x-lab", value: Secret("fake-header"))]))
            #expect(outcome.text == "Grüße")
            #expect(outcome.events.contains(.finished(.stop)))
            #expect(outcome.failure == nil)
            let request = try #require(upstream.requests.first)
            #expect(request.hasPrefix("POST \(kind.streamPath ?? kind.path) HTTP/1.1"))
            let head = request.lowercased()
            #expect(head.contains("\(kind.keyLine(FixedLogin.key))\r\n"))
            #expect(head.contains("x-lab: fake-header"))
            #expect(head.contains("accept-encoding: identity"))
            #expect(request.contains(kind.marks.model))
            #expect(request.contains(kind.marks.stream))
        }
    }

    @Test(arguments: SpokenKind.all) func asksAndReadsAWholeAnswer(_ kind: SpokenKind) async throws {
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("Grüße", true))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            #expect(await ProviderCall.ask(kind, upstream.baseURL + "/", isStreamed: false).text == "Grüße")
            // A server that does not stream is understood by whoever asked for a stream.
            #expect(await ProviderCall.ask(kind, upstream.baseURL).text == "Grüße")
            #expect(upstream.requests.first?.hasPrefix("POST \(kind.path) ") == true)
            #expect(upstream.requests.first?.contains(kind.marks.stream) == kind.alwaysStreams)
        }
    }

    @Test(arguments: SpokenKind.all) func understandsStreamsThatDoNotSayWhatTheyAre(_ kind: SpokenKind) async throws {
        let answer = LoopbackUpstream.answer("200 OK", "text/plain", kind.stream("Grü", "ße"))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            #expect(await ProviderCall.ask(kind, upstream.baseURL).text == "Grüße")
        }
    }

    @Test(arguments: SpokenKind.all) func informationalHeadsAndTrailersAreNoAnswer(_ kind: SpokenKind) async throws {
        let head =
            "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: \(kind.streamType)\r\nTransfer-Encoding: chunked\r\nTrailer: x-end\r\n\r\n"
        let body = kind.stream("Grüße")
        let chunks = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\nx-end: 1\r\n\r\n"
        try await LoopbackUpstream.run([.write(Array((head + chunks).utf8))]) { upstream in
            #expect(await ProviderCall.ask(kind, upstream.baseURL).text == "Grüße")
        }
    }

    // MARK: Logins

    /// A token may be refused before its end: somebody signed out elsewhere, or a provider forgot it.
    @Test(arguments: SpokenKind.all) func aLoginThatIsRefusedIsRenewedOnce(_ kind: SpokenKind) async throws {
        let refusal = LoopbackUpstream.answer("401 Unauthorized", "application/json", kind.error(401, "Go away."))
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("Grüße", true))
        let login = FixedLogin(next: "fake-renewed")
        try await LoopbackUpstream.run(inTurn: [[.write(refusal)], [.write(answer)]]) { upstream in
            let outcome = await ProviderCall.ask(kind, upstream.baseURL, isStreamed: false, logins: login)
            #expect(outcome.text == "Grüße")
            let heads = upstream.requests.map { $0.lowercased() }
            #expect(heads.count == 2)
            #expect(heads.first?.contains(kind.keyLine(FixedLogin.key)) == true)
            #expect(heads.last?.contains(kind.keyLine("fake-renewed")) == true)
        }
        try await LoopbackUpstream.run([.write(refusal)]) { upstream in
            let outcome = await ProviderCall.ask(kind, upstream.baseURL, logins: login)
            #expect(outcome.failure?.judgement == .failure(.auth))
            #expect(upstream.requests.count == 2)
        }
        for login in [FixedLogin(), FixedLogin(next: "fake-renewed", failsToRenew: true)] {
            try await LoopbackUpstream.run([.write(refusal)]) { upstream in
                let outcome = await ProviderCall.ask(kind, upstream.baseURL, logins: login)
                #expect(outcome.failure?.judgement == .failure(.auth))
                #expect(outcome.failure?.message.contains("Go away.") == true)
                #expect(upstream.requests.count == 1)
            }
        }
    }

    // MARK: Streams as bytes

    @Test(.bug(id: "B99"), arguments: SpokenKind.all)
    func aStreamSaysTheSameWhereverItIsCut(_ kind: SpokenKind) throws {
        let bytes = Array(kind.rich.stream.utf8)
        #expect(try ProviderCall.answer(kind.decode([bytes])) == kind.richAnswer)
        for cut in 0...bytes.count {
            let events = try kind.decode([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(try ProviderCall.answer(events) == kind.richAnswer, "cut at \(cut)")
        }
        #expect(try ProviderCall.answer(kind.decode(bytes.map { [$0] })) == kind.richAnswer)
    }

    @Test(arguments: SpokenKind.all) func lineEndsCommentsAndFieldsDontMatter(_ kind: SpokenKind) throws {
        let text = kind.rich.stream
        for (index, variant) in kind.variants(text).enumerated() {
            #expect(try ProviderCall.answer(kind.decode([Array(variant.utf8)])) == kind.richAnswer, "\(index)")
        }
    }

    @Test(.bug(id: "B97"), arguments: SpokenKind.all)
    func aStreamThatIsCutOffIsNoAnswer(_ kind: SpokenKind) throws {
        let bytes = Array(kind.stream("Hi", " there").utf8)
        let closing = bytes.count - kind.closing.utf8.count
        for end in 0...closing {
            #expect(throws: AttemptFailure.self, "cut off at \(end)") { try kind.decode([Array(bytes[..<end])]) }
        }
    }

    @Test(arguments: SpokenKind.all) func wholeAnswersAndStreamsSayTheSame(_ kind: SpokenKind) async throws {
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.rich.whole)
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let outcome = await ProviderCall.ask(kind, upstream.baseURL, isStreamed: false)
            let whole = try ProviderCall.answer(outcome.events)
            #expect(whole.text == kind.richAnswer.text)
            #expect(whole.parts.first == kind.richAnswer.parts.first)
            #expect(whole.toolCalls.map(\.name) == ["look", "wait"])
            #expect(whole.finish == .toolCalls)
            #expect(whole.usage == kind.richAnswer.usage)
        }
    }

    // MARK: Bad answers

    @Test(arguments: SpokenKind.all) func failuresAreJudgedByStatusAndWords(_ kind: SpokenKind) async throws {
        let json = "application/json"
        var cases: [(String, String, String, FailureJudgement)] = [
            ("429 Too Many Requests", json, kind.error(429, "slow"), .failure(.rateLimit)),
            ("401 Unauthorized", json, kind.error(401, "no"), .failure(.auth)),
            ("402 Payment Required", json, kind.error(402, "no"), .failure(.billing)),
            ("400 Bad Request", json, kind.error(400, "prompt is too long: 9 > 8"), .contextOverflow),
            ("404 Not Found", json, kind.error(404, "no such model"), .failure(.modelNotFound)),
            ("529 Overloaded", json, kind.error(529, "Overloaded"), .failure(.overloaded)),
            ("500 Oops", "text/html", "<html>nginx</html>", .failure(.timeout)),
            ("502 Oops", json, "", .failure(.timeout)),
            ("302 Found", "text/html", "", .failure(.unclassified)),
            ("200 OK", "text/html", "<html>captive portal</html>", .failure(.unclassified)),
            ("200 OK", json, kind.error(429, "x"), .failure(.rateLimit)),
            ("200 OK", json, "", .failure(.unclassified)), ("200 OK", json, "[]", .failure(.unclassified)),
            ("200 OK", json, "{}", .failure(.unclassified)),
            ("200 OK", json, kind.whole("x", false), .failure(.unclassified)),
            ("200 OK", kind.streamType, kind.errorEvent(529, "overloaded"), .failure(.overloaded)),
            ("200 OK", kind.streamType, kind.opening + kind.errorEvent(429, "x"), .failure(.rateLimit)),
            ("200 OK", kind.streamType, "", .failure(.unclassified)),
            ("200 OK", kind.streamType, kind.opening, .failure(.unclassified)),
        ]
        cases += kind.nonsense.map { ("200 OK", kind.streamType, $0, .failure(.unclassified)) }
        for (status, type, body, judgement) in cases {
            let headers = status.hasPrefix("302") ? ["Location: https://example.com/"] : ["Retry-After: 7"]
            try await LoopbackUpstream.run([.write(LoopbackUpstream.answer(status, type, body, headers: headers))]) {
                upstream in
                let outcome = await ProviderCall.ask(kind, upstream.baseURL)
                #expect(outcome.failure?.judgement == judgement, "\(status) \(body)")
                #expect(outcome.failure?.message.contains("<") == false, "\(status) \(body)")
                #expect(outcome.text.isEmpty)
                if status.hasPrefix("4") { #expect(outcome.failure?.retryAfter == .seconds(7)) }
            }
        }
    }

    /// Some providers say the key again when they reject it.
    @Test(arguments: SpokenKind.all) func aProvidersWordsDontShowTheKey(_ kind: SpokenKind) async throws {
        let words = "Incorrect API key provided: \(FixedLogin.key)."
        let refusal = LoopbackUpstream.answer("401 No", "application/json", kind.error(401, words))
        try await LoopbackUpstream.run([.write(refusal)]) { upstream in
            let outcome = await ProviderCall.ask(kind, upstream.baseURL)
            #expect(outcome.failure?.message == "Incorrect API key provided: [secret].")
        }
        let event = LoopbackUpstream.answer("200 OK", kind.streamType, kind.errorEvent(401, words))
        try await LoopbackUpstream.run([.write(event)]) { upstream in
            let outcome = await ProviderCall.ask(kind, upstream.baseURL)
            #expect(outcome.failure?.message == "Incorrect API key provided: [secret].")
        }
    }

    @Test(arguments: SpokenKind.all, [LoopbackUpstream.Step.close, .reset])
    func connectionsBreakAtEveryStage(_ kind: SpokenKind, ending: LoopbackUpstream.Step) async throws {
        let half = Array((kind.opening + kind.said("Hi")).utf8)
        let whole = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("Hi", true))
        let stages: [[LoopbackUpstream.Step]] = [
            [], [.write(Array("HTTP/1.1 200".utf8))], [.write(kind.streamHead)],
            [.write(kind.streamHead), .write(half)],
            [.write(kind.streamHead), .write(half.dropLast(9))],
            [.write(Array(whole.dropLast(5)))], [.write(Array("This is no HTTP at all.\r\n\r\n".utf8))],
        ]
        for stage in stages {
            try await LoopbackUpstream.run(stage + [ending]) { upstream in
                let outcome = await ProviderCall.ask(kind, upstream.baseURL)
                #expect(outcome.failure != nil)
                #expect(!outcome.events.contains(.finished(.stop)))
            }
        }
    }

    @Test(arguments: SpokenKind.all) func silenceIsATimeout(_ kind: SpokenKind) async throws {
        var limits = UpstreamClient.Limits()
        limits.silence = .milliseconds(100)
        let half = Array((kind.opening + kind.said("Hi")).utf8)
        for steps in [[], [.write(kind.streamHead)], [.write(kind.streamHead), .write(half)]]
            as [[LoopbackUpstream.Step]]
        {
            try await LoopbackUpstream.run(steps) { upstream in
                let outcome = await ProviderCall.ask(kind, upstream.baseURL, limits: limits)
                #expect(outcome.failure?.judgement == .failure(.timeout))
                #expect(outcome.failure?.status == nil)
            }
        }
    }

    /// The owner's time for a provider is one for the whole answer, and silence is no reason to end it before.
    @Test(arguments: SpokenKind.all) func aTimeOfItsOwnBoundsTheWholeAnswer(_ kind: SpokenKind) async throws {
        var limits = UpstreamClient.Limits()
        limits.silence = .milliseconds(20)
        let half = Array((kind.opening + kind.said("Hi")).utf8)
        for steps in [[], [.write(kind.streamHead)], [.write(kind.streamHead), .write(half)]]
            as [[LoopbackUpstream.Step]]
        {
            try await LoopbackUpstream.run(steps) { upstream in
                let outcome = await ProviderCall.ask(
                    kind, upstream.baseURL, limits: limits, within: .milliseconds(200))
                #expect(outcome.failure == UpstreamCall.overTime)
                #expect(outcome.failure?.judgement == .failure(.timeout) && outcome.failure?.status == nil)
                #expect(outcome.text == (steps.count == 2 ? "Hi" : ""))
            }
        }
        let whole = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("Grüße", true))
        try await LoopbackUpstream.run([.write(whole)]) { upstream in
            #expect(await ProviderCall.ask(kind, upstream.baseURL, within: .seconds(60)).text == "Grüße")
        }
    }

    @Test(arguments: SpokenKind.all) func nobodyThereFailsAtOnce(_ kind: SpokenKind) async throws {
        let outcome = await ProviderCall.ask(kind, "http://127.0.0.1:1/v1")
        #expect(outcome.failure?.judgement == .failure(.timeout))
        #expect(await ProviderCall.ask(kind, nil).failure != nil)
        for base in ["", "nonsense", "ftp://x", "http://"] {
            #expect(await ProviderCall.ask(kind, base).failure != nil, "\(base)")
        }
    }

    @Test(arguments: SpokenKind.all) func anAnswerThatIsTooLargeIsRefused(_ kind: SpokenKind) async throws {
        var limits = UpstreamClient.Limits()
        limits.maximumAnswer = ByteCount(bytes: 1000)
        let body = kind.whole(String(repeating: "x", count: 2000), true)
        try await LoopbackUpstream.run([.write(LoopbackUpstream.answer("200 OK", "application/json", body))]) {
            upstream in
            let outcome = await ProviderCall.ask(kind, upstream.baseURL, limits: limits)
            #expect(outcome.failure?.message.contains("larger") == true)
        }
    }

    // MARK: Long texts

    private static let long = String(repeating: "x", count: MessageSize.maximumInline.bytes + 1)

    @Test(arguments: SpokenKind.all) func longTextsAreWrittenAndReadElsewhere(_ kind: SpokenKind) async throws {
        let answer = LoopbackUpstream.answer("200 OK", "application/json", kind.whole("Grüße", true))
        try await LoopbackUpstream.run([.write(answer)]) { upstream in
            let (short, long, full) = (CountingOffload(), CountingOffload(), CountingOffload(isFull: true))
            #expect(await ProviderCall.ask(kind, upstream.baseURL, offloading: short).text == "Grüße")
            #expect(short.works == 0)
            #expect(await ProviderCall.ask(kind, upstream.baseURL, saying: Self.long, offloading: long).text == "Grüße")
            #expect(long.works == 1)
            let refused = await ProviderCall.ask(kind, upstream.baseURL, saying: Self.long, offloading: full)
            #expect(refused.failure?.judgement == .failure(.unclassified))
            #expect(refused.failure?.message.contains("too much to do") == true)
            #expect(upstream.requests.count == 2)
        }
        let whole = LoopbackUpstream.answer("200 OK", "application/json", kind.whole(Self.long, true))
        let stream = LoopbackUpstream.answer("200 OK", kind.streamType, kind.stream(Self.long, "!"))
        for (answer, text) in [(whole, Self.long), (stream, Self.long + "!")] {
            try await LoopbackUpstream.run([.write(answer)]) { upstream in
                let offloading = CountingOffload()
                #expect(await ProviderCall.ask(kind, upstream.baseURL, offloading: offloading).text == text)
                #expect(offloading.works > 0)
            }
        }
    }

    // MARK: Leaving

    @Test(arguments: SpokenKind.all) func whoStopsReadingEndsTheCall(_ kind: SpokenKind) async throws {
        let half = Array((kind.opening + kind.said("Hi")).utf8)
        try await LoopbackUpstream.run([.write(kind.streamHead), .write(half)]) { upstream in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let provider = kind.make(client, FixedLogin(), CountingOffload())
            let said = AsyncStream<Void>.makeStream()
            let reading = Task {
                var stream = try await provider.answer(ProviderCall.call(upstream.baseURL))
                while let event = try await stream.next() {
                    if case .text = event { said.continuation.yield() }
                }
            }
            for await _ in said.stream { break }
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
            await upstream.closed(1)
            await client.shutdown()
        }
    }
}
