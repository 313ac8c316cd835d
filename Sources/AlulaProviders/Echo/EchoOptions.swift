package import AlulaInference
package import AlulaJSON

/// What a caller may ask of the test model besides an answer: behind a question mark in the model's name
/// (`alula/echo?delay=50&fail=429`), or as the member `echo` of the request, which counts more.
package struct EchoOptions: Hashable, Sendable {
    /// Before the first piece, at most ten minutes.
    package var wait = Duration.zero
    /// Before each piece, at most a minute.
    package var delay = Duration.zero
    /// How many words the answer has in place of the caller's own ones.
    package var words: Int?
    /// The status that the model fails with before its first piece.
    package var failure: Int?
    /// After how many pieces the answer breaks off.
    package var breakPlace: Int?
    /// After how many pieces nothing follows, for ever.
    package var stallPlace: Int?
    /// How many of the caller's tools are called.
    package var toolCalls = 0
    /// Whether thoughts come first.
    package var thinks = false
    /// Whether the model refuses.
    package var refuses = false
    /// Whether the answer is a JSON object even if nobody asked for a format.
    package var writesJSON = false

    package init() {}

    /// One option by its name.
    private struct Option {
        let name: String
        let range: ClosedRange<Int64>
        /// What the name alone means.
        var bare: Int64?
        let set: @Sendable (inout EchoOptions, Int64) -> Void
    }

    private static let options: [Option] = [
        Option(name: "wait", range: 0...600_000) { $0.wait = .milliseconds($1) },
        Option(name: "delay", range: 0...60_000) { $0.delay = .milliseconds($1) },
        Option(name: "words", range: 1...100_000) { $0.words = Int($1) },
        Option(name: "fail", range: 400...599) { $0.failure = Int($1) },
        Option(name: "break", range: 0...100_000) { $0.breakPlace = Int($1) },
        Option(name: "stall", range: 0...100_000) { $0.stallPlace = Int($1) },
        Option(name: "tools", range: 0...16, bare: 1) { $0.toolCalls = Int($1) },
        Option(name: "think", range: 0...1, bare: 1) { $0.thinks = $1 == 1 },
        Option(name: "refuse", range: 0...1, bare: 1) { $0.refuses = $1 == 1 },
        Option(name: "json", range: 0...1, bare: 1) { $0.writesJSON = $1 == 1 },
    ]

    /// The names of all options, in the order of the page for people.
    package static var names: [String] { options.map(\.name) }

    /// - Parameters:
    ///   - suffix: What stands behind the question mark of the model's name; `nil` when there is none.
    ///   - extras: Of the request; the member `echo` is read.
    /// - Throws: ``InferenceError/Code/malformedRequest`` for an option that does not exist or is out of its range.
    package init(suffix: String?, extras: JSONObject) throws(InferenceError) {
        for word in suffix?.split(separator: "&") ?? [] {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            try set(parts[0], parts.count > 1 ? Int64(parts[1]) : nil, isBare: parts.count == 1, in: "model")
        }
        guard let value = extras["echo"] else { return }
        guard let object = value.object else {
            throw InferenceError(.malformedRequest, "`echo` must be an object.", parameter: "echo")
        }
        for (name, value) in object {
            let flag = value.bool.map { Int64($0 ? 1 : 0) }
            try set(name, value.integer ?? flag, isBare: false, in: "echo")
        }
    }

    private mutating func set(
        _ name: String, _ value: Int64?, isBare: Bool, in place: String
    ) throws(InferenceError) {
        guard let option = Self.options.first(where: { $0.name == name }) else {
            throw InferenceError(
                .malformedRequest, "The test model has no such option; it has \(Self.names.joined(separator: ", ")).",
                parameter: place)
        }
        guard let value = isBare ? option.bare : value, option.range.contains(value) else {
            throw InferenceError(
                .malformedRequest,
                "The test model's option `\(name)` takes a whole number from \(option.range.lowerBound) to \(option.range.upperBound).",
                parameter: place)
        }
        option.set(&self, value)
    }
}
