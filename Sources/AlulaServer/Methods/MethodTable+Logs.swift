import AlulaJSON
import AlulaProtocol

extension MethodTable {
    /// `logs.*`.
    static let logs: [GatewayMethod] = [
        GatewayMethod(
            "logs.tail", .scope(.read),
            .object([
                .optional("cursor", .integer(minimum: 0)), .optional("limit", .integer(minimum: 1, maximum: 5000)),
                .optional("maxBytes", .integer(minimum: 1, maximum: 1_000_000)),
            ]), "The end of the log file, or what was added to it since the cursor.",
            result:
                "`{file, cursor, size, lines[], truncated, reset}`; lines as they stand in the file, without secrets"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.logsTail(
                LogsTailQuery(
                    caller: caller, cursor: parameters["cursor"]?.integer,
                    maximumLines: parameters["limit"]?.integer.map { Int($0) } ?? 500,
                    maximumBytes: parameters["maxBytes"]?.integer.map { Int($0) } ?? 250_000))
        }
    ]
}
