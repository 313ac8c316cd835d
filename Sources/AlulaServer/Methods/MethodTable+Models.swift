import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// `models.*`.
    static let models: [GatewayMethod] = [
        GatewayMethod(
            "models.authLogout", .scope(.admin),
            .object([
                // A missing provider has a message of its own that clients know.
                .optional("provider", .string),
                .optional("profileIds", .array(of: .nonEmptyString, maximumCount: 256)),
                .optional("agentId", .nonEmptyString),
            ]), "Forgets a provider's stored logins.",
            result: "`{provider, removedProfiles[], abortedRunIds[]}`"
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
            ]), "How the logins stand.",
            result: "`{ts, providers[{provider, displayName, status, expiry?, profiles[], apiKey?}]}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.authStatus(
                AuthStatusQuery(
                    caller: caller, wantsRefresh: parameters["refresh"]?.bool ?? false, agentID: parameters.agentID))
        },
        GatewayMethod(
            "models.explain", .scope(.read),
            .object([
                .required("model", .nonEmptyString),
                .optional(
                    "needs",
                    .array(of: .enumeration(ModelCapability.allCases.map(\.rawValue)), maximumCount: 16)),
            ]), "Which models and logins a request for a model would try now, and what keeps the others out.",
            result:
                "`{model, agentId, attempts[{model, login, probe}], candidates[{model, api?, excluded?, logins[{login, state, reason?, until?}]}]}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.modelsExplain(
                ModelsExplainQuery(
                    caller: caller, model: parameters["model"]?.string ?? "",
                    needs: (parameters["needs"]?.array ?? []).compactMap { $0.string.flatMap(ModelCapability.init) }))
        },
        GatewayMethod(
            "models.list", .scope(.read),
            .object([
                .optional("view", .enumeration(ModelsListQuery.View.allCases.map(\.rawValue))),
                .optional("agentId", .nonEmptyString), .optional("includeProviderCapabilities", .boolean),
                .optional("preparedOnly", .boolean), .optional("refresh", .boolean),
            ]), "The models, with whether their provider can answer.",
            result:
                "`{models[{id, name, provider, contextWindow?, available, unavailableReason?, unavailableUntil?, …}]}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            let view = parameters["view"]?.string.flatMap { ModelsListQuery.View(rawValue: $0) }
            return try await operations.modelsList(
                ModelsListQuery(caller: caller, view: view ?? .standard, agentID: parameters.agentID))
        },
        GatewayMethod(
            "models.status", .scope(.read), .object([.optional("agentId", .nonEmptyString)]),
            "For every provider: can it answer, through what, why not, until when, and what to do.",
            result: "what `alula models status --json` prints"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.modelsStatus(ModelsStatusQuery(caller: caller, agentID: parameters.agentID))
        },
    ]
}
