package import AlulaInference
import AlulaJSON

/// What the test model says to a request, piece by piece: the same for the same request, at any time and anywhere.
package struct EchoScript: Sendable {
    /// What happens next.
    package enum Step: Hashable, Sendable {
        case pause(Duration)
        case piece(InferenceEvent)
        /// Nothing, for ever.
        case stall
        case failure(AttemptFailure)
    }

    /// One piece of the answer proper. Each is one token.
    private enum Part: Sendable {
        case thought(String)
        case text(EchoText)
        case refusal(String)
        case call(ToolDefinition)
    }

    /// How much of a caller's text comes back, in characters.
    static let maximumEcho = 8192
    /// The longest answer, in tokens, unless the caller wants a shorter one.
    static let maximumOutput = 100_000
    /// What the answer begins with, so that nobody takes it for a model's.
    package static let label = "Alula's test model repeats: "

    private let options: EchoOptions
    private let model: String
    private let input: Int
    private let limit: Int
    private var parts: [Part]
    private var finish: FinishReason

    private var hasBegun = false
    private var ending: [InferenceEvent] = []
    private var hasEnded = false
    private var queued: [Step] = []
    private var written = 0
    private var thought = 0
    private var calls = 0

    package init(_ request: InferenceRequest, options: EchoOptions, model: String) {
        self.options = options
        self.model = model
        input = TokenEstimate.tokens(of: request)
        limit = min(request.sampling.maximumOutputTokens ?? Self.maximumOutput, Self.maximumOutput)
        finish = .stop
        parts = options.thinks ? [.thought("The caller wants "), .thought("to hear itself.")] : []
        let tools = Self.tools(request, options)
        if options.refuses {
            parts.append(.refusal("Alula's test model was told to refuse."))
            finish = .refusal
        } else if !tools.isEmpty {
            parts += tools.map { .call($0) }
            finish = .toolCalls
        } else {
            parts.append(.text(EchoText(request, options)))
        }
    }

    /// The next step; `nil` after the last one.
    package mutating func next() -> Step? {
        if !queued.isEmpty { return queued.removeFirst() }
        if !hasBegun { return begin() }
        if hasEnded { return ending.isEmpty ? nil : .piece(ending.removeFirst()) }
        if options.breakPlace == written { return .failure(Self.broken) }
        if options.stallPlace == written { return .stall }
        guard written < limit else { return end(.length) }
        guard let piece = nextPiece() else { return end(finish) }
        written += 1
        queued = piece.map { .piece($0) }
        if options.delay > .zero { queued.insert(.pause(options.delay), at: 0) }
        return queued.removeFirst()
    }

    private mutating func begin() -> Step {
        hasBegun = true
        queued = [.piece(.started(AnswerHead(model: model)))]
        if let status = options.failure { queued = [.failure(Self.failure(status))] }
        if options.wait > .zero { queued.insert(.pause(options.wait), at: 0) }
        return queued.removeFirst()
    }

    private mutating func end(_ reason: FinishReason) -> Step? {
        hasEnded = true
        ending = [
            .finished(reason), .usage(TokenUsage(input: input, output: written, reasoning: thought)),
        ]
        return next()
    }

    /// - Returns: The events of one token; `nil` when all is said.
    private mutating func nextPiece() -> [InferenceEvent]? {
        guard let part = parts.first else { return nil }
        switch part {
        case .thought(let text):
            parts.removeFirst()
            thought += 1
            return [.reasoning(text)]
        case .refusal(let text):
            parts.removeFirst()
            return [.refusal(text)]
        case .call(let tool):
            parts.removeFirst()
            defer { calls += 1 }
            let arguments = (tool.parameters.map { SchemaSample.value(of: $0) } ?? [:]).serialized(.compact)
            let text = String(decoding: arguments, as: UTF8.self)
            // In two pieces, since a client has to put them together.
            let cut = text.index(text.startIndex, offsetBy: text.count / 2)
            return [
                .toolCallStarted(index: calls, id: "call_echo_\(calls + 1)", name: tool.name),
                .toolCallArguments(index: calls, String(text[..<cut])),
                .toolCallArguments(index: calls, String(text[cut...])),
            ]
        case .text(var text):
            guard let word = text.next() else {
                parts.removeFirst()
                if let stop = text.stop { finish = .stopSequence(stop) }
                return nextPiece()
            }
            parts[0] = .text(text)
            return [.text(word)]
        }
    }

    /// The tools that are called: those that the caller insists on, else as many as the options say.
    private static func tools(_ request: InferenceRequest, _ options: EchoOptions) -> [ToolDefinition] {
        // After a tool has answered, the answer is text, or a client would go round for ever.
        if request.messages.last?.role == .tool { return [] }
        switch request.toolChoice {
        case ToolChoice.none?: return []
        case .tool(let name)?: return request.tools.filter { $0.name == name }
        case .required?: return Array(request.tools.prefix(max(1, options.toolCalls)))
        case .automatic?, nil: return Array(request.tools.prefix(options.toolCalls))
        }
    }

    static func failure(_ status: Int) -> AttemptFailure {
        AttemptFailure(
            FailureReport(status: status, message: "Alula's test model was told to fail with status \(status)."))
    }

    private static let broken = AttemptFailure(
        FailureReport(message: "Alula's test model was told to break its answer off."))
}
