import AlulaJSON
import AlulaPrimitives

/// Looks at the running gateway again and again, and connects anew when it went away.
struct TopSource {
    private let session: CommandSession
    private let parameters: JSONValue
    private var target: RunningGateway?
    private var gateway: (any AnswerSource)?

    init(session: CommandSession, agent: AgentID?) {
        self.session = session
        parameters = agent.map { ["agentId": .string($0.rawValue)] } ?? [:]
    }

    /// One look.
    ///
    /// - Throws: ``CommandError`` when there is no gateway to look at; the next call tries again. `CancellationError`.
    mutating func next() async throws -> TopSample {
        let source = try await connected()
        do {
            return try await look(source)
        } catch {
            await close()
            throw error
        }
    }

    /// Ends the connection, if there is one.
    mutating func close() async {
        await gateway?.close()
        gateway = nil
    }

    private mutating func connected() async throws -> any AnswerSource {
        if let gateway { return gateway }
        let found = try await session.router.runningTarget()
        let source = try await session.router.connect(to: found)
        (target, gateway) = (found, source)
        return source
    }

    private func look(_ source: any AnswerSource) async throws -> TopSample {
        guard let target else { throw CommandError(.gatewayUnreachable, "The gateway does not answer.") }
        var refusals: [TopSample.Refusal] = []
        func ask(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue? {
            try await part(method, &refusals) { try await source.ask(method, parameters) }
        }
        let health = try await ask("health")
        let models = try await ask("models.status", parameters)
        let presence = try await ask("system-presence")
        let page = try await part("/metrics", &refusals) {
            try await session.environment.pages.fetch(
                "/metrics", of: target.url, credential: session.router.credential(for: target),
                timeout: session.context.timeout)
        }
        return TopSample(
            at: session.environment.now(), elapsed: session.environment.elapsed(), url: target.url,
            processID: target.processID, hello: source.hello, health: health, models: models, presence: presence,
            counters: page.map(GatewayCounters.init(page:)), refusals: refusals)
    }

    /// One part of the sample; `nil` when the gateway is there but does not show it.
    private func part<Value: Sendable>(
        _ question: String, _ refusals: inout [TopSample.Refusal], _ body: () async throws -> Value
    ) async throws -> Value? {
        do {
            return try await body()
        } catch let error as CommandError {
            guard error.code != .gatewayUnreachable, error.code != .timedOut else { throw error }
            refusals.append(TopSample.Refusal(question: question, reason: error.message))
            return nil
        }
    }

    /// Whether a gateway that fails so may come back by itself.
    static func mayReturn(_ error: CommandError) -> Bool {
        switch error.code {
        case .gatewayUnreachable, .timedOut, .unavailable, .malformedAnswer: true
        case .usage, .notFound, .requestRefused, .credentialRejected, .configurationInvalid, .storeUnavailable: false
        }
    }
}
