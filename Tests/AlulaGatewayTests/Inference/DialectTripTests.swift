import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaProviders

/// What callers write and what providers are sent are the same dialects, so one side can read the other: whatever goes through
/// the vocabulary and another dialect comes back with its meaning.
struct DialectTripTests {
    /// A dialect with both of its sides.
    private struct Sides: Sendable {
        let dialect: any AnswerDialect
        /// As a provider of this dialect is sent it.
        let write: @Sendable (InferenceRequest) throws -> JSONValue
        /// As a provider's answer is understood.
        let readStream: @Sendable ([UInt8]) throws -> [InferenceEvent]
        let readWhole: @Sendable ([UInt8]) throws -> [InferenceEvent]
    }

    private static let sides: [Dialect: Sides] = [
        .openAIChat: sides(ChatChunkDecoder.self, OpenAIChatDialect()) {
            try ChatRequestEncoder(model: $0.model, quirks: .init()).encode($0)
        },
        .openAIResponses: sides(ResponsesEventDecoder.self, OpenAIResponsesDialect()) {
            try ResponsesRequestEncoder(model: $0.model, isReasoning: false).encode($0)
        },
        .anthropicMessages: sides(MessagesEventDecoder.self, AnthropicMessagesDialect()) {
            try MessagesRequestEncoder(model: $0.model, maximumOutput: nil).encode($0)
        },
    ]

    private static func sides<Decoder: AnswerDecoding>(
        _: Decoder.Type, _ dialect: any AnswerDialect, write: @escaping @Sendable (InferenceRequest) throws -> JSONValue
    ) -> Sides {
        Sides(
            dialect: dialect, write: write,
            readStream: { try ProviderStream.read([$0], by: Decoder.self, OpenedLogin(secret: nil)) },
            readWhole: { bytes in
                var decoder = Decoder()
                return try decoder.take(whole: bytes)
            })
    }

    private static let pairs: [(Dialect, Dialect)] = Dialect.allCases.flatMap { from in
        Dialect.allCases.map { (from, $0) }
    }

    private static let rounds: UInt64 = 300

    // MARK: Requests

    @Test(arguments: pairs) func requestsKeepTheirMeaning(_ from: Dialect, _ over: Dialect) throws {
        let (mine, other) = (try #require(Self.sides[from]), try #require(Self.sides[over]))
        for seed in 0..<Self.rounds {
            var talk = RandomTalk(seed: seed)
            let request = talk.request(from, over)
            // As a caller would write it, and as the gateway understands that.
            let asked = try mine.dialect.decode(try mine.write(request))
            let there = try other.dialect.decode(JSONValue.parse(try other.write(asked).serialized()))
            let back = try mine.dialect.decode(JSONValue.parse(try mine.write(there).serialized()))
            #expect(Meaning(asked) == Meaning(request), "seed \(seed), written")
            #expect(Meaning(there) == Meaning(request), "seed \(seed), there")
            #expect(Meaning(back) == Meaning(request), "seed \(seed), back")
        }
    }

    // MARK: Answers

    @Test(arguments: Dialect.allCases)
    func answersKeepTheirMeaningWholeAndInPieces(_ dialect: Dialect) throws {
        let sides = try #require(Self.sides[dialect])
        let labels = AnswerLabels(id: "1", model: "m", createdAt: Timestamp(milliseconds: 0))
        for seed in 0..<Self.rounds {
            var talk = RandomTalk(seed: seed)
            let answer = talk.answer(dialect)
            var request = InferenceRequest(model: "m", messages: [], dialect: dialect)
            request.wantsUsageInStream = true
            let whole = try sides.readWhole(try sides.dialect.encode(answer, to: request, labels).serialized())
            #expect(try Self.assembled(whole) == Self.plain(answer), "seed \(seed), whole")
            var encoder = sides.dialect.streamEncoder(for: request, labels)
            var bytes: [UInt8] = []
            for event in talk.pieces(of: answer) { bytes += encoder.encode(event) }
            let stream = try sides.readStream(bytes + encoder.end())
            #expect(try Self.assembled(stream) == Self.plain(answer), "seed \(seed), in pieces")
        }
    }

    private static func assembled(_ events: [InferenceEvent]) throws -> InferenceAnswer {
        var assembler = AnswerAssembler()
        for event in events { try assembler.take(event) }
        return plain(try assembler.answer())
    }

    /// Without the names that every gateway on the way gives anew. A call without arguments is one with none.
    private static func plain(_ answer: InferenceAnswer) -> InferenceAnswer {
        var answer = answer
        answer.head = AnswerHead()
        answer.parts = answer.parts.map { part in
            guard case .toolCall(var call) = part, call.arguments.isEmpty else { return part }
            call.arguments = "{}"
            return .toolCall(call)
        }
        return answer
    }
}
