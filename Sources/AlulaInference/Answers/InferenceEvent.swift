/// One piece of a model's answer.
///
/// A whole answer is at most one ``started(_:)`` first, then any number of pieces, then exactly one ``finished(_:)``. A
/// ``usage(_:)`` may come at any place, also after the end; the last one counts. Pieces of several tool calls may
/// alternate; ``AnswerAssembler`` puts them together.
package enum InferenceEvent: Hashable, Sendable {
    case started(AnswerHead)
    case text(String)
    case reasoning(String)
    /// The provider's proof of the thoughts so far.
    case reasoningSignature(String)
    /// Thoughts that only their provider can read.
    case encryptedReasoning(String)
    case refusal(String)
    /// A tool call begins; `index` tells it from others of the same answer.
    case toolCallStarted(index: Int, id: String, name: String)
    /// More of a call's arguments, cut anywhere.
    case toolCallArguments(index: Int, String)
    case usage(TokenUsage)
    case finished(FinishReason)
}

/// What a provider says about an answer before its text.
package struct AnswerHead: Hashable, Sendable {
    /// The provider's name for the answer.
    package var id: String?
    /// The model that answers, as the provider calls it.
    package var model: String?

    package init(id: String? = nil, model: String? = nil) {
        self.id = id
        self.model = model
    }
}

/// Why an answer ended.
package enum FinishReason: Hashable, Sendable {
    /// The model had said it all.
    case stop
    /// One of the caller's stop sequences came, which one if the provider says so.
    case stopSequence(String?)
    /// The limit of tokens was reached.
    case length
    /// The caller has to call tools.
    case toolCalls
    /// Somebody's rules forbid the rest.
    case contentFilter
    /// The model would not answer.
    case refusal
    /// The model rests in the middle of a long turn and wants to be asked to go on.
    case paused
    /// A reason that this version does not know, in the provider's spelling.
    case unknown(String)
}

/// What an answer cost, in tokens.
package struct TokenUsage: Hashable, Sendable {
    /// All that was read, cached parts included.
    package var input: Int
    /// All that was written, thoughts included.
    package var output: Int
    /// How much of ``input`` came from a cache.
    package var cacheRead: Int
    /// How much of ``input`` went into a cache.
    package var cacheWrite: Int
    /// How much of ``output`` were thoughts.
    package var reasoning: Int

    package init(input: Int = 0, output: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0, reasoning: Int = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.reasoning = reasoning
    }

    package var total: Int { input &+ output }
}
