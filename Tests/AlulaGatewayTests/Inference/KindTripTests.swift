import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaProviders

/// Kinds of API that no caller speaks: a provider of theirs that is played here reads what it is sent, and answers.
struct KindTripTests {
    private static let rounds: UInt64 = 300
    private static let kinds: [any (PlayedProvider & SendableMetatype).Type] = [PlayedGoogle.self, PlayedOllama.self]
    private static let dialects: [Dialect: any AnswerDialect] = [
        .openAIChat: OpenAIChatDialect(), .openAIResponses: OpenAIResponsesDialect(),
        .anthropicMessages: AnthropicMessagesDialect(),
    ]

    @Test(arguments: 0..<2) func requestsKeepTheirMeaning(_ place: Int) throws {
        let kind = Self.kinds[place]
        for seed in 0..<Self.rounds {
            for dialect in Dialect.allCases {
                var talk = RandomTalk(seed: seed)
                let request = kind.sayable(talk.request(dialect))
                // As it goes over the wire.
                let sent = try JSONValue.parse(kind.write(request).serialized())
                #expect(try Meaning(kind.read(sent)) == Meaning(kind.plain(request)), "seed \(seed), \(dialect)")
            }
        }
    }

    @Test(arguments: 0..<2) func answersReachCallersOfEachDialect(_ place: Int) throws {
        let kind = Self.kinds[place]
        for seed in 0..<Self.rounds {
            for dialect in Dialect.allCases {
                let speech = try #require(Self.dialects[dialect])
                var talk = RandomTalk(seed: seed)
                let answer = kind.sayable(talk.answer(dialect))
                let events = try kind.decode(kind.stream(answer, talk.pieces(of: answer)))
                let heard = kind.plain(answer)
                #expect(try Self.assembled(events) == heard, "seed \(seed), \(dialect)")
                // And as the caller understands what the gateway writes of it.
                #expect(try Self.passedOn(events, by: speech, dialect) == heard, "seed \(seed), \(dialect), passed on")
            }
        }
    }

    private static func passedOn(
        _ events: [InferenceEvent], by speech: any AnswerDialect, _ dialect: Dialect
    ) throws -> InferenceAnswer {
        var request = InferenceRequest(model: "m", messages: [], dialect: dialect)
        request.wantsUsageInStream = true
        var encoder = speech.streamEncoder(
            for: request, AnswerLabels(id: "1", model: "m", createdAt: Timestamp(milliseconds: 0)))
        var bytes: [UInt8] = []
        for event in events { bytes += encoder.encode(event) }
        bytes += encoder.end()
        let login = OpenedLogin(secret: nil)
        let heard =
            switch dialect {
            case .openAIChat: try ProviderStream.read([bytes], by: ChatChunkDecoder.self, login)
            case .openAIResponses: try ProviderStream.read([bytes], by: ResponsesEventDecoder.self, login)
            case .anthropicMessages: try ProviderStream.read([bytes], by: MessagesEventDecoder.self, login)
            }
        return try assembled(heard)
    }

    private static func assembled(_ events: [InferenceEvent]) throws -> InferenceAnswer {
        var assembler = AnswerAssembler()
        for event in events { try assembler.take(event) }
        var answer = try assembler.answer()
        answer.head = AnswerHead()
        return answer
    }
}
