import AlulaJSON
import AlulaProtocol

extension MethodTable {
    /// `config.*`.
    static let configuration: [GatewayMethod] = [
        GatewayMethod(
            "config.apply", .scope(.admin), .object(writing + [shrinking]),
            "Replaces the configuration by another text.",
            result: "`{ok, path, config, hash, restart?, sentinel}`, or `{ok, noop, path, config, hash}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.configuration(ConfigurationQuery(.apply, parameters))
        },
        GatewayMethod(
            "config.get", .scope(.read), .nothing, "The configuration without its secrets, and its base hash.",
            result:
                "`{path, state, exists, raw, parsed, resolved, valid, config, hash, issues[], warnings[], legacyIssues[]}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.configuration(ConfigurationQuery(.get, parameters))
        },
        GatewayMethod(
            "config.patch", .scope(.admin),
            .object(writing + [.optional("replacePaths", .array(of: .nonEmptyString, maximumCount: 256))]),
            "Changes the configuration by a merge patch.",
            result: "`{ok, path, config, hash, restart?, sentinel}`, or `{ok, noop, path, config, hash}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.configuration(ConfigurationQuery(.patch, parameters))
        },
        GatewayMethod(
            "config.schema", .scope(.admin), .nothing, "What the configuration may hold, as JSON Schema.",
            result:
                "`{schema, uiHints{path→{label, help, group, order, advanced?, sensitive?, tags?}}, version, generatedAt}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.configuration(ConfigurationQuery(.schema, parameters))
        },
        GatewayMethod(
            "config.schema.lookup", .scope(.read),
            .object([.required("path", .text(minimumLength: 1, maximumLength: 1024))]),
            "What one place of the configuration may hold, such as `models.providers.*`.",
            result:
                "`{path, schema, hint?, hintPath?, reloadKind?, children[{key, path, type?, required, hasChildren, hint?, hintPath?}]}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.configuration(ConfigurationQuery(.lookup, parameters))
        },
        GatewayMethod(
            "config.set", .scope(.admin),
            .object([
                .required("raw", .nonEmptyString), .optional("baseHash", .nonEmptyString), dryRun, shrinking,
            ]),
            "Replaces the configuration by another text.", result: "`{ok, path, config, hash}`"
        ) { (parameters, _, operations) async throws(GatewayError) in
            try await operations.configuration(ConfigurationQuery(.set, parameters))
        },
    ]

    private static let writing: [ParameterSchema.Property] = [
        .required("raw", .nonEmptyString), .optional("baseHash", .nonEmptyString), .optional("sessionKey", .string),
        .optional("deliveryContext", .any), .optional("note", .string),
        .optional("restartDelayMs", .integer(minimum: 0)), dryRun,
    ]
    /// Ours: checks everything and writes nothing.
    private static let dryRun = ParameterSchema.Property.optional("dryRun", .boolean)
    /// Ours: a whole text may leave much less than there was.
    private static let shrinking = ParameterSchema.Property.optional("allowShrink", .boolean)
}
