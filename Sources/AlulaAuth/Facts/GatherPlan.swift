package import AlulaPrimitives

/// What a gatherer is asked to read: names and paths, made from the configuration after every secret was left out.
package struct GatherPlan: Hashable, Sendable {
    /// One source and where it is.
    package enum Item: Hashable, Sendable {
        /// A credential store. The legacy OAuth file belongs to the main store only.
        case store(StoreID, legacyOAuthPath: String?, sharedDatabasePath: String?)
        /// A login file; for the GitHub CLI its `hosts.yml`.
        case login(LoginTool, path: String)
        /// Candidate files, of which the first that exists counts.
        case googleCredentials(paths: [String])
        case awsFiles(configPath: String, credentialsPath: String, webIdentityTokenPath: String?)
        /// A secrets file. `ids` are JSON pointers, or `value` in single-value mode.
        case secretFile(alias: String, path: String, isSingleValue: Bool, maximumBytes: Int, ids: [String])
    }

    package var items: [Item]
    /// After this, in milliseconds, a source's answer is ``Reading/timedOut(afterMilliseconds:)`` and the rest is used.
    package var sourceDeadlineMilliseconds: Int64
    /// Names that mark a text as a placeholder and not as a secret.
    package var markers: Set<String>

    package init(items: [Item], sourceDeadlineMilliseconds: Int64 = 2000, markers: Set<String> = []) {
        self.items = items
        self.sourceDeadlineMilliseconds = sourceDeadlineMilliseconds
        self.markers = markers
    }
}

extension GatherPlan.Item {
    package var source: FactSource {
        switch self {
        case .store(let store, _, _): .store(store)
        case .login(let tool, _): .login(tool)
        case .googleCredentials: .googleCredentials
        case .awsFiles: .awsFiles
        case .secretFile(let alias, _, _, _, _): .secretFile(alias: alias)
        }
    }

    /// What a source that did not answer in time is reported as.
    package func timedOut(afterMilliseconds milliseconds: Int64) -> SourceReading {
        switch self {
        case .store(let store, _, _): .store(store, .timedOut(afterMilliseconds: milliseconds))
        case .login(let tool, _): .login(tool, .timedOut(afterMilliseconds: milliseconds))
        case .googleCredentials: .googleCredentials(.timedOut(afterMilliseconds: milliseconds))
        case .awsFiles: .awsFiles(.timedOut(afterMilliseconds: milliseconds))
        case .secretFile(let alias, _, _, _, _):
            .secretSource(alias: alias, .timedOut(afterMilliseconds: milliseconds))
        }
    }
}

/// Reads one source. The credentials adapter conforms; the worker and the fallback both use it.
package protocol FactReading: Sendable {
    /// Reads one item, without ever writing, refreshing, prompting or asking the network.
    ///
    /// Blocks the calling thread, possibly for ever on a hung disk: callers bring the deadline.
    func read(_ item: GatherPlan.Item, markers: Set<String>) -> SourceReading
}
