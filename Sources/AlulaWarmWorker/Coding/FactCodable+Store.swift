import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension StoreFact: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("origin", origin), ("path", path), ("profiles", profiles), ("order", order), ("lastGood", lastGood),
            ("usage", usage), ("problems", problems))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            origin: try fields.take("origin"), path: try fields.take("path"),
            profiles: try fields.take("profiles"), order: try fields.take("order"),
            lastGood: try fields.take("lastGood"), usage: try fields.take("usage"),
            problems: try fields.take("problems"))
        try fields.finish()
    }
}

extension StoreFact.Origin: FactText {}

extension ProfileFact: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("provider", provider), ("kind", kind), ("inlineDigest", inlineDigest), ("marker", marker),
            ("reference", reference), ("refreshDigest", refreshDigest), ("expiry", expiry),
            ("identity", identity), ("displayName", displayName), ("copiesToAgents", copiesToAgents),
            ("provenance", provenance), ("hasForbiddenReference", hasForbiddenReference))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            provider: try fields.take("provider"), kind: try fields.take("kind"),
            inlineDigest: try fields.takeIfPresent("inlineDigest"), marker: try fields.takeIfPresent("marker"),
            reference: try fields.takeIfPresent("reference"),
            refreshDigest: try fields.takeIfPresent("refreshDigest"), expiry: try fields.take("expiry"),
            identity: try fields.take("identity"), displayName: try fields.takeIfPresent("displayName"),
            copiesToAgents: try fields.takeIfPresent("copiesToAgents"),
            provenance: try fields.take("provenance"),
            hasForbiddenReference: try fields.take("hasForbiddenReference"))
        try fields.finish()
    }
}

extension ProfileFact.Kind: FactText {}

extension ProfileFact.Expiry: FactCodable {
    private enum Kind: String, FactText {
        case unstated, at, invalid
    }

    var factJSON: JSONValue {
        switch self {
        case .unstated: .fields(("kind", Kind.unstated))
        case .at(let time): .fields(("kind", Kind.at), ("time", time))
        case .invalid: .fields(("kind", Kind.invalid))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .unstated: self = .unstated
        case .at: self = .at(try fields.take("time"))
        case .invalid: self = .invalid
        }
        try fields.finish()
    }
}

extension ProfileFact.Identity: FactCodable {
    var factJSON: JSONValue { .fields(("accountID", accountID), ("email", email)) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(accountID: try fields.takeIfPresent("accountID"), email: try fields.takeIfPresent("email"))
        try fields.finish()
    }
}

extension ProfileFact.Provenance: FactCodable {
    private enum Kind: String, FactText {
        case stored, login
    }

    var factJSON: JSONValue {
        switch self {
        case .stored: .fields(("kind", Kind.stored))
        case .login(let tool): .fields(("kind", Kind.login), ("tool", tool))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .stored: self = .stored
        case .login: self = .login(try fields.take("tool"))
        }
        try fields.finish()
    }
}

extension SecretReference: FactCodable {
    var factJSON: JSONValue { .fields(("source", source), ("provider", provider), ("id", id)) }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            source: try fields.take("source"), provider: try fields.take("provider"), id: try fields.take("id"))
        try fields.finish()
    }
}

extension SecretReference.Source: FactText {}

extension ProfileUsage: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("lastUsed", lastUsed), ("cooldownUntil", cooldownUntil), ("cooldownReason", cooldownReason),
            ("cooldownModel", cooldownModel), ("disabledUntil", disabledUntil),
            ("disabledReason", disabledReason), ("blockedUntil", blockedUntil),
            ("blockedReason", blockedReason), ("blockedSource", blockedSource), ("blockedModel", blockedModel),
            ("errorCount", errorCount), ("failureCounts", failureCounts), ("lastFailureAt", lastFailureAt))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            lastUsed: try fields.takeIfPresent("lastUsed"),
            cooldownUntil: try fields.takeIfPresent("cooldownUntil"),
            cooldownReason: try fields.takeIfPresent("cooldownReason"),
            cooldownModel: try fields.takeIfPresent("cooldownModel"),
            disabledUntil: try fields.takeIfPresent("disabledUntil"),
            disabledReason: try fields.takeIfPresent("disabledReason"),
            blockedUntil: try fields.takeIfPresent("blockedUntil"),
            blockedReason: try fields.takeIfPresent("blockedReason"),
            blockedSource: try fields.takeIfPresent("blockedSource"),
            blockedModel: try fields.takeIfPresent("blockedModel"), errorCount: try fields.take("errorCount"),
            failureCounts: try fields.take("failureCounts"),
            lastFailureAt: try fields.takeIfPresent("lastFailureAt"))
        try fields.finish()
    }
}

extension FailureReason: FactText {}
