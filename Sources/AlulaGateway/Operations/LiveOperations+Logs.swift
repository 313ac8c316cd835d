import AlulaJSON
import AlulaProtocol
import AlulaServer

extension LiveOperations {
    func logsTail(_ query: LogsTailQuery) async throws(GatewayError) -> JSONValue {
        do {
            return try await logs.slice(
                LogQuery(
                    cursor: query.cursor, maximumLines: query.maximumLines, maximumBytes: query.maximumBytes),
                for: query.caller.connectionID
            ).payload
        } catch {
            throw .unavailable("The log file can't be read at the moment.")
        }
    }
}
