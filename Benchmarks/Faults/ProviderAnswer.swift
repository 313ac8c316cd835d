package import AlulaJSON

/// What an answer has to hold at least, and may hold at most: providers that can answer.
package struct Expectation: Hashable, Sendable {
    package var required: Set<String>
    package var allowed: Set<String>

    package init(required: Set<String>, allowed: Set<String>) {
        self.required = required
        self.allowed = allowed
    }
}

/// What a gateway says about providers.
package struct ProviderAnswer: Hashable, Sendable {
    /// Whether each provider that it mentions can answer.
    package let providers: [String: Bool]
    /// Whether it has to mention all that can.
    package let isComplete: Bool

    package init(providers: [String: Bool], isComplete: Bool) {
        self.providers = providers
        self.isComplete = isComplete
    }

    /// - Parameters:
    ///   - payload: What came.
    ///   - method: `models.status`, `models.list` or `models.authStatus`.
    package init(_ payload: JSONValue, of method: String) {
        let entries: [JSONValue]
        switch method {
        case "models.status": entries = payload["auth"]?["providers"]?.array ?? []
        case "models.list": entries = payload["models"]?.array ?? []
        default: entries = payload["providers"]?.array ?? []
        }
        var found: [String: Bool] = [:]
        for entry in entries {
            guard let provider = entry["provider"]?.string, let isAvailable = entry["available"]?.bool else { continue }
            // Models of one provider that disagree show as "can't", which is found where it can.
            found[provider] = isAvailable && found[provider] ?? true
        }
        self.init(providers: found, isComplete: method == "models.status")
    }

    /// What is wrong with it, for people; `nil` when it is right.
    package func problem(against expectation: Expectation) -> String? {
        let available = Set(providers.filter(\.value).keys)
        let unavailable = Set(providers.filter { !$0.value }.keys)
        let missing =
            isComplete ? expectation.required.subtracting(available) : unavailable.intersection(expectation.required)
        let surplus = available.subtracting(expectation.allowed)
        var words: [String] = []
        if providers.isEmpty { words.append("it is empty") }
        if !missing.isEmpty { words.append("\(missing.sorted().joined(separator: ", ")) can answer, and it says no") }
        if !surplus.isEmpty {
            words.append("\(surplus.sorted().joined(separator: ", ")) can't answer, and it says yes")
        }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }
}
