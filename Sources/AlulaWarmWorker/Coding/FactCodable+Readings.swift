import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension Reading: FactCodable where Fact: FactCodable {
    var factJSON: JSONValue {
        switch self {
        case .pending: .fields(("state", ReadingStateName.pending))
        case .absent: .fields(("state", ReadingStateName.absent))
        case .found(let fact, let version):
            .fields(("state", ReadingStateName.found), ("version", version), ("fact", fact))
        case .failed(let problem): .fields(("state", ReadingStateName.failed), ("problem", problem))
        case .timedOut(let milliseconds):
            .fields(("state", ReadingStateName.timedOut), ("afterMilliseconds", milliseconds))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("state", as: ReadingStateName.self) {
        case .pending: self = .pending
        case .absent: self = .absent
        case .found: self = .found(try fields.take("fact"), version: try fields.take("version"))
        case .failed: self = .failed(try fields.take("problem"))
        case .timedOut: self = .timedOut(afterMilliseconds: try fields.take("afterMilliseconds"))
        }
        try fields.finish()
    }
}

private enum ReadingStateName: String, FactText {
    case pending, absent, found, failed, timedOut
}

extension SourceReading: FactCodable {
    private enum Kind: String, FactText {
        case store, login, googleCredentials, awsFiles, secretSource
    }

    var factJSON: JSONValue {
        switch self {
        case .store(let store, let reading):
            .fields(("source", Kind.store), ("store", store), ("reading", reading))
        case .login(let tool, let reading):
            .fields(("source", Kind.login), ("tool", tool), ("reading", reading))
        case .googleCredentials(let reading):
            .fields(("source", Kind.googleCredentials), ("reading", reading))
        case .awsFiles(let reading):
            .fields(("source", Kind.awsFiles), ("reading", reading))
        case .secretSource(let alias, let reading):
            .fields(("source", Kind.secretSource), ("alias", alias), ("reading", reading))
        }
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        switch try fields.take("source", as: Kind.self) {
        case .store: self = .store(try fields.take("store"), try fields.take("reading"))
        case .login: self = .login(try fields.take("tool"), try fields.take("reading"))
        case .googleCredentials: self = .googleCredentials(try fields.take("reading"))
        case .awsFiles: self = .awsFiles(try fields.take("reading"))
        case .secretSource:
            self = .secretSource(alias: try fields.take("alias"), try fields.take("reading"))
        }
        try fields.finish()
    }
}

extension SourceProblem: FactCodable {
    var factJSON: JSONValue {
        .fields(
            ("code", code), ("message", message), ("path", path), ("line", line), ("column", column),
            ("remedy", remedy))
    }

    init(factJSON: JSONValue) throws(WarmWorkerError) {
        var fields = try FactFields(factJSON)
        self.init(
            try fields.take("code"), try fields.take("message"), path: try fields.takeIfPresent("path"),
            line: try fields.takeIfPresent("line"), column: try fields.takeIfPresent("column"),
            remedy: try fields.take("remedy"))
        try fields.finish()
    }
}

extension SourceProblem.Code: FactText {}
