import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// Conversations. There are none yet, so these answer in their shapes what is true without any.
    static let sessions: [GatewayMethod] = [
        GatewayMethod(
            "chat.history", .scope(.read),
            .object([
                .required("sessionKey", .nonEmptyString), .optional("limit", .integer(minimum: 1, maximum: 1000)),
                .optional("maxChars", .integer(minimum: 1, maximum: 500_000)), .optional("agentId", .nonEmptyString),
                .optional("offset", .integer(minimum: 0)), .optional("messageId", .nonEmptyString),
                .optional("sessionId", .nonEmptyString),
            ]), "What was said in a conversation; nothing for one that does not exist.",
            result: "`{sessionKey, messages[]}`",
            inServer: { parameters, _, _ in ["sessionKey": parameters["sessionKey"] ?? "", "messages": []] }),
        GatewayMethod(
            "sessions.describe", .scope(.read),
            .object([
                .required("key", .nonEmptyString), .optional("agentId", .nonEmptyString),
                .optional("includeDerivedTitles", .boolean), .optional("includeLastMessage", .boolean),
            ]), "One conversation.", result: "`{session}`, null when there is none of that key",
            inServer: { _, _, _ in ["session": .null] }),
        GatewayMethod(
            "sessions.get", .scope(.read),
            .object([.required("key", .nonEmptyString), .optional("limit", .integer(minimum: 1))]),
            "The messages of a conversation; none for one that does not exist.", result: "`{messages[]}`",
            inServer: { _, _, _ in ["messages": []] }),
        GatewayMethod(
            "sessions.list", .scope(.read),
            .object([
                .optional("limit", .integer(minimum: 1)), .optional("offset", .integer(minimum: 0)),
                .optional("activeMinutes", .integer(minimum: 1)), .optional("includeGlobal", .boolean),
                .optional("includeUnknown", .boolean), .optional("includeDerivedTitles", .boolean),
                .optional("includeLastMessage", .boolean), .optional("label", .nonEmptyString),
                .optional("spawnedBy", .nonEmptyString), .optional("agentId", .nonEmptyString),
                .optional("search", .string), .optional("configuredAgentsOnly", .boolean),
                .optional("archived", .boolean),
            ]), "The conversations, newest first.",
            result: "`{ts, path, count, defaults{modelProvider, model, contextTokens}, sessions[], …paging}`",
            inServer: listSessions),
        GatewayMethod(
            "sessions.messages.subscribe", .scope(.read), subscription,
            "Asks for events about one conversation's messages.", result: "`{subscribed, key}`",
            inServer: { parameters, _, _ in ["subscribed": true, "key": parameters["key"] ?? ""] }),
        GatewayMethod(
            "sessions.messages.unsubscribe", .scope(.read), subscription,
            "Asks for no more events about one conversation's messages.", result: "`{subscribed, key}`",
            inServer: { parameters, _, _ in ["subscribed": false, "key": parameters["key"] ?? ""] }),
        GatewayMethod(
            "sessions.preview", .scope(.read),
            .object([
                .required("keys", .array(of: .nonEmptyString, minimumCount: 1)),
                .optional("limit", .integer(minimum: 1)), .optional("maxChars", .integer(minimum: 20)),
            ]), "The last words of some conversations, of at most 64.",
            result: "`{ts, previews[{key, status, items[]}]}`",
            inServer: { parameters, _, core in
                let keys = parameters["keys"]?.array?.compactMap(\.string).prefix(64) ?? []
                return [
                    "ts": .number(core.now().milliseconds),
                    "previews": .array(keys.map { ["key": .string($0), "status": "missing", "items": []] }),
                ]
            }),
        GatewayMethod(
            "sessions.resolve", .scope(.read),
            .object([
                .optional("key", .nonEmptyString), .optional("sessionId", .nonEmptyString),
                .optional("label", .nonEmptyString), .optional("agentId", .nonEmptyString),
                .optional("spawnedBy", .nonEmptyString), .optional("includeGlobal", .boolean),
                .optional("includeUnknown", .boolean), .optional("allowMissing", .boolean),
            ]), "The key of a conversation by its key, id or label.",
            result: "`{ok, key}`, or `{ok}` when it may be missing",
            inServer: { (parameters, _, _) async throws(GatewayError) in
                let named = ["key", "sessionId", "label"].compactMap { parameters[$0]?.string }
                guard named.count == 1 else {
                    throw .invalidRequest("exactly one of key, sessionId and label is required")
                }
                if parameters["allowMissing"]?.bool == true { return ["ok": false] }
                throw .invalidRequest("No session found: \(named[0].prefix(256))")
            }),
        GatewayMethod(
            "sessions.subscribe", .scope(.read), .nothing, "Asks for events about conversations.",
            result: "`{subscribed}`", inServer: { _, _, _ in ["subscribed": true] }),
        GatewayMethod(
            "sessions.unsubscribe", .scope(.read), .nothing, "Asks for no more events about conversations.",
            result: "`{subscribed}`", inServer: { _, _, _ in ["subscribed": false] }),
    ]

    private static let subscription = ParameterSchema.object([
        .required("key", .nonEmptyString), .optional("agentId", .nonEmptyString),
        .optional("includeApprovals", .boolean),
    ])

    private static func listSessions(
        _ parameters: JSONValue, _ caller: Caller, _ core: ServerCore
    ) async throws(GatewayError) -> JSONValue {
        let status = try await core.operations.status(StatusQuery(caller: caller, includesChannels: false))
        let defaults = status["sessions"]?["defaults"]
        let model = defaults?["model"]?.string ?? ""
        let parts = model.split(separator: "/", maxSplits: 1)
        var result = JSONObject()
        result["ts"] = .number(core.now().milliseconds)
        result["path"] = ""
        result["count"] = 0
        result["defaults"] = [
            "modelProvider": .string(parts.count == 2 ? String(parts[0]) : ""),
            "model": .string(parts.count == 2 ? String(parts[1]) : model),
            "contextTokens": defaults?["contextTokens"] ?? .null,
        ]
        result["sessions"] = []
        guard caller.version == .four else { return .object(result) }
        result["totalCount"] = 0
        result["limitApplied"] = parameters["limit"] ?? 100
        result["offset"] = parameters["offset"] ?? 0
        result["nextOffset"] = .null
        result["hasMore"] = false
        return .object(result)
    }
}
