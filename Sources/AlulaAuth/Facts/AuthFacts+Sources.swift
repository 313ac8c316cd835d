import AlulaPrimitives

extension SourceReading {
    /// Which source this is a reading of. Secret sources that come from a plan are files.
    package var source: FactSource {
        switch self {
        case .store(let store, _): .store(store)
        case .login(let tool, _): .login(tool)
        case .googleCredentials: .googleCredentials
        case .awsFiles: .awsFiles
        case .secretSource(let alias, _): .secretFile(alias: alias)
        }
    }

    package var isTimedOut: Bool { state == .timedOut }
    package var isFailed: Bool { state == .failed }

    private var state: ReadingState {
        switch self {
        case .store(_, let reading): reading.state
        case .login(_, let reading): reading.state
        case .googleCredentials(let reading): reading.state
        case .awsFiles(let reading): reading.state
        case .secretSource(_, let reading): reading.state
        }
    }
}

/// A reading without its content.
private enum ReadingState {
    case pending, absent, found, failed, timedOut
}

extension Reading {
    fileprivate var state: ReadingState {
        switch self {
        case .pending: .pending
        case .absent: .absent
        case .found: .found
        case .failed: .failed
        case .timedOut: .timedOut
        }
    }
}

extension AuthFacts {
    /// Whether `source` was read successfully.
    func isFound(_ source: FactSource) -> Bool {
        switch source {
        case .store(let store): stores[store]?.fact != nil
        case .login(let tool): logins[tool]?.fact != nil
        case .googleCredentials: googleCredentials.fact != nil
        case .awsFiles: awsFiles.fact != nil
        case .secretFile(let alias), .secretHelper(let alias): secretSources[alias]?.fact != nil
        }
    }

    /// Forgets sources that the configuration no longer names.
    mutating func keepOnly(_ inputs: WarmInputs) {
        let known = Set(inputs.items.map(\.source))
        stores = stores.filter { known.contains(.store($0.key)) }
        logins = logins.filter { known.contains(.login($0.key)) }
        secretSources = secretSources.filter {
            known.contains(.secretFile(alias: $0.key)) || inputs.secretHelpers[$0.key] != nil
        }
    }
}
