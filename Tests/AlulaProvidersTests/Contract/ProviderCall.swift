import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import NIOPosix
import Synchronization
import Testing

@testable import AlulaProviders

/// A login that is always the same.
struct FixedLogin: LoginOpening {
    static let key = "sk-fake-upstream-key"

    var secret = key
    var form = OpenedLogin.Form.key
    var headers: [(name: String, value: Secret)] = []
    var transport: CallTransport?

    /// What it becomes when it is refused; `nil` for a login that can't be renewed.
    var next: String?
    /// Whether the renewal fails.
    var failsToRenew = false

    func open(_ target: CallTarget) async throws -> OpenedLogin {
        OpenedLogin(
            secret: Secret(secret), form: form, headers: headers, transport: transport,
            renewal: next == nil ? nil : renew)
    }

    @Sendable private func renew() async throws -> OpenedLogin {
        if failsToRenew { throw AttemptFailure(judgement: .failure(.unclassified), message: "It was not renewed.") }
        // It could go on like this for ever.
        return OpenedLogin(secret: Secret(next ?? ""), form: form, headers: headers, renewal: renew)
    }
}

/// Does at once what it is given, and counts it; or has no place for anything.
final class CountingOffload: ComputeOffloading {
    struct Full: Error {}

    private let count = Mutex(0)
    private let isFull: Bool

    init(isFull: Bool = false) { self.isFull = isFull }

    var works: Int { count.withLock { $0 } }

    func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
        count.withLock { $0 += 1 }
        if isFull { throw Full() }
        return work()
    }
}

/// One call to a provider, and what comes of it.
enum ProviderCall {
    struct Outcome {
        var events: [InferenceEvent] = []
        var failure: AttemptFailure?
        var text: String { events.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined() }
    }

    static func call(
        _ base: String?, isStreamed: Bool = true, saying text: String = "Hi", dialect: Dialect = .openAIChat,
        within time: Duration? = nil, adjust: (inout InferenceRequest) -> Void = { _ in }
    ) -> ModelCall {
        var request = InferenceRequest(model: "x", messages: [Message(.user, text)], dialect: dialect)
        request.isStreamed = isStreamed
        adjust(&request)
        let route = FailoverRoute(model: ModelReference(provider: "lab", model: "small"), login: .configuredKey)
        return ModelCall(
            request, to: CallTarget(route, for: .main, at: base, within: time, until: .after(.seconds(60))))
    }

    static func ask(
        _ kind: SpokenKind, _ base: String?, isStreamed: Bool = true, saying text: String = "Hi",
        limits: UpstreamClient.Limits = .init(), logins: FixedLogin = FixedLogin(),
        offloading: CountingOffload = CountingOffload(), within time: Duration? = nil
    ) async -> Outcome {
        let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton, limits: limits)
        var outcome = Outcome()
        do {
            var stream = try await kind.make(client, logins, offloading)
                .answer(call(base, isStreamed: isStreamed, saying: text, within: time))
            while let event = try await stream.next() { outcome.events.append(event) }
        } catch let failure as AttemptFailure {
            outcome.failure = failure
        } catch {
            Issue.record("\(error)")
        }
        await client.shutdown()
        return outcome
    }

    /// What pieces come to, without the provider's names.
    static func answer(_ events: [InferenceEvent]) throws -> InferenceAnswer {
        var assembler = AnswerAssembler()
        for event in events { try assembler.take(event) }
        var answer = try assembler.answer()
        answer.head = AnswerHead()
        return answer
    }
}
