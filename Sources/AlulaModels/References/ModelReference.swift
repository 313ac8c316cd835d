package import AlulaPrimitives

/// A model by its full name: `provider/model`, or `provider/model@profile` to use one stored login.
package struct ModelReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var provider: ProviderID
    package var model: ModelID
    /// The login that a person pinned, or `nil` to leave it to the order.
    package var profile: ProfileID?

    package init(provider: ProviderID, model: ModelID, profile: ProfileID? = nil) {
        self.provider = provider
        self.model = model
        self.profile = profile
    }

    /// Reads a full name. The provider ends at the first slash, so that a router's model may have slashes of its own.
    ///
    /// - Parameter text: `OpenRouter/moonshotai/kimi-k2`, `openai/gpt-5.5@openai:work`. Other spellings of a provider
    ///   (`z.ai`) become its id.
    /// - Returns: `nil` without a slash, or when a part is blank.
    package init?(_ text: String, table: ProviderTable = .builtIn) {
        let parts = ModelSpelling(text)
        guard let slash = parts.model.firstIndex(of: "/") else { return nil }
        let provider = ProviderID(String(parts.model[..<slash]))
        let model = ModelID(String(parts.model[parts.model.index(after: slash)...]))
        guard !provider.rawValue.isEmpty, !model.rawValue.isEmpty else { return nil }
        self.init(provider: table.modelProvider(of: provider), model: model, profile: parts.profile)
    }

    /// The same model with no login pinned.
    package var unpinned: ModelReference { ModelReference(provider: provider, model: model) }

    /// The full name that reads back as this reference.
    package var description: String { profile.map { "\(provider)/\(model)@\($0)" } ?? "\(provider)/\(model)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.provider, left.model, left.profile?.rawValue ?? "")
            < (right.provider, right.model, right.profile?.rawValue ?? "")
    }
}

/// What somebody typed for a model, with a pinned login taken off its end.
package struct ModelSpelling: Hashable, Sendable {
    /// Everything but the pin, trimmed.
    package let model: String
    package let profile: ProfileID?

    /// The pin starts at an `@` after the last slash. What only looks like one stays with the model: a date
    /// (`@20250219`), a quantisation (`@q8_0`, `@4bit`). A pin may follow it.
    package init(_ text: String) {
        let text = text.trimmed()
        var search = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
        while let at = text[search...].firstIndex(of: "@") {
            let rest = text[text.index(after: at)...]
            let word = rest.prefix { $0 != "@" }
            guard Self.isPartOfModel(word) else {
                let model = String(text[..<at]).trimmed()
                let profile = ProfileID(String(rest))
                guard !model.isEmpty, !profile.rawValue.isEmpty else { break }
                self.init(model: model, profile: profile)
                return
            }
            search = word.endIndex
        }
        self.init(model: text, profile: nil)
    }

    private init(model: String, profile: ProfileID?) {
        self.model = model
        self.profile = profile
    }

    private static func isPartOfModel(_ word: Substring) -> Bool {
        let word = word.lowercased()
        if word.count == 8, word.allSatisfy(\.isASCIIDigit) { return true }
        if word.hasSuffix("bit"), word.count > 3, word.dropLast(3).allSatisfy(\.isASCIIDigit) { return true }
        // q8_0, q4_k_m, iq3_xs
        let quantised = word.hasPrefix("iq") ? word.dropFirst(2) : word.hasPrefix("q") ? word.dropFirst() : ""
        let sections = quantised.split(separator: "_", omittingEmptySubsequences: false)
        guard let bits = sections.first, !bits.isEmpty, bits.allSatisfy(\.isASCIIDigit) else { return false }
        return sections.dropFirst().allSatisfy { section in
            !section.isEmpty && section.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
