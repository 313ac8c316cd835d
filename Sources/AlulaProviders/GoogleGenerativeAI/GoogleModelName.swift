import AlulaPrimitives

/// What the name of a model says about it.
struct GoogleModelName: Sendable {
    /// How a model is told how much to think.
    enum Thinking: Sendable {
        /// By a word.
        case level
        /// By a number of tokens.
        case budget
        /// It does not think.
        case none
    }

    /// Below which the API has the model: `models/gemini-3-pro-preview`, each part as it stands in an address.
    let path: String
    /// The same outside of addresses.
    let resource: String
    private let name: String
    /// Major and minor version; `nil` for names without one, such as `gemini-flash-latest`.
    private let version: (major: Int, minor: Int)?

    init(_ id: String) {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        let isWhole = parts.count == 2 && ["models", "tunedModels"].contains(parts[0])
        resource = isWhole ? id : "models/" + id
        path = isWhole ? "\(parts[0])/\(PercentEncoding.encoded(parts[1]))" : "models/" + PercentEncoding.encoded(id)
        name = (parts.last ?? "").lowercased()
        // `gemini-2.5-flash-lite`; numbers further behind are dates and builds.
        let words = name.split(separator: "-")
        let numbers = words.dropFirst().first?.split(separator: ".").map { Int($0) } ?? []
        version = numbers.first.flatMap { $0 }.map { ($0, numbers.dropFirst().first.flatMap { $0 } ?? 0) }
    }

    var thinking: Thinking {
        guard name.hasPrefix("gemini") else { return .none }
        guard let version else { return .budget }
        switch (version.major, version.minor) {
        case (3..., _): return .level
        case (2, 5...): return .budget
        default: return .none
        }
    }

    /// Whether a call of an earlier turn has to come with the proof of its thoughts.
    var wantsProof: Bool { name.hasPrefix("gemini") && (version?.major ?? 0) >= 3 }

    /// Whether it can't be kept from thinking.
    var alwaysThinks: Bool { name.contains("pro") }

    /// Whether it knows the level in the middle.
    var hasMediumLevel: Bool { !(alwaysThinks && version.map { $0 == (3, 0) } ?? false) }
}
