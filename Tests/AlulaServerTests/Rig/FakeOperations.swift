import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import Synchronization

@testable import AlulaServer

/// Answers from memory, and holds `status` back for as long as a test wants.
final class FakeOperations: GatewayOperations {
    private struct Gate {
        var isShut = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var entered = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    static let healthPayload: JSONValue = [
        "ok": true, "ts": 1, "durationMs": 0, "channels": [:], "channelOrder": [], "channelLabels": [:],
        "heartbeatSeconds": 0, "defaultAgentId": "main",
        "agents": [
            [
                "agentId": "main", "isDefault": true,
                "heartbeat": [
                    "enabled": false, "every": "0m", "everyMs": 0, "prompt": "", "target": "none", "ackMaxChars": 300,
                ],
                "sessions": ["path": "", "count": 0, "recent": []],
            ]
        ],
        "sessions": ["path": "", "count": 0, "recent": []],
    ]

    private let gate = Mutex(Gate())
    /// What `readiness` answers.
    let readinessAnswer = Mutex(Readiness(isReady: false, failing: ["warm"], uptime: .seconds(2)))
    /// Runs inside of `readiness` and `hello`, on the thread that asks.
    let interruption = Mutex<(@Sendable () -> Void)?>(nil)

    /// Calls of `status` that have begun.
    var enteredStatus: Int { gate.withLock { $0.entered } }

    /// Returns once `count` calls of `status` have begun.
    func statusEntered(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = gate.withLock { gate in
                if gate.entered < count { gate.watchers.append((count, continuation)) }
                return gate.entered >= count
            }
            if isReached { continuation.resume() }
        }
    }

    /// `status` waits from now on.
    func shutGate() { gate.withLock { $0.isShut = true } }

    /// Everything that waits goes on.
    func openGate() {
        let waiting = gate.withLock { gate in
            gate.isShut = false
            defer { gate.waiting = [] }
            return gate.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func embed(_ request: EmbeddingRequest, until deadline: Deadline) async throws -> MadeVectors {
        try await model.embed(request)
    }

    func countTokens(
        of request: InferenceRequest, estimate: Int, until deadline: Deadline
    ) async throws -> TokenCount {
        try await model.count(request, estimate: estimate)
    }

    func hello(for caller: Caller) -> HelloSnapshot {
        interruption.withLock { $0 }?()
        return HelloSnapshot(
            health: Self.healthPayload, uptime: .seconds(1), configurationPath: "/fake/openclaw.json",
            stateDirectory: "/fake")
    }

    func readiness() -> Readiness {
        interruption.withLock { $0 }?()
        return readinessAnswer.withLock { $0 }
    }

    func health(_ query: HealthQuery) async throws(GatewayError) -> JSONValue { Self.healthPayload }

    func status(_ query: StatusQuery) async throws(GatewayError) -> JSONValue {
        await withCheckedContinuation { continuation in
            let (passes, watchers) = gate.withLock { gate in
                gate.entered += 1
                if gate.isShut { gate.waiting.append(continuation) }
                let reached = gate.watchers.filter { $0.count <= gate.entered }
                gate.watchers.removeAll { $0.count <= gate.entered }
                return (!gate.isShut, reached)
            }
            for watcher in watchers { watcher.continuation.resume() }
            if passes { continuation.resume() }
        }
        return [
            "heartbeat": ["defaultAgentId": "main", "agents": []], "channelSummary": [], "queuedSystemEvents": [],
            "sessions": [
                "paths": [], "count": 0, "defaults": ["model": "x", "contextTokens": 1], "recent": [], "byAgent": [],
            ],
        ]
    }

    func modelsList(_ query: ModelsListQuery) async throws(GatewayError) -> JSONValue {
        [
            "models": [
                ["id": "m", "name": "M", "provider": "p", "contextWindow": 1, "reasoning": false, "input": ["text"]]
            ]
        ]
    }

    func modelsStatus(_ query: ModelsStatusQuery) async throws(GatewayError) -> JSONValue {
        ["agent": .string(query.agentID?.rawValue ?? "default")]
    }

    func modelsExplain(_ query: ModelsExplainQuery) async throws(GatewayError) -> JSONValue {
        [
            "model": .string(query.model), "needs": .array(query.needs.map { .string($0.rawValue) }), "attempts": [],
            "candidates": [],
        ]
    }

    func authStatus(_ query: AuthStatusQuery) async throws(GatewayError) -> JSONValue { ["ts": 1, "providers": []] }

    func authLogout(_ query: AuthLogoutQuery) async throws(GatewayError) -> JSONValue {
        throw .unavailable("The store is busy; try again.")
    }

    func agentsList(_ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["defaultId": "main", "mainKey": "main", "scope": "per-sender", "agents": [["id": "main"]]]
    }

    func agentIdentity(_ agent: AgentID?, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["agentId": .string(agent?.rawValue ?? "default"), "name": "Assistant", "avatar": "A"]
    }

    func logsTail(_ query: LogsTailQuery) async throws(GatewayError) -> JSONValue {
        ["file": "alula.log", "cursor": 0, "size": 0, "lines": [], "truncated": false, "reset": false]
    }

    func secretsReload(_ caller: Caller) async throws(GatewayError) -> JSONValue { ["ok": true, "warningCount": 0] }

    func configuration(_ query: ConfigurationQuery) async throws(GatewayError) -> JSONValue {
        ["ok": true, "action": .string(query.action.rawValue)]
    }

    func usage(_ query: UsageQuery) async throws(GatewayError) -> JSONValue {
        ["action": .string(query.action.rawValue), "groupBy": query.grouping.map { .string($0.rawValue) } ?? .null]
    }

    func quotas(_ caller: Caller) async throws(GatewayError) -> JSONValue { ["updatedAt": 1, "providers": []] }

    func prometheusText() async -> String { "alula_up 1\n" }

    /// Answers requests to models.
    let model = FakeModel()

    func answer(_ request: InferenceRequest, until deadline: Deadline) async throws -> BegunAnswer {
        try await model.answer(request)
    }

    func openAIModels() async throws(GatewayError) -> [OpenAIModel] { [OpenAIModel(id: "p/m", owner: "p")] }
}
