import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// How the gateway is.
    static let state: [GatewayMethod] = [
        GatewayMethod(
            "health", .anyone, .anyObject, "The state of the gateway as a whole.",
            result: "`{ok, ts, agents[], channels{}, sessions{}, eventLoop?, providerAuth{}, …}`",
            ready: { parameters, caller, core in
                core.operations.encodedHealth(
                    HealthQuery(caller: caller, wantsProbe: parameters["probe"]?.bool ?? false))
            }
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.health(
                HealthQuery(caller: caller, wantsProbe: parameters["probe"]?.bool ?? false))
        },
        GatewayMethod(
            "status", .scope(.read), .object([.optional("includeChannelSummary", .boolean)]),
            "What runs and what is queued.",
            result: "`{runtimeVersion, heartbeat{}, channelSummary[], sessions{}, providerAuth{}, …}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.status(
                StatusQuery(caller: caller, includesChannels: parameters["includeChannelSummary"]?.bool ?? true))
        },
    ]
}
