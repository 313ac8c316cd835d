import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// `secrets.*`.
    static let secrets: [GatewayMethod] = [
        GatewayMethod(
            "secrets.reload", .scope(.admin), .nothing, "Resolves the secret references anew.",
            result: "`{ok, warningCount}`"
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.secretsReload(caller) }
    ]
}
