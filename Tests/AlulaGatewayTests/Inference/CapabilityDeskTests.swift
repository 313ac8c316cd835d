import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import Testing

@testable import AlulaGateway

/// Requests with more than text, through settings that say which model takes what.
@Suite(.timeLimit(.minutes(2)))
struct CapabilityDeskTests {
    private static let image = Message.Part.image(Message.Media(.base64("AAAA"), mediaType: "image/png"))
    private static let file = Message.Part.file(Message.Media(.base64("AAAA"), mediaType: "application/pdf"))
    private static let look = ToolDefinition(name: "look")

    /// `blind` has text alone, `toolless` no tools, and of `silent` nothing is known.
    private static func configuration(_ agents: String) -> String {
        """
        {agents: {defaults: {\(agents)}}, models: {providers: {
          lab: {baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-fake-lab', models: [
            {id: 'blind', input: ['text']}, {id: 'deaf', input: ['text', 'image'], compat: {supportsTools: false}},
            {id: 'silent'}, {id: 'sees', input: ['text', 'image']}, {id: 'odd', input: ['text', 'smell']},
            {id: 'empty', input: []}]}}}}
        """
    }

    private static func desk(_ agents: String, _ provider: ScriptedProvider) async throws -> (
        InferenceDesk, KeeperBench
    ) {
        let bench = try KeeperBench(configuration(agents))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        return (InferenceDesk(driver: bench.driver([.openAICompletions: provider])), bench)
    }

    private static func request(
        _ model: String, _ parts: [Message.Part], tools: [ToolDefinition] = [], dialect: Dialect = .openAIChat
    ) -> InferenceRequest {
        InferenceRequest(model: model, messages: [Message(.user, parts)], tools: tools, dialect: dialect)
    }

    /// Who is asked for a request to `model`, or what its caller is told.
    private static func outcome(
        _ desk: InferenceDesk, _ request: InferenceRequest
    ) async throws -> (String?, AnswerError?) {
        do {
            return ("\(try await desk.answer(request, until: .after(.seconds(600))).model)", nil)
        } catch let error as AnswerError {
            return (nil, error)
        }
    }

    /// The model that is asked first, its stand-in, what the request holds, and who answers; `nil` when nobody can.
    @Test(
        arguments: [
            ("lab/blind", "lab/sees", [.text("Hi")], [], "lab/blind"),
            ("lab/blind", "lab/sees", [image], [], "lab/sees"),
            ("lab/blind", "lab/sees", [file], [], "lab/sees"),
            ("lab/sees", "lab/blind", [file], [], "lab/sees"),
            ("lab/blind", "lab/silent", [image], [], "lab/silent"),
            ("lab/odd", "lab/sees", [image], [], "lab/odd"),
            ("lab/empty", "lab/sees", [image], [], "lab/empty"),
            ("lab/unlisted", "lab/sees", [image], [], "lab/sees"),
            ("lab/deaf", "lab/sees", [image], [look], "lab/sees"),
            ("lab/deaf", "lab/blind", [.text("Hi")], [look], "lab/blind"),
            ("lab/deaf", "lab/blind", [image], [look], nil),
            ("lab/blind", "lab/blind", [image], [], nil),
        ] as [(String, String, [Message.Part], [ToolDefinition], String?)])
    func whoTakesTheRequestIsAsked(
        first: String, second: String, parts: [Message.Part], tools: [ToolDefinition], answering: String?
    ) async throws {
        let provider = ScriptedProvider(["unlisted": .fails(status: 404, "model not found")])
        let (desk, bench) = try await Self.desk("model: {primary: '\(first)', fallbacks: ['\(second)']}", provider)
        let (model, error) = try await Self.outcome(desk, Self.request("openclaw", parts, tools: tools))
        withExtendedLifetime(bench) {}
        #expect(model == answering)
        #expect((error?.kind == .badRequest) == (answering == nil))
        if answering == nil { #expect(provider.calls.isEmpty, "Nobody is sent what it can't take.") }
    }

    @Test(arguments: Dialect.allCases) func whatCannotBeTakenIsNamedWithItsPlace(dialect: Dialect) async throws {
        let (desk, bench) = try await Self.desk(
            "model: {primary: 'lab/deaf', fallbacks: ['lab/blind']}", ScriptedProvider())
        let (_, error) = try await Self.outcome(
            desk, Self.request("openclaw", [Self.image], tools: [Self.look], dialect: dialect))
        withExtendedLifetime(bench) {}
        #expect(error?.status == 400)
        #expect(error?.parameter == "tools")
        #expect(
            error?.message
                == """
                No model can be asked that takes this request: lab/deaf: takes no tools | lab/blind: takes no images
                """)
        let (_, other) = try await Self.outcome(desk, Self.request("lab/blind", [Self.image], dialect: dialect))
        #expect(other == nil, "The first choice stands in for it.")
    }

    /// Who was passed over is named with whoever failed.
    @Test func aFailureBehindItNamesBoth() async throws {
        let (desk, bench) = try await Self.desk(
            "model: {primary: 'lab/blind', fallbacks: ['lab/sees']}",
            ScriptedProvider(["sees": .fails(status: 402, "pay")]))
        let (_, error) = try await Self.outcome(desk, Self.request("openclaw", [Self.image]))
        withExtendedLifetime(bench) {}
        #expect(error?.kind == .billing)
        #expect(error?.message.hasPrefix("All models failed (2): lab/blind: takes no images | lab/sees: pay") == true)
    }

    @Test func theImageModelLooksForOneThatCannot() async throws {
        let (desk, bench) = try await Self.desk(
            "model: {primary: 'lab/blind', fallbacks: ['lab/silent']}, imageModel: {primary: 'lab/sees'}",
            ScriptedProvider())
        func asked(_ model: String, _ part: Message.Part, by caller: RequestCaller = .owner) async throws -> String? {
            var request = Self.request(model, [part])
            request.caller = caller
            return try await Self.outcome(desk, request).0
        }
        #expect(try await asked("openclaw", Self.image) == "lab/sees")
        #expect(try await asked("lab/blind", Self.image) == "lab/sees")
        #expect(try await asked("lab/silent", Self.image) == "lab/silent")
        #expect(try await asked("openclaw", .text("Hi")) == "lab/blind")
        let narrow = RequestCaller(
            keyName: "kids",
            models: [try #require(ModelPattern("lab/blind")), try #require(ModelPattern("lab/silent"))])
        #expect(try await asked("openclaw", Self.image, by: narrow) == "lab/silent")
        withExtendedLifetime(bench) {}
    }

    @Test func explainsIt() async throws {
        let provider = ScriptedProvider()
        let (desk, bench) = try await Self.desk("model: {primary: 'lab/blind', fallbacks: ['lab/sees']}", provider)
        let plain = try await desk.explain("openclaw")
        #expect(plain.chain.attempts.map { "\($0.route.model)" } == ["lab/blind", "lab/sees"])
        let looking = try await desk.explain("openclaw", needing: [RequestNeed(.images)])
        #expect(looking.chain.attempts.map { "\($0.route.model)" } == ["lab/sees"])
        #expect(looking.candidates.map(\.exclusion) == ["takes no images", nil])
        withExtendedLifetime(bench) {}
        #expect(provider.calls.isEmpty)
    }

    @Test func tokensAreCountedByWhoeverWouldAnswer() async throws {
        let (desk, bench) = try await Self.desk("model: 'lab/blind'", ScriptedProvider())
        let count = try await desk.countTokens(
            of: Self.request("openclaw", [Self.image]), estimate: 7, until: .after(.seconds(600)))
        withExtendedLifetime(bench) {}
        #expect(count.isEstimate && count.tokens == 7)
    }
}
