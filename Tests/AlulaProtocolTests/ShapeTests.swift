import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaProtocol

/// What we answer, beside what a running gateway of the reference answered.
struct ShapeTests {
    private static func recording(_ member: String, _ name: String) throws -> JSONValue {
        let text = try #require(Fixture("shapes.jsonl").text)
        for line in text.split(separator: "\n") {
            let recording = try JSONValue.parse(Array(line.utf8), maximumDepth: 64)
            if recording[member]?.string == name { return recording }
        }
        throw NotRecorded(name: name)
    }

    private struct NotRecorded: Error { let name: String }

    private static let health = GatewayHealth(
        at: PayloadScene.now,
        agents: [AgentSummary(id: .main, workspace: "/state/workspace", directory: "/state/agents/main/agent")],
        defaultAgent: .main, warm: WarmStatus(), prepared: PayloadScene.prepared, version: "1.0.0",
        defaultModel: "openai/gpt-5.5", defaultContextTokens: 272_000)

    private static let rows = ModelRow.rows(
        of: [
            ModelRow.Model(
                id: "gpt-5.5", provider: "openai", name: "GPT-5.5", contextWindow: 400_000, isReasoning: true,
                input: ["text", "image"])
        ], view: .all, reader: PayloadScene.reader)

    private static func hello(_ version: ProtocolVersion, scopes: Set<Scope> = [.admin]) -> JSONValue {
        helloPayload(version, scopes: scopes).payload
    }

    private static func helloPayload(_ version: ProtocolVersion, scopes: Set<Scope>) -> HelloPayload {
        HelloPayload(
            caller: Caller(
                connectionID: "c", client: nil, role: .operator, scopes: scopes, isDirectLocal: true, version: version),
            serverVersion: "1.0.0", methods: ["health"], events: ["tick"],
            snapshot: HelloSnapshot(
                health: health.health, uptime: .seconds(1), configurationPath: "/state/openclaw.json",
                stateDirectory: "/state"),
            presence: [], stateVersion: StateVersion(), authMode: "token", limits: ConnectionLimits())
    }

    @Test(arguments: ProtocolVersion.allCases, [[.admin], [.read]] as [Set<Scope>])
    func aHelloInPiecesIsTheSameAnswer(version: ProtocolVersion, scopes: Set<Scope>) throws {
        let hello = Self.helloPayload(version, scopes: scopes)
        let whole = GatewayFrame.response(.init(id: "a\"b", .success(hello.payload))).encoded
        let sorted = try JSONValue.parse(hello.encoded(answering: "a\"b")).text(.canonical)
        #expect(try sorted == JSONValue.parse(whole).text(.canonical))
    }

    /// A method, what we answer, and the differences that are meant.
    static let answers: [(method: String, payload: JSONValue, meant: [String])] = [
        // There is no canvas here, and a client that sees no address for it asks for none.
        ("connect", hello(.three), ["/canvasHostUrl: missing"]),
        (
            "connect", hello(.four),
            ["/canvasHostUrl: missing", "/auth/deviceToken: missing", "/auth/issuedAtMs: missing"]
        ),
        ("health", health.health, []),
        ("status", health.status, []),
        ("models.list", ModelListPayload.result(rows), []),
        ("agents.list", AgentSummary.list(health.agents, default: .main), []),
        ("secrets.reload", ["ok": true, "warningCount": 0], []),
    ]

    @Test(arguments: answers) func answersHaveTheRecordedShape(method: String, payload: JSONValue, meant: [String])
        throws
    {
        let recording = try Self.recording("method", method)
        let shape = Shape(value: try #require(recording["payload"]))
        #expect(Set(shape.differences(in: payload)) == Set(meant))
    }

    @Test(
        arguments: [
            ("connect.challenge", ["nonce": "n", "ts": 1]), ("health", health.health), ("tick", ["ts": 1]),
            ("shutdown", ["reason": "gateway stopping", "restartExpectedMs": .null]),
        ] as [(String, JSONValue)])
    func eventsHaveTheRecordedShape(name: String, payload: JSONValue) throws {
        let recording = try Self.recording("event", name)
        #expect(Shape(value: try #require(recording["payload"])).differences(in: payload).isEmpty)
        let isNumbered = name != "connect.challenge"
        let event = EncodedEvent(name, payload: payload, stateVersion: name == "health" ? StateVersion() : nil)
        let frame = try JSONValue.parse(event.encoded(sequence: isNumbered ? 1 : nil), maximumDepth: 64)
        #expect(Shape(value: try #require(recording["envelope"])).differences(in: frame).isEmpty)
        #expect((frame["seq"] != nil) == isNumbered)
    }

    @Test func refusalsHaveTheRecordedShape() throws {
        let recording = try Self.recording("method", "nosuch.method")
        let error = GatewayError.invalidRequest("unknown method: nosuch.method")
        #expect(Shape(value: try #require(recording["error"])).differences(in: error.payload).isEmpty)
    }

    @Test func onlyAnAdministratorSeesPathsInTheHello() {
        for version in ProtocolVersion.allCases {
            let snapshot = Self.hello(version, scopes: [.read])["snapshot"]
            for key in ["configPath", "stateDir", "authMode"] { #expect(snapshot?[key] == nil) }
        }
        #expect(Self.hello(.three)["auth"] == nil)
        #expect(Self.hello(.four)["auth"] == ["role": "operator", "scopes": ["operator.admin"]])
    }

    @Test func theCheckerSeesDifferences() {
        let shape = Shape(value: ["a": "int", "b?": "=x|=y", "c": ["string"], "d": "int|null"])
        #expect(shape.differences(in: ["a": 1, "c": [], "d": .null, "more": 1]).isEmpty)
        #expect(
            shape.differences(in: ["a": "1", "b": "z", "c": [1], "d": true]) == [
                "/a: int", "/b: =x|=y", "/c/0: string", "/d: int|null",
            ])
        #expect(shape.differences(in: [:]) == ["/a: missing", "/c: missing", "/d: missing"])
    }
}
