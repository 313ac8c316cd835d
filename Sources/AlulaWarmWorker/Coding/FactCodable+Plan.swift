import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension GatherPlan: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("items", items), ("sourceDeadlineMilliseconds", sourceDeadlineMilliseconds), ("markers", markers))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            items: try fields.take("items"),
            sourceDeadlineMilliseconds: try fields.take("sourceDeadlineMilliseconds"),
            markers: try fields.take("markers"))
        guard sourceDeadlineMilliseconds >= 0 else {
            throw WarmWorkerError(.invalidValue, "The deadline of a source is negative.")
        }
        try fields.finish()
    }
}

extension GatherPlan.Item: FactCodable {
    private enum Kind: String, FactText {
        case store, login, googleCredentials, awsFiles, secretFile
    }

    var factJSON: JSONValue {
        switch self {
        case .store(let store, let legacyOAuthPath, let sharedDatabasePath):
            .fields(
                ("kind", Kind.store), ("store", store), ("legacyOAuthPath", legacyOAuthPath),
                ("sharedDatabasePath", sharedDatabasePath))
        case .login(let tool, let path):
            .fields(("kind", Kind.login), ("tool", tool), ("path", path))
        case .googleCredentials(let paths):
            .fields(("kind", Kind.googleCredentials), ("paths", paths))
        case .awsFiles(let configPath, let credentialsPath, let webIdentityTokenPath):
            .fields(
                ("kind", Kind.awsFiles), ("configPath", configPath), ("credentialsPath", credentialsPath),
                ("webIdentityTokenPath", webIdentityTokenPath))
        case .secretFile(let alias, let path, let isSingleValue, let maximumBytes, let ids):
            .fields(
                ("kind", Kind.secretFile), ("alias", alias), ("path", path), ("isSingleValue", isSingleValue),
                ("maximumBytes", maximumBytes), ("ids", ids))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("kind", as: Kind.self) {
        case .store:
            self = .store(
                try fields.take("store"), legacyOAuthPath: try fields.takeIfPresent("legacyOAuthPath"),
                sharedDatabasePath: try fields.takeIfPresent("sharedDatabasePath"))
        case .login:
            self = .login(try fields.take("tool"), path: try fields.take("path"))
        case .googleCredentials:
            self = .googleCredentials(paths: try fields.take("paths"))
        case .awsFiles:
            self = .awsFiles(
                configPath: try fields.take("configPath"), credentialsPath: try fields.take("credentialsPath"),
                webIdentityTokenPath: try fields.takeIfPresent("webIdentityTokenPath"))
        case .secretFile:
            self = .secretFile(
                alias: try fields.take("alias"), path: try fields.take("path"),
                isSingleValue: try fields.take("isSingleValue"),
                maximumBytes: try fields.take("maximumBytes"), ids: try fields.take("ids"))
        }
        try fields.finish()
    }
}

extension LoginTool: FactText {}
