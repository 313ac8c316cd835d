/// How an answer is chosen among the possible ones, and where it ends. `nil` leaves a choice to the provider.
package struct SamplingOptions: Hashable, Sendable {
    /// From 0 to 2 in OpenAI's dialect, from 0 to 1 in Anthropic's; handed on as it is.
    package var temperature: Double?
    /// From 0 to 1.
    package var topP: Double?
    package var topK: Int?
    /// From −2 to 2.
    package var frequencyPenalty: Double?
    /// From −2 to 2.
    package var presencePenalty: Double?
    package var seed: Int64?
    /// Texts at which the answer ends; they are not part of it.
    package var stopSequences: [String]
    /// In tokens, thoughts included where the provider counts them.
    package var maximumOutputTokens: Int?
    /// How many answers are wanted.
    package var choiceCount: Int?

    package init(
        temperature: Double? = nil, topP: Double? = nil, topK: Int? = nil, frequencyPenalty: Double? = nil,
        presencePenalty: Double? = nil, seed: Int64? = nil, stopSequences: [String] = [],
        maximumOutputTokens: Int? = nil, choiceCount: Int? = nil
    ) {
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.frequencyPenalty = frequencyPenalty
        self.presencePenalty = presencePenalty
        self.seed = seed
        self.stopSequences = stopSequences
        self.maximumOutputTokens = maximumOutputTokens
        self.choiceCount = choiceCount
    }
}
