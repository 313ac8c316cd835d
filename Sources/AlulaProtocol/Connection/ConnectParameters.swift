package import AlulaJSON
package import AlulaPrimitives

/// The parameters of `connect`.
package struct ConnectParameters: Sendable {
    package let minimumVersion: Int64
    package let maximumVersion: Int64
    package let client: ClientIdentity
    /// As sent; which of them exist is decided later, because a wrong one has an answer of its own.
    package let role: String
    package let scopes: [Scope]
    package let capabilities: [String]
    /// The device identity, if one came along. It is not checked here and grants nothing.
    package let device: DeviceClaim?
    package let token: Secret?
    package let password: Secret?
    package let deviceToken: Secret?
    package let bootstrapToken: Secret?

    /// Reads what a client sent.
    ///
    /// - Throws: ``GatewayError`` `INVALID_REQUEST` with all violations.
    package init(_ parameters: JSONValue) throws(GatewayError) {
        let violations = Self.schema.violations(in: parameters)
        guard violations.isEmpty, let client = ClientIdentity(parameters["client"] ?? .null),
            let minimum = parameters["minProtocol"]?.integer, let maximum = parameters["maxProtocol"]?.integer
        else { throw GatewayError.invalidParameters(of: "connect", violations) }
        self.minimumVersion = minimum
        self.maximumVersion = maximum
        self.client = client
        role = parameters["role"]?.string ?? Role.operator.rawValue
        scopes = parameters["scopes"]?.array?.compactMap(\.string).map(Scope.init(rawValue:)) ?? []
        capabilities = parameters["caps"]?.array?.compactMap(\.string) ?? []
        device = parameters["device"].flatMap { DeviceClaim($0) }
        token = parameters["auth"]?["token"]?.string.map { Secret($0) }
        password = parameters["auth"]?["password"]?.string.map { Secret($0) }
        deviceToken = parameters["auth"]?["deviceToken"]?.string.map { Secret($0) }
        bootstrapToken = parameters["auth"]?["bootstrapToken"]?.string.map { Secret($0) }
    }

    private static let device = ParameterSchema.object([
        .required("id", .nonEmptyString), .required("publicKey", .nonEmptyString),
        .required("signature", .nonEmptyString), .required("signedAt", .integer(minimum: 0)),
        .required("nonce", .nonEmptyString),
    ])

    private static let auth = ParameterSchema.object([
        .optional("token", .string), .optional("bootstrapToken", .string), .optional("deviceToken", .string),
        .optional("password", .string), .optional("approvalRuntimeToken", .string),
        .optional("agentRuntimeIdentityToken", .string),
    ])

    /// The closed object of the protocol. Scopes and capabilities are bounded, which the protocol leaves open.
    package static let schema = ParameterSchema.object([
        .required("minProtocol", .integer(minimum: 1)),
        .required("maxProtocol", .integer(minimum: 1)),
        .required("client", ClientIdentity.schema),
        .optional("role", .nonEmptyString),
        .optional("scopes", .array(of: .nonEmptyString, maximumCount: 64)),
        .optional("caps", .array(of: .nonEmptyString, maximumCount: 128)),
        .optional("commands", .array(of: .nonEmptyString, maximumCount: 512)),
        .optional("permissions", .map(of: .boolean)),
        .optional("pathEnv", .string),
        .optional("device", device),
        .optional("auth", auth),
        .optional("locale", .string),
        .optional("userAgent", .string),
    ])
}

extension ClientIdentity {
    fileprivate static let schema = ParameterSchema.object([
        .required("id", .enumeration(Kind.allCases.map(\.rawValue))),
        .required("version", .nonEmptyString),
        .required("platform", .nonEmptyString),
        .required("mode", .enumeration(Mode.allCases.map(\.rawValue))),
        .optional("displayName", .nonEmptyString),
        .optional("deviceFamily", .nonEmptyString),
        .optional("modelIdentifier", .nonEmptyString),
        .optional("instanceId", .nonEmptyString),
        .optional("buildId", .string),
        .optional("timeZone", .string),
    ])

    /// Reads the member `client`, whose schema holds.
    fileprivate init?(_ value: JSONValue) {
        guard let kind = value["id"]?.string.flatMap(Kind.init(rawValue:)),
            let mode = value["mode"]?.string.flatMap(Mode.init(rawValue:)),
            let version = value["version"]?.string, let platform = value["platform"]?.string
        else { return nil }
        self.init(kind: kind, version: version, platform: platform, mode: mode)
        displayName = value["displayName"]?.string
        deviceFamily = value["deviceFamily"]?.string
        modelIdentifier = value["modelIdentifier"]?.string
        instanceID = value["instanceId"]?.string
    }
}
