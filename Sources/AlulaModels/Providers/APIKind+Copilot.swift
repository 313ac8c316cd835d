import AlulaPrimitives

extension APIKind {
    /// What a model of GitHub's Copilot is asked through: its maker's own protocol, as far as Copilot has it. Models that their
    /// configuration says it of are asked through that one.
    static func ofCopilot(_ model: ModelID) -> APIKind {
        let name = model.rawValue.lowercased()
        if name.contains("claude") { return .anthropicMessages }
        // Since their fifth generation OpenAI's models refuse to be asked in the older way there; those before it refuse the newer one,
        // and so did this one for long.
        let isOlder = name.hasPrefix("gpt-5-mini")
        if !isOlder, name.contains("codex") || (generation(of: name) ?? 0) >= 5 { return .openAIResponses }
        return .openAICompletions
    }

    /// `gpt-5.5` is of the fifth.
    private static func generation(of name: String) -> Int? {
        guard name.hasPrefix("gpt-") else { return nil }
        return Int(name.dropFirst(4).prefix { $0.isASCII && $0.isNumber })
    }
}
