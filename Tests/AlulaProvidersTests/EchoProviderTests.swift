import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaProviders

struct EchoProviderTests {
    private static func model(_ id: String) -> ModelReference { ModelReference(provider: "alula", model: ModelID(id)) }

    private static func call(_ id: String) -> ModelCall {
        ModelCall(
            EchoScene.request(), through: FailoverRoute(model: model(id), login: .unneeded), for: .main,
            until: .after(.seconds(60)))
    }

    @Test func knowsItsOwnName() {
        #expect(EchoProvider.serves(Self.model("echo")))
        #expect(EchoProvider.serves(Self.model("echo?fail=500")))
        #expect(!EchoProvider.serves(Self.model("echoes")))
        #expect(!EchoProvider.serves(ModelReference(provider: "openai", model: "echo")))
    }

    @Test func waitsByTheClockThatItIsGiven() async throws {
        let clock = ManualClock()
        var stream = try await EchoProvider(clock: clock).answer(Self.call("echo?words=1&delay=1000"))
        #expect(try await stream.next() == .started(AnswerHead(model: "alula/echo")))
        let reading = Task { [stream] in
            var rest = stream
            return try await rest.next()
        }
        await clock.sleeper(for: .seconds(1))
        clock.advance(by: .seconds(1))
        let piece = try await reading.value
        #expect(piece == .text("word1"))
    }

    @Test func aStalledAnswerEndsWithItsReader() async throws {
        let clock = ManualClock()
        let stream = try await EchoProvider(clock: clock).answer(Self.call("echo?stall=0"))
        let reading = Task {
            var stream = stream
            while try await stream.next() != nil {}
        }
        await clock.sleepers(atLeast: 1)
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test func wrongOptionsAreTheCallersFault() async throws {
        let provider = EchoProvider(clock: ManualClock())
        let failure = await #expect(throws: AttemptFailure.self) {
            _ = try await provider.answer(Self.call("echo?nonsense"))
        }
        #expect(failure?.judgement == .refusedInput)
    }
}
