import AlulaAuth
import AlulaJSON
import AlulaProtocol
import AlulaServer

extension LiveOperations {
    func usage(_ query: UsageQuery) async throws(GatewayError) -> JSONValue { try await use.answer(query) }

    func quotas(_ caller: Caller) async throws(GatewayError) -> JSONValue { await quotas.report().payload }
}
