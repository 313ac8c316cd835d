import AlulaJSON
import AlulaProtocol
import AlulaServer
import AlulaTestSupport
import Testing

@testable import AlulaGateway

/// Everything that a gateway serves, beside what was recorded at a running gateway of the reference: real answers over a
/// real socket. We may say more than the recorded gateway, and less only where a line here says why.
@Suite(.timeLimit(.minutes(2)))
struct ServedShapeTests {
    /// What the calls are about.
    private struct Subjects: Sendable {
        var request = ""
        var device = ""
    }

    /// A call whose answer is compared.
    private struct Call: Sendable {
        let method: String
        var parameters: @Sendable (Subjects) -> JSONValue = { _ in [:] }
        /// Whether it was recorded when it was refused.
        var isRefused = false
        /// Members of the answer that hold something, so that the comparison says something.
        var filled: [String] = []
        /// Differences that are meant.
        var meant: Set<String> = []
    }

    // MARK: What is compared, and what is not

    private static let calls: [Call] = [
        Call(method: "agent.identity.get"),
        Call(method: "agents.list", filled: ["agents"]),
        Call(method: "channels.status"),
        // There is no conversation that somebody could have given a level of thinking.
        Call(
            method: "chat.history", parameters: { _ in ["sessionKey": "main"] }, meant: ["/thinkingLevel: missing"]),
        // Defaults of parts that do not exist here are not made up.
        Call(
            method: "config.get",
            meant: [
                "/config/agents/defaults/maxConcurrent: missing", "/config/agents/defaults/subagents: missing",
                "/config/commands: missing", "/config/messages: missing",
                "/config/models/providers/fake/models/*/api: missing",
            ]),
        Call(method: "config.patch", parameters: { _ in ["raw": "{"] }, isRefused: true),
        Call(method: "config.set", parameters: { _ in ["raw": "{"] }, isRefused: true),
        Call(method: "cron.list"),
        Call(method: "cron.remove", parameters: { _ in ["id": "job"] }),
        Call(method: "cron.runs"),
        Call(method: "cron.status"),
        Call(method: "health", filled: ["agents"]),
        Call(method: "last-heartbeat"),
        Call(method: "logs.tail", filled: ["lines"]),
        Call(method: "models.list", filled: ["models"]),
        Call(method: "secrets.reload"),
        Call(method: "sessions.list"),
        // How long answers in conversations take is told once there are some.
        Call(
            method: "sessions.usage",
            meant: ["/aggregates/dailyLatency: missing", "/aggregates/latency: missing"]),
        // Nothing is known of a conversation that does not exist.
        Call(
            method: "sessions.preview", parameters: { _ in ["keys": ["main"]] }, filled: ["previews"],
            meant: ["/previews/*/status: =ok"]),
        Call(method: "status"),
        // Pages come and go here, and no programs of the recorded kinds.
        Call(
            method: "system-presence", meant: ["/*/mode: =backend|=gateway", "/*/reason: =disconnect|=self"]),
        Call(method: "system-event", parameters: { _ in ["text": "fake"] }),
        Call(method: "usage.cost", parameters: { _ in ["days": 2] }),
        Call(method: "usage.status"),
        Call(method: "device.pair.list", filled: ["pending", "paired"]),
        Call(method: "device.pair.approve", parameters: { ["requestId": .string($0.request)] }),
        // Whoever rotates for others sees no token.
        Call(
            method: "device.token.rotate", parameters: { ["deviceId": .string($0.device), "role": "operator"] },
            meant: ["/token: missing"]),
        Call(
            method: "device.token.revoke", parameters: { ["deviceId": .string($0.device), "role": "operator"] }),
        Call(method: "device.pair.remove", parameters: { ["deviceId": .string($0.device)] }),
    ]

    /// Methods of which no answer was recorded.
    private static let unrecorded: [String: String] = [
        "config.apply": "answers as config.set does, with the plan",
        "config.schema": "the recorded gateway was not asked; ConfigurationSchemaTests hold it against the decoders",
        "config.schema.lookup": "as config.schema",
        "cron.get": "there are no jobs to get",
        "device.pair.reject": "was not asked for; PairingTests",
        "device.pair.rename": "of a later version; DeviceDeskTests",
        "models.authLogout": "was not asked for; LiveOperationsTests",
        "models.authStatus": "was not asked for; PayloadTests",
        "models.explain": "ours alone; PayloadTests",
        "models.status": "ours alone; PayloadTests",
        "sessions.describe": "of a later version; there are no conversations yet",
        "sessions.get": "of a later version; there are no conversations yet",
        "sessions.messages.subscribe": "of a later version; there are no conversations yet",
        "sessions.messages.unsubscribe": "of a later version; there are no conversations yet",
        "sessions.subscribe": "of a later version; there are no conversations yet",
        "sessions.unsubscribe": "of a later version; there are no conversations yet",
    ]

    /// Methods of which only such answers were recorded as there are none of here yet.
    private static let withoutSubject: [String: String] = [
        "sessions.resolve": "finds a conversation, and there are none yet"
    ]

    private static let events: Set<String> = [
        "connect.challenge", "device.pair.requested", "device.pair.resolved", "health", "presence", "shutdown", "tick",
    ]
    private static let unrecordedEvents = ["models.auth.changed": "ours alone; PayloadTests"]

    @Test func everythingThatIsServedIsComparedOrSaysWhyNot() throws {
        let compared = Self.calls.map(\.method)
        let excused = Array(Self.unrecorded.keys) + Array(Self.withoutSubject.keys)
        #expect((compared + excused).sorted() == MethodTable.names)
        #expect((Array(Self.events) + Array(Self.unrecordedEvents.keys)).sorted() == MethodTable.events.sorted())
        // An excuse ends with a recording.
        for name in Self.unrecorded.keys { #expect(try Self.recording("method", name) == nil, "\(name)") }
        for name in Self.unrecordedEvents.keys { #expect(try Self.recording("event", name) == nil, "\(name)") }
    }

    // MARK: Comparing

    @Test func everyAnswerAndEventHasTheRecordedShape() async throws {
        let bench = try KeeperBench(Self.configuration)
        try bench.scene.write("{\"0\":\"a line\"}\n", to: "alula.log")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try await DeviceRig.run(isRemote: true, bench: bench, adjust: { $0.limits.tickInterval = .milliseconds(20) }) {
            rig in
            var owner = try FakeDevice(1)
            owner.scopes = ["operator.admin", "operator.pairing", "operator.read"]
            let token = try await Self.pair(owner, rig)
            var (caller, hello) = try await Self.admitted(owner, token, rig)
            try Self.compare(hello, try Self.recording("method", "connect")?["payload"], "connect", meant: Self.ofHello)
            var (listener, _) = try await Self.admitted(owner, token, rig)
            try Self.compare(event: listener.challenge)
            // It is for the new connection alone, and what is not for all has no number.
            try Self.compare(event: try await listener.eventFrame("health"), ofFrame: ["/seq: missing"])
            try Self.compare(event: try await listener.eventFrame("tick"))

            let other = try FakeDevice(2)
            let waiting = try await rig.refused(other, token: DeviceRig.secret)
            try Self.compare(event: try await listener.eventFrame("device.pair.requested"))
            let subjects = Subjects(
                request: try #require(waiting.error["details"]?["requestId"]?.string), device: other.id)
            for call in Self.calls {
                // A device that waits has to be there beside those that are paired.
                let answer = try await caller.call(call.method, call.parameters(subjects))
                try Self.compare(answer, call)
                switch call.method {
                case "device.pair.approve":
                    try Self.compare(event: try await listener.eventFrame("device.pair.resolved"))
                case "system-event":
                    try Self.compare(
                        event: try await listener.eventFrame("presence"),
                        meant: ["/presence/*/mode: =backend|=gateway|=node", "/presence/*/reason: =disconnect|=self"])
                default: break
                }
            }
            await rig.stop()
            try Self.compare(event: try await listener.eventFrame("shutdown"))
        }
    }

    /// There is no canvas here, and a client that sees no address for it asks for none. The client is a page.
    private static let ofHello: Set<String> = [
        "/canvasHostUrl: missing", "/snapshot/presence/*/mode: =backend|=gateway|=node",
    ]

    private static func compare(_ answer: JSONValue, _ call: Call) throws {
        let recorded = try #require(try recording("method", call.method), "\(call.method) was not recorded")
        guard !call.isRefused else {
            return try compare(answer["error"], recorded["error"], call.method, meant: call.meant)
        }
        for name in call.filled { #expect(answer["payload"]?[name]?.array?.isEmpty == false, "\(call.method) \(name)") }
        try compare(answer["payload"], recorded["payload"], call.method, meant: call.meant)
    }

    private static func compare(event frame: JSONValue, meant: Set<String> = [], ofFrame: Set<String> = []) throws {
        let name = try #require(frame["event"]?.string)
        let recorded = try #require(try recording("event", name), "\(name) was not recorded")
        try compare(frame["payload"], recorded["payload"], name, meant: meant)
        try compare(frame, recorded["envelope"], name, meant: ofFrame)
    }

    private static func compare(
        _ value: JSONValue?, _ shape: JSONValue?, _ name: String, meant: Set<String> = []
    ) throws {
        let value = try #require(value, "\(name) says nothing")
        let shape = Shape(value: try #require(shape, "\(name) was recorded without it"))
        #expect(Set(shape.differences(in: value).map(Self.anywhere)) == meant, "\(name)")
    }

    /// A difference without the numbers of elements.
    private static func anywhere(_ difference: String) -> String {
        difference.split(separator: "/", omittingEmptySubsequences: false)
            .map { part in
                let number = part.prefix { $0.isNumber }
                return number.isEmpty ? String(part) : "*" + part.dropFirst(number.count)
            }.joined(separator: "/")
    }

    private static func recording(_ member: String, _ name: String) throws -> JSONValue? {
        let text = try #require(Fixture("shapes.jsonl", of: "AlulaProtocolTests").text)
        return try text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8), maximumDepth: 64) }
            .first { $0[member]?.string == name }
    }

    // MARK: The gateway that is asked

    private static func pair(_ device: FakeDevice, _ rig: DeviceRig) async throws -> String {
        let waiting = try await rig.refused(device, token: DeviceRig.secret)
        let request = try #require(waiting.error["details"]?["requestId"]?.string)
        _ = try await rig.desk.approve(request, by: .owner)
        let admitted = try await rig.admitted(device, token: DeviceRig.secret)
        return try #require(admitted.hello["auth"]?["deviceToken"]?.string)
    }

    /// Comes in by the version of the recorded gateway.
    private static func admitted(
        _ device: FakeDevice, _ token: String, _ rig: DeviceRig
    ) async throws -> (DeviceConversation, JSONValue) {
        var conversation = try await rig.open()
        let parameters = try device.parameters(
            nonce: conversation.nonce, signedAt: rig.bench.now, deviceToken: token, versions: 3...3)
        let answer = try await conversation.call("connect", parameters)
        return (conversation, try #require(answer["payload"]))
    }

    /// What the recorded gateway was set up with.
    private static let configuration = """
        {
          gateway: {
            mode: "local", bind: "loopback", port: 18789, auth: { mode: "token", token: "fake-shared-secret" },
            http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } },
          },
          hooks: { enabled: true, token: "fake-hook-token", path: "/hooks" },
          models: {
            mode: "merge",
            providers: {
              fake: {
                baseUrl: "http://127.0.0.1:1/v1", apiKey: "sk-fake", api: "openai-completions",
                models: [{
                  id: "m", name: "M", reasoning: false, input: ["text"],
                  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, contextWindow: 1000, maxTokens: 100,
                }],
              },
            },
          },
          agents: { defaults: { model: { primary: "fake/m" }, workspace: "/fake/workspace" } },
        }
        """
}
