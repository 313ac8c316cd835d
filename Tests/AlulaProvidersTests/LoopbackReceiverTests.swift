import AlulaAuth
import AlulaModels
import AlulaPrimitives
import NIOCore
import NIOPosix
import Testing

@testable import AlulaProviders

/// A browser that comes back from signing in, and everybody else who finds the port.
@Suite(.timeLimit(.minutes(2)))
struct LoopbackReceiverTests {
    private static let right = "/back?code=fake-code&state=right"
    private static let group = MultiThreadedEventLoopGroup.singleton

    /// Takes one state, and nothing else.
    private static let judge: @Sendable (String) -> CallbackVerdict = { target in
        switch target {
        case right: .code(Secret("fake-code"))
        case "/back?error=access_denied&state=right": .refused("access_denied")
        case _ where target.hasPrefix("/back"): .foreign(.otherState)
        default: .foreign(.otherPath)
        }
    }

    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    /// Sends `text` and reads to the end.
    private static func say(_ text: String, to port: Int, host: String = "127.0.0.1") async throws -> String {
        let channel = try await ClientBootstrap(group: group).connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ""
            do {
                try await outbound.write(ByteBuffer(string: text))
                for try await part in inbound { answer += String(buffer: part) }
            } catch is IOError {
                // Hung up on in the middle of a word.
            } catch is ChannelError {}
            return answer
        }
    }

    /// What `body` comes to while a receiver waits, and the answer that it got.
    private static func run<Value: Sendable>(
        host: String = "127.0.0.1", patience: Duration = .seconds(10), until deadline: Deadline = .after(.seconds(60)),
        _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> (Value, CallbackVerdict?) {
        let receiver = try await LoopbackReceiver.open(
            at: LoopbackRedirect(host: host, port: 0, path: "/back"), group: group, patience: patience)
        receiver.begin(judge)
        async let answer = receiver.answer(until: deadline)
        let value = try await body(receiver.port)
        let verdict = try await answer
        await receiver.close()
        return (value, verdict)
    }

    private static func code(_ verdict: CallbackVerdict?) -> String? {
        if case .code(let code) = verdict { code.exposed } else { nil }
    }

    private static func status(_ answer: String) -> String { String(answer.split(separator: "\r\n").first ?? "") }

    @Test func takesTheAnswerAndThanksTheBrowser() async throws {
        let (page, verdict) = try await Self.run { port in try await Self.say(Self.get(Self.right), to: port) }
        #expect(Self.code(verdict) == "fake-code")
        #expect(Self.status(page) == "HTTP/1.1 200 OK")
        #expect(page.contains("<h1>Signed in</h1>"))
        #expect(page.lowercased().contains("connection: close"))
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("no-store"))
        #expect(!page.contains("fake-code"))
    }

    @Test func aRefusalIsAnAnswer() async throws {
        let (page, verdict) = try await Self.run { port in
            try await Self.say(Self.get("/back?error=access_denied&state=right"), to: port)
        }
        guard case .refused("access_denied") = verdict else {
            Issue.record("Taken for \(String(describing: verdict))")
            return
        }
        #expect(page.contains("<h1>Not signed in</h1>"))
    }

    /// A browser takes the one or the other address for the name.
    @Test(arguments: ["127.0.0.1", "::1"])
    func listensAtBothAddressesOfTheName(address: String) async throws {
        let (page, verdict) = try await Self.run(host: "localhost") { port in
            do {
                return try await Self.say(Self.get(Self.right), to: port, host: address)
            } catch  where address == "::1" {
                // A machine without that family has the other one.
                return try await Self.say(Self.get(Self.right), to: port)
            }
        }
        #expect(Self.code(verdict) == "fake-code")
        #expect(Self.status(page) == "HTTP/1.1 200 OK")
    }

    @Test(arguments: [
        ("GET /back?code=x&state=wrong HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "404"), ("GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        ("POST \(right) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "405"),
        ("POST \(right) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "405"),
        ("HEAD \(right) HTTP/1.1\r\nHost: a\r\n\r\n", "405"), ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
        ("GET \(right) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "405"),
        ("\u{16}\u{3}\u{1} no HTTP at all\r\n\r\n", "400"), ("GET \(right)\r\n\r\n", "400"),
        ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", "431"),
        ("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(String(repeating: "a", count: 20_000))\r\n\r\n", "431"),
        (String(repeating: "a", count: 20_000), "4"),
    ])
    func goesOnWaitingAfterWhatIsNoAnswer(request: String, status: String) async throws {
        let (pages, verdict) = try await Self.run { port in
            let foreign = try await Self.say(request, to: port)
            return (foreign, try await Self.say(Self.get(Self.right), to: port))
        }
        #expect(Self.status(pages.0).hasPrefix("HTTP/1.1 \(status)"), "\(Self.status(pages.0))")
        #expect(!pages.0.contains("wrong"))
        #expect(Self.status(pages.1) == "HTTP/1.1 200 OK")
        #expect(Self.code(verdict) == "fake-code")
    }

    @Test func takesOneAnswerOnly() async throws {
        let receiver = try await LoopbackReceiver.open(
            at: LoopbackRedirect(host: "127.0.0.1", port: 0, path: "/back"), group: Self.group)
        receiver.begin(Self.judge)
        async let answer = receiver.answer(until: .after(.seconds(60)))
        let port = receiver.port
        let statuses = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 {
                group.addTask { Self.status(try await Self.say(Self.get(Self.right), to: port)) }
            }
            return try await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == ["HTTP/1.1 200 OK": 1, "HTTP/1.1 410 Gone": 15])
        #expect(Self.code(try await answer) == "fake-code")
        await receiver.close()
    }

    /// A second request on the first one's connection is not read.
    @Test func aConnectionAsksOnce() async throws {
        let (page, verdict) = try await Self.run { port in
            try await Self.say(Self.get("/back?state=wrong") + Self.get(Self.right), to: port)
                + Self.status(try await Self.say(Self.get(Self.right), to: port))
        }
        #expect(page.hasPrefix("HTTP/1.1 400"))
        #expect(page.hasSuffix("HTTP/1.1 200 OK"))
        #expect(Self.code(verdict) == "fake-code")
    }

    @Test func aFloodIsHungUpOnAndEnds() async throws {
        let (page, verdict) = try await Self.run { port in
            // They hold on and say nothing, as many as fit and more.
            var held: [any Channel] = []
            for _ in 0..<(LoopbackReceiver.maximumConnections + 20) {
                held.append(try await ClientBootstrap(group: Self.group).connect(host: "127.0.0.1", port: port).get())
            }
            try await held[LoopbackReceiver.maximumConnections + 10].closeFuture.get()
            for channel in held where channel.isActive { try await channel.close() }
            // Whoever let go makes room; how soon that is known is the system's.
            var page = ""
            while page.isEmpty { page = try await Self.say(Self.get(Self.right), to: port) }
            return page
        }
        #expect(Self.status(page) == "HTTP/1.1 200 OK")
        #expect(Self.code(verdict) == "fake-code")
    }

    @Test func whoeverAsksNothingIsHungUpOn() async throws {
        let (_, verdict) = try await Self.run(patience: .milliseconds(50)) { port in
            let silent = try await ClientBootstrap(group: Self.group).connect(host: "127.0.0.1", port: port).get()
            try await silent.closeFuture.get()
            let slow = try await ClientBootstrap(group: Self.group).connect(host: "127.0.0.1", port: port).get()
            try await slow.writeAndFlush(ByteBuffer(string: "GET /back"))
            try await slow.closeFuture.get()
            while try await Self.say(Self.get(Self.right), to: port).isEmpty {}
        }
        #expect(Self.code(verdict) == "fake-code")
    }

    @Test func nobodyComes() async throws {
        let (_, verdict) = try await Self.run(until: .after(.milliseconds(20))) { _ in }
        #expect(verdict == nil)
    }

    @Test func canBeGivenUp() async throws {
        let receiver = try await LoopbackReceiver.open(
            at: LoopbackRedirect(host: "127.0.0.1", port: 0, path: "/back"), group: Self.group)
        receiver.begin(Self.judge)
        let waiting = Task { try await receiver.answer(until: .after(.seconds(60))) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        await receiver.close()
        // Nobody listens any more.
        await #expect(throws: (any Error).self) { _ = try await Self.say("", to: receiver.port) }
    }

    /// A code must not come to another program that listens there.
    @Test func saysThatThePortIsTaken() async throws {
        let other = try await LoopbackReceiver.open(
            at: LoopbackRedirect(host: "127.0.0.1", port: 0, path: "/back"), group: Self.group)
        for host in ["127.0.0.1", "localhost"] {
            do {
                _ = try await LoopbackReceiver.open(
                    at: LoopbackRedirect(host: host, port: other.port, path: "/back"), group: Self.group)
                Issue.record("Two listen at one port.")
            } catch let failure as SignInFailure {
                #expect(failure.code == .portTaken)
            }
        }
        await other.close()
    }

    /// A provider that knows its user sends the browser back at once.
    @Test func aBrowserMayBeFasterThanWhoeverWaits() async throws {
        let receiver = try await LoopbackReceiver.open(
            at: LoopbackRedirect(host: "127.0.0.1", port: 0, path: "/back"), group: Self.group)
        receiver.begin(Self.judge)
        #expect(Self.status(try await Self.say(Self.get(Self.right), to: receiver.port)) == "HTTP/1.1 200 OK")
        #expect(Self.code(try await receiver.answer(until: .after(.seconds(60)))) == "fake-code")
        await receiver.close()
    }

    @Test func nothingIsTakenBeforeTheAttemptHasBegun() async throws {
        let receiver = try await LoopbackReceiver.open(
            at: LoopbackRedirect(host: "127.0.0.1", port: 0, path: "/back"), group: Self.group)
        #expect(Self.status(try await Self.say(Self.get(Self.right), to: receiver.port)) == "HTTP/1.1 404 Not Found")
        await receiver.close()
    }
}
