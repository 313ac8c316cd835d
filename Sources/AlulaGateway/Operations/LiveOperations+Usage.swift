import AlulaJSON
import AlulaProtocol
import AlulaServer

extension LiveOperations {
    func usage(_ query: UsageQuery) async throws(GatewayError) -> JSONValue { try await use.answer(query) }
}
