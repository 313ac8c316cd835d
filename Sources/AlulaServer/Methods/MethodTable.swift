import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

/// The methods that are served. Help, documentation and `features` derive from this one list.
package enum MethodTable {
    /// In the order of the alphabet.
    package static let methods: [GatewayMethod] = [
        GatewayMethod(
            "agents.list", .scope(.read), .nothing, "The configured agents."
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.agentsList(caller) },
        GatewayMethod(
            "health", .anyone, .anyObject, "The state of the gateway as a whole."
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.health(
                HealthQuery(caller: caller, wantsProbe: parameters["probe"]?.bool ?? false))
        },
        GatewayMethod(
            "models.authLogout", .scope(.admin),
            .object([
                // A missing provider has a message of its own that clients know.
                .optional("provider", .string),
                .optional("profileIds", .array(of: .nonEmptyString, maximumCount: 256)),
                .optional("agentId", .nonEmptyString),
            ]), "Forgets a provider's stored logins."
        ) { (parameters, caller, operations) async throws(GatewayError) in
            let provider = ProviderID(parameters["provider"]?.string ?? "")
            guard !provider.rawValue.isEmpty else { throw .invalidRequest("provider is required") }
            return try await operations.authLogout(
                AuthLogoutQuery(
                    caller: caller, provider: provider,
                    profileIDs: parameters["profileIds"]?.array?.compactMap(\.string).map { ProfileID($0) } ?? [],
                    agentID: parameters.agentID))
        },
        GatewayMethod(
            "models.authStatus", .scope(.read),
            .object([
                .optional("refresh", .boolean), .optional("agentId", .nonEmptyString),
                .optional("sessionKey", .nonEmptyString),
            ]), "How the logins stand."
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.authStatus(
                AuthStatusQuery(
                    caller: caller, wantsRefresh: parameters["refresh"]?.bool ?? false, agentID: parameters.agentID))
        },
        GatewayMethod(
            "models.list", .scope(.read),
            .object([
                .optional("view", .enumeration(ModelsListQuery.View.allCases.map(\.rawValue))),
                .optional("agentId", .nonEmptyString), .optional("includeProviderCapabilities", .boolean),
                .optional("preparedOnly", .boolean), .optional("refresh", .boolean),
            ]), "The models, with whether their provider can answer."
        ) { (parameters, caller, operations) async throws(GatewayError) in
            let view = parameters["view"]?.string.flatMap { ModelsListQuery.View(rawValue: $0) }
            return try await operations.modelsList(
                ModelsListQuery(caller: caller, view: view ?? .standard, agentID: parameters.agentID))
        },
        GatewayMethod(
            "models.status", .scope(.read), .object([.optional("agentId", .nonEmptyString)]),
            "For every provider: can it answer, through what, why not, until when, and what to do."
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.modelsStatus(ModelsStatusQuery(caller: caller, agentID: parameters.agentID))
        },
        GatewayMethod(
            "secrets.reload", .scope(.admin), .nothing, "Resolves the secret references anew."
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.secretsReload(caller) },
        GatewayMethod(
            "status", .scope(.read), .object([.optional("includeChannelSummary", .boolean)]),
            "What runs and what is queued."
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.status(
                StatusQuery(caller: caller, includesChannels: parameters["includeChannelSummary"]?.bool ?? true))
        },
    ]

    /// Names of the methods, sorted.
    package static let names = methods.map(\.name).sorted()

    /// Names of the events that are sent.
    package static let events = [
        "connect.challenge", "health", "models.auth.changed", "shutdown", "tick",
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: methods.map { ($0.name, $0) })

    /// The method, or what to answer to a call of something that is not served.
    static func method(_ name: String, for caller: Caller) throws(GatewayError) -> GatewayMethod {
        if let method = byName[name] {
            if let refusal = method.access.refusal(of: caller) { throw refusal }
            return method
        }
        guard let access = KnownMethods.access(to: name) else { throw .invalidRequest("unknown method: \(name)") }
        if let refusal = access.refusal(of: caller) { throw refusal }
        throw .unavailable("\(name) is not served by this gateway yet")
    }
}

extension JSONValue {
    /// The member `agentId`; `nil` means the default agent.
    fileprivate var agentID: AgentID? { self["agentId"]?.string.map { AgentID($0) } }
}
