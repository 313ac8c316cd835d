/// A provider's proof of a model's thoughts, which only providers of its kind take back: one that another kind of API is sent
/// makes it refuse the whole request.
///
/// Anthropic's are handed on as they are, since its own clients know them. Google's get a name in front, so that a conversation
/// that another provider goes on with is known to hold them.
enum ThoughtProof {
    private static let googlePrefix = "google:"

    /// What Google's API takes for the proof of a call that its model did not make.
    static let absent = "skip_thought_signature_validator"

    /// Google's proof under its name.
    static func named(_ signature: String) -> String { googlePrefix + signature }

    /// Google's proof, or `nil` for another provider's.
    static func google(_ signature: String) -> String? {
        guard signature.hasPrefix(googlePrefix) else { return nil }
        return String(signature.dropFirst(googlePrefix.count))
    }

    /// Whether it is another provider's than Anthropic's.
    static func isForeign(_ signature: String) -> Bool { signature.hasPrefix(googlePrefix) }
}
