package import AlulaPrimitives

/// Finds the variables from which one provider's keys are taken when there may be several of them.
///
/// A single key comes from ``ProviderTable/environmentVariables(of:)``. These are the names with which owners hand
/// over a list to rotate through, or a second key.
package struct CredentialVariables: Sendable {
    /// The variable that switches all others off; `OPENCLAW_LIVE_OPENAI_KEY` for `openai`.
    package let exclusive: String
    /// One variable with several keys, separated by commas or semicolons; `OPENAI_API_KEYS`.
    package let list: String
    /// The plain variable; `OPENAI_API_KEY`.
    package let single: String

    private let extra: [String]

    /// The names of `provider`, whose auth alias the caller has followed.
    package init(provider: ProviderID) {
        let stem = String(
            provider.rawValue.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        exclusive = "OPENCLAW_LIVE_\(stem)_KEY"
        list = "\(stem)_API_KEYS"
        single = "\(stem)_API_KEY"
        extra = provider == "google" ? ["GOOGLE_API_KEY", "GEMINI_API_KEY"].filter { $0 != "\(stem)_API_KEY" } : []
    }

    /// The variables to take keys from, in order of use.
    ///
    /// Numbered ones (`OPENAI_API_KEY_2`) are sorted by number, others by name. A name that ends in `_FILE` holds a
    /// path by convention and never a key.
    package func candidates(among names: some Sequence<String>) -> [String] {
        let names = Set(names)
        if names.contains(exclusive) { return [exclusive] }
        let prefix = single + "_"
        let numbered = names.filter { $0.hasPrefix(prefix) && $0.count > prefix.count && !$0.hasSuffix("_FILE") }
            .sorted { left, right in
                switch (Int(left.dropFirst(prefix.count)), Int(right.dropFirst(prefix.count))) {
                case (let left?, let right?): left < right
                case (.some, nil): true
                case (nil, .some): false
                case (nil, nil): left < right
                }
            }
        return [list, single].filter(names.contains) + numbered + extra.filter(names.contains)
    }

    /// The keys in the value of ``list``, in order, without blanks and repetitions.
    package static func split(_ list: Secret) -> [Secret] {
        var seen: Set<String> = []
        return list.exposed.split { $0 == "," || $0 == ";" }
            .map { String($0).trimmed() }
            .filter { !$0.isEmpty && seen.insert($0).inserted }
            .map { Secret($0) }
    }
}
