import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension Availability: FactCodable {
    private enum Kind: String, FactText {
        case available, unavailable, unknown
    }

    var factJSON: JSONValue {
        switch self {
        case .available(let evidence): .fields(("kind", Kind.available), ("evidence", evidence))
        case .unavailable(let reason, let until):
            .fields(("kind", Kind.unavailable), ("reason", reason), ("until", until))
        case .unknown(let reason): .fields(("kind", Kind.unknown), ("reason", reason))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .available: self = .available(try fields.take("evidence"))
        case .unavailable:
            self = .unavailable(try fields.take("reason"), until: try fields.takeIfPresent("until"))
        case .unknown: self = .unknown(try fields.take("reason"))
        }
        try fields.finish()
    }
}

extension UnavailableReason: FactText {}
extension UnknownReason: FactText {}

extension Evidence: FactCodable {
    var factJSON: JSONValue {
        .fields(("source", source), ("mode", mode), ("expiresAt", expiresAt), ("label", label))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            source: try fields.take("source"), mode: try fields.take("mode"),
            expiresAt: try fields.takeIfPresent("expiresAt"), label: try fields.take("label"))
        try fields.finish()
    }
}

extension Evidence.Mode: FactText {}

extension Evidence.Source: FactCodable {
    private enum Kind: String, FactText {
        case environment, profile, login, configuration, googleCredentials, aws, localServer, builtIn
    }

    var factJSON: JSONValue {
        switch self {
        case .environment(let variable): .fields(("kind", Kind.environment), ("variable", variable))
        case .profile(let id): .fields(("kind", Kind.profile), ("profile", id))
        case .login(let tool, let id): .fields(("kind", Kind.login), ("tool", tool), ("profile", id))
        case .configuration: .fields(("kind", Kind.configuration))
        case .googleCredentials: .fields(("kind", Kind.googleCredentials))
        case .aws(let source): .fields(("kind", Kind.aws), ("aws", source))
        case .localServer: .fields(("kind", Kind.localServer))
        case .builtIn: .fields(("kind", Kind.builtIn))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .environment: self = .environment(variable: try fields.take("variable"))
        case .profile: self = .profile(try fields.take("profile"))
        case .login: self = .login(try fields.take("tool"), try fields.take("profile"))
        case .configuration: self = .configuration
        case .googleCredentials: self = .googleCredentials
        case .aws: self = .aws(try fields.take("aws"))
        case .localServer: self = .localServer
        case .builtIn: self = .builtIn
        }
        try fields.finish()
    }
}

extension Evidence.AWSSource: FactCodable {
    private enum Kind: String, FactText {
        case bearerToken, environmentKeys, profile, webIdentity, container
    }

    var factJSON: JSONValue {
        switch self {
        case .bearerToken: .fields(("kind", Kind.bearerToken))
        case .environmentKeys: .fields(("kind", Kind.environmentKeys))
        case .profile(let name, let means): .fields(("kind", Kind.profile), ("name", name), ("means", means))
        case .webIdentity: .fields(("kind", Kind.webIdentity))
        case .container: .fields(("kind", Kind.container))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .bearerToken: self = .bearerToken
        case .environmentKeys: self = .environmentKeys
        case .profile: self = .profile(try fields.take("name"), try fields.take("means"))
        case .webIdentity: self = .webIdentity
        case .container: self = .container
        }
        try fields.finish()
    }
}
