import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension AuthFacts: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("environment", environment), ("stores", stores), ("logins", logins),
            ("googleCredentials", googleCredentials), ("awsFiles", awsFiles), ("secretSources", secretSources))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            environment: try fields.take("environment"), stores: try fields.take("stores"),
            logins: try fields.take("logins"), googleCredentials: try fields.take("googleCredentials"),
            awsFiles: try fields.take("awsFiles"), secretSources: try fields.take("secretSources"))
        try fields.finish()
    }
}

extension EnvironmentFact: FactCodable {
    var factJSON: JSONValue { .fields(("origins", origins), ("values", values), ("markers", markers)) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            origins: try fields.take("origins"), values: try fields.take("values"),
            markers: try fields.take("markers"))
        guard values.keys.allSatisfy(Self.disclosed.contains) else {
            throw WarmWorkerError(.invalidValue, "A variable's value is stated that may not be.")
        }
        try fields.finish()
    }
}

extension EnvironmentFact.Origin: FactText {}

extension LoginFact: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("tool", tool), ("kind", kind), ("digest", digest), ("refreshDigest", refreshDigest),
            ("expiry", expiry), ("identity", identity), ("modified", modified), ("path", path))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            tool: try fields.take("tool"), kind: try fields.take("kind"), digest: try fields.take("digest"),
            refreshDigest: try fields.takeIfPresent("refreshDigest"), expiry: try fields.take("expiry"),
            identity: try fields.take("identity"), modified: try fields.take("modified"),
            path: try fields.take("path"))
        try fields.finish()
    }
}

extension GoogleCredentialsFact: FactCodable {
    var factJSON: JSONValue { .fields(("type", type), ("path", path), ("project", project)) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            type: try fields.take("type"), path: try fields.take("path"),
            project: try fields.takeIfPresent("project"))
        try fields.finish()
    }
}

extension AWSFilesFact: FactCodable {
    var factJSON: JSONValue {
        .fields(("profiles", profiles), ("hasWebIdentityToken", hasWebIdentityToken), ("problems", problems))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            profiles: try fields.take("profiles"),
            hasWebIdentityToken: try fields.takeIfPresent("hasWebIdentityToken"),
            problems: try fields.take("problems"))
        try fields.finish()
    }
}

extension AWSFilesFact.Means: FactText {}

extension SecretSourceFact: FactCodable {
    var factJSON: JSONValue { .fields(("ids", ids)) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(ids: try fields.take("ids"))
        try fields.finish()
    }
}

extension SecretSourceFact.Presence: FactCodable {
    private enum Kind: String, FactText {
        case present, missing
    }

    var factJSON: JSONValue {
        switch self {
        case .present: .fields(("kind", Kind.present))
        case .missing(let code): .fields(("kind", Kind.missing), ("code", code))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .present: self = .present
        case .missing: self = .missing(code: try fields.take("code"))
        }
        try fields.finish()
    }
}
