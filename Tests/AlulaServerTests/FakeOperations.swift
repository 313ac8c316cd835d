import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

@testable import AlulaServer

/// A gateway behind the server that answers from its own fields.
struct FakeOperations: GatewayOperations {
    var readinessAnswer = Readiness(isReady: true, uptime: .seconds(5))
    /// What `status` throws, if anything.
    var statusError: GatewayError?
    /// `secrets.reload` answers once this stream ends.
    var gate: AsyncStream<Void>?

    func hello(for caller: Caller) -> HelloSnapshot { HelloSnapshot(health: ["ok": true], uptime: .seconds(5)) }
    func readiness() -> Readiness { readinessAnswer }
    func health(_ query: HealthQuery) async throws(GatewayError) -> JSONValue { ["ok": true] }

    func status(_ query: StatusQuery) async throws(GatewayError) -> JSONValue {
        if let statusError { throw statusError }
        return ["channels": .bool(query.includesChannels)]
    }

    func modelsList(_ query: ModelsListQuery) async throws(GatewayError) -> JSONValue {
        ["view": .string(query.view.rawValue)]
    }

    func modelsStatus(_ query: ModelsStatusQuery) async throws(GatewayError) -> JSONValue {
        ["agent": .string(query.agentID?.rawValue ?? "")]
    }

    func authStatus(_ query: AuthStatusQuery) async throws(GatewayError) -> JSONValue {
        ["refresh": .bool(query.wantsRefresh)]
    }

    func authLogout(_ query: AuthLogoutQuery) async throws(GatewayError) -> JSONValue {
        ["provider": .string(query.provider.rawValue)]
    }

    func agentsList(_ caller: Caller) async throws(GatewayError) -> JSONValue { ["agents": []] }

    func secretsReload(_ caller: Caller) async throws(GatewayError) -> JSONValue {
        if let gate { for await _ in gate {} }
        return ["ok": true]
    }

    func prometheusText() async -> String { "alula_up 1\n" }

    func openAIModels() async throws(GatewayError) -> [OpenAIModel] {
        [OpenAIModel(id: "groq/llama/small", owner: "groq")]
    }
}
