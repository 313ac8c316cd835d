import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem

/// What the server's methods do: they answer from the prepared snapshot and the loaded state, both in memory.
struct LiveOperations: GatewayOperations {
    /// How long a caller outside the prepared scope waits for an answer of its own.
    static let fallbackDeadline = Duration.seconds(5)

    let startedAt: ContinuousClock.Instant
    let prepared: PreparedAuthSource
    let states: LoadedStateSource
    let scheduler: WarmScheduler
    let keeper: StateKeeper
    let logins: StoreEditor
    let desk: DeviceDesk
    let fallback: FallbackAnswers
    let inference: InferenceDesk
    let use: UsageDesk
    let quotas: QuotaDesk
    let logs: LogTail
    let board: HealthBoard
    let now: @Sendable () -> Timestamp
    /// How the threads keep time, as `health` shows it; `nil` before the first interval has passed.
    let responsiveness: @Sendable () -> JSONValue?
    let metrics: @Sendable () async -> String

    func hello(for caller: Caller) -> HelloSnapshot {
        let state = states.current
        let contents = board.latest
        return HelloSnapshot(
            health: contents.health, encodedHealth: contents.encodedHealth, uptime: uptime,
            configurationPath: state.layout.configuration,
            stateDirectory: state.layout.state, defaultAgent: state.context.defaultAgent.rawValue)
    }

    func readiness() -> Readiness {
        let isServing = prepared.current != nil
        return Readiness(
            isReady: isServing, failing: isServing ? [] : ["startup-sidecars"], uptime: uptime,
            eventLoop: responsiveness())
    }

    func health(_ query: HealthQuery) async throws(GatewayError) -> JSONValue {
        await board.current().health
    }

    func encodedHealth(_ query: HealthQuery) -> [UInt8]? { board.ready?.encodedHealth }

    func status(_ query: StatusQuery) async throws(GatewayError) -> JSONValue {
        await board.current().status
    }

    func modelsList(_ query: ModelsListQuery) async throws(GatewayError) -> JSONValue {
        let view: ModelRow.View =
            switch query.view {
            case .standard: .default
            case .configured: .configured
            case .all: .all
            }
        let book = try await book(for: query.agentID)
        return WorkRegister.withWork("models.list") { book.modelsList(view: view, agent: query.agentID) }
    }

    func modelsStatus(_ query: ModelsStatusQuery) async throws(GatewayError) -> JSONValue {
        let book = try await book(for: query.agentID)
        return WorkRegister.withWork("models.status") { book.modelsStatus(agent: query.agentID) }
    }

    func modelsExplain(_ query: ModelsExplainQuery) async throws(GatewayError) -> JSONValue {
        do {
            return try await inference.explain(query.model, needing: query.needs.map { RequestNeed($0) }).payload
        } catch {
            throw .invalidRequest(error.message)
        }
    }

    func authStatus(_ query: AuthStatusQuery) async throws(GatewayError) -> JSONValue {
        if query.wantsRefresh { await scheduler.refresh(.request, dirt: .everything) }
        let book = try await book(for: query.agentID)
        // They are asked for with the default agent's logins.
        let agent = book.state.context.defaultAgent
        let known = (query.agentID ?? agent) == agent ? await quotas.known() : [:]
        return WorkRegister.withWork("models.authStatus") { book.authStatus(agent: query.agentID, quotas: known) }
    }

    /// How long a logout waits for answers that show it. The login is gone by then, so a worker that hangs must not make the
    /// caller believe that it is not.
    private static let logoutPatience = Duration.seconds(3)

    func authLogout(_ query: AuthLogoutQuery) async throws(GatewayError) -> JSONValue {
        let state = states.current
        let agent = query.agentID ?? state.context.defaultAgent
        guard let place = state.context.agents.first(where: { $0.id == agent }) else {
            throw .invalidRequest("unknown agent id: \(agent)")
        }
        let removed: [ProfileID]
        do {
            removed = try await logins.signOut(of: query.provider, profiles: query.profileIDs, from: place.store)
        } catch {
            throw .unavailable("The login could not be removed. \(StoreEditor.reason(error))")
        }
        await scheduler.refresh(.logout, dirt: .everything, waitingAtMost: Self.logoutPatience)
        return [
            "provider": .string(query.provider.rawValue),
            "removedProfiles": .array(removed.map { .string($0.rawValue) }),
            // Runs come with model traffic; there is nothing to end yet.
            "abortedRunIds": [],
        ]
    }

    func agentsList(_ caller: Caller) async throws(GatewayError) -> JSONValue {
        let book = try await book(for: nil)
        return WorkRegister.withWork("agents.list") { book.agentsList }
    }

    func agentIdentity(_ agent: AgentID?, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        let state = states.current
        let id = agent ?? state.context.defaultAgent
        guard state.context.agents.contains(where: { $0.id == id }) else {
            throw .invalidRequest("unknown agent id: \(id)")
        }
        let settings = state.configuration.agents[id]
        let name = settings?.identity.name ?? settings?.name ?? "Assistant"
        var identity = JSONObject([("agentId", .string(id.rawValue)), ("name", .string(name))])
        identity["emoji"] = settings?.identity.emoji.map { .string($0) }
        // Something to show in a circle, in any case.
        identity["avatar"] = .string(
            settings?.identity.avatar ?? settings?.identity.emoji ?? String(name.prefix(1)).uppercased())
        return .object(identity)
    }

    func secretsReload(_ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["ok": true, "warningCount": .number(await keeper.reloadSecrets())]
    }

    func prometheusText() async -> String { await metrics() }

    func openAIModels() async throws(GatewayError) -> [OpenAIModel] {
        let book = try await book(for: nil)
        return WorkRegister.withWork("/v1/models") {
            book.availableModels.map { row in
                OpenAIModel(id: "\(row.model.provider)/\(row.model.id)", owner: row.model.provider.rawValue)
            }
        }
    }

    func answer(_ request: InferenceRequest, until deadline: Deadline) async throws -> BegunAnswer {
        try await inference.answer(request, until: deadline)
    }

    func embed(_ request: EmbeddingRequest, until deadline: Deadline) async throws -> MadeVectors {
        try await inference.embed(request, until: deadline)
    }

    func countTokens(
        of request: InferenceRequest, estimate: Int, until deadline: Deadline
    ) async throws -> TokenCount {
        try await inference.countTokens(of: request, estimate: estimate, until: deadline)
    }

    // MARK: Parts

    private var uptime: Duration { startedAt.duration(to: .now) }

    /// The book to answer `agent` from: the prepared one if it was prepared for this agent under these settings, else
    /// one that is put together for this caller alone.
    private func book(for agent: AgentID?) async throws(GatewayError) -> AnswerBook {
        let state = states.current
        let id = agent ?? state.context.defaultAgent
        let scope = CallerScope(agent: id, fingerprint: state.context.fingerprint)
        if let current = prepared.current {
            guard let mismatch = current.mismatch(with: scope) else {
                return AnswerBook(state: state, prepared: current, now: now())
            }
            await scheduler.countScopeMiss(mismatch)
        }
        guard state.context.agents.contains(where: { $0.id == id }) else {
            throw .invalidRequest("unknown agent id: \(id)")
        }
        do {
            let own = try await fallback.answers(
                for: id, in: state, knowing: prepared.current?.facts, deadline: .after(Self.fallbackDeadline))
            return AnswerBook(state: state, prepared: own, now: now())
        } catch {
            if let current = prepared.current { return AnswerBook(state: state, prepared: current, now: now()) }
            throw GatewayError(
                .unavailable, "Provider auth is being prepared; ask again in a moment.",
                details: ["reason": "startup-sidecars"], isRetryable: true, retryAfter: .milliseconds(500))
        }
    }
}
