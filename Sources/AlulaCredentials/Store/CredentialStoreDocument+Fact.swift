package import AlulaAuth
import AlulaPrimitives

extension CredentialStoreDocument {
    /// What may be known about this store outside of this module.
    ///
    /// - Parameter markers: Texts that are no secrets, beside the built-in ones.
    package func fact(markers: Set<String>) -> StoreFact {
        StoreFact(
            origin: origin, path: path, profiles: profiles.mapValues { $0.fact(markers: markers) }, order: order,
            lastGood: lastGood, usage: usage, problems: problems)
    }
}

extension SourceProblem {
    /// How many entries a warning names.
    private static let namedEntries = 10
    /// How much of a key a warning shows.
    private static let shownKeyCharacters = 64

    /// The one warning about entries of a store that are no credentials.
    static func entriesRejected(
        _ rejected: [(key: String, reason: StoredProfileDecoder.Rejection)], path: String
    ) -> SourceProblem {
        let counts = StoredProfileDecoder.Rejection.allCases.compactMap { reason -> String? in
            let count = rejected.count { $0.reason == reason }
            return count == 0 ? nil : "\(count) \(reason.rawValue)"
        }
        let names = rejected.prefix(namedEntries).map { shown($0.key) }
        let more = rejected.count > namedEntries ? " and \(rejected.count - namedEntries) more" : ""
        let noun = rejected.count == 1 ? "entry is" : "entries are"
        let types =
            rejected.contains { $0.reason == .invalidType }
            ? " Valid types are \(ProfileFact.Kind.allCases.map(\.rawValue).joined(separator: ", "))." : ""
        return SourceProblem(
            .entriesRejected,
            "\(rejected.count) \(noun) no credential (\(counts.joined(separator: ", "))): "
                + "\(names.joined(separator: ", "))\(more).\(types)",
            path: path, remedy: "Correct these entries, or remove them; all others are used.")
    }

    /// A key as it can be shown: short, and without characters that move the cursor.
    private static func shown(_ key: String) -> String {
        let kept = key.unicodeScalars.prefix(shownKeyCharacters).map { scalar in
            scalar.properties.generalCategory.isInvisible ? "\u{FFFD}" : Character(scalar)
        }
        return String(kept) + (key.unicodeScalars.count > shownKeyCharacters ? "…" : "")
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isInvisible: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
