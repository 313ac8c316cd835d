package import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaInference
package import AlulaJSON
import AlulaModels
package import AlulaPrimitives
import AlulaProtocol
import AlulaServer
package import AlulaState
package import AlulaSystem
import AlulaWarmWorker

/// Computes in this process what a gateway on the same state directory would answer, with the same code.
package actor LocalAnswers {
    private let layout: StateLayout
    private let variables: [String: String]
    private let currentDirectory: String
    private let version: String
    private let runsHelpers: Bool
    private let pool: BlockingPool
    private let patience: Duration
    private let gatherer: any FactGathering
    private let now: @Sendable () -> Timestamp
    private var answer: (state: LoadedState, prepared: PreparedAuth, runsHelpers: Bool)?

    /// - Parameters:
    ///   - runsHelpers: Whether ``ask(_:_:)`` may run the helper programs behind `secrets.providers`.
    ///   - patience: How long a person waits for slow sources and helpers, all together.
    ///   - gatherer: Who reads; `nil` for this process, which starts no second one for a single answer.
    package init(
        layout: StateLayout, variables: [String: String], currentDirectory: String, version: String,
        runsHelpers: Bool = true, pool: BlockingPool, patience: Duration = .seconds(30),
        gatherer: (any FactGathering)? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.layout = layout
        self.variables = variables
        self.currentDirectory = currentDirectory
        self.version = version
        self.runsHelpers = runsHelpers
        self.pool = pool
        self.patience = patience
        self.gatherer = gatherer ?? BlockingPoolGatherer(pool: pool, reader: CredentialReaders.facts)
        self.now = now
    }

    /// Answers one of the gateway's methods that need no running gateway.
    ///
    /// - Throws: ``GatewayError`` as the gateway would answer it, or why the state can't be looked at.
    package func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        if method.hasPrefix("device.") {
            return try await DeviceDesk.answer(method, parameters, layout: layout, pool: pool, now: now)
        }
        if let action = ConfigurationQuery.Action(rawValue: method) {
            let desk = ConfigurationDesk(
                layout: layout, variables: variables, currentDirectory: currentDirectory, pool: pool, now: now)
            return try await desk.answer(ConfigurationQuery(action, parameters), version: version)
        }
        if let action = UsageQuery.Action(rawValue: method) {
            let desk = UsageDesk(
                path: layout.usage, pool: pool, now: now, utcOffset: { SystemTime.utcOffset(at: $0) })
            return try await desk.answer(try UsageQuery(action, parameters))
        }
        let (state, prepared) = try await load(runsHelpers: runsHelpers)
        let book = AnswerBook(state: state, prepared: prepared, now: now())
        let agent = parameters["agentId"]?.string.map { AgentID($0) }
        if let agent, !state.context.agents.contains(where: { $0.id == agent }) {
            throw GatewayError.invalidRequest("unknown agent id: \(agent)")
        }
        switch method {
        case "models.list":
            let view = parameters["view"]?.string.flatMap { ModelRow.View(rawValue: $0) } ?? .default
            return book.modelsList(view: view, agent: agent)
        case "models.status": return book.modelsStatus(agent: agent)
        case "models.explain":
            let needs = (parameters["needs"]?.array ?? []).compactMap { $0.string.flatMap(ModelCapability.init) }
            return try Self.explain(
                parameters["model"]?.string ?? "", needing: needs, state, prepared, at: now())
        case "models.authStatus": return book.authStatus(agent: agent)
        case "agents.list": return book.agentsList
        case "health", "status":
            let health = AnswerBook.health(
                state: state, prepared: prepared, now: now(),
                warm: WarmStatus(generation: prepared.generation), eventLoop: nil, version: version)
            return method == "health" ? health.health : health.status
        default:
            throw GatewayError.unavailable(
                "Only a running gateway answers \(method). Start one with: alula gateway run")
        }
    }

    private static func explain(
        _ model: String, needing capabilities: [ModelCapability], _ state: LoadedState, _ prepared: PreparedAuth,
        at time: Timestamp
    ) throws(GatewayError) -> JSONValue {
        let (states, answers) = (LoadedStateSource(state), PreparedAuthSource())
        answers.publish(prepared)
        let needs = capabilities.map { RequestNeed($0) }
        let wanted: WantedModel
        do {
            wanted = try WantedModel.resolve(model, needing: needs, in: states.edition)
        } catch {
            throw .invalidRequest(error.message)
        }
        let planner = FailoverPlanner(
            state: state, evaluators: EvaluatorSource(states: states, prepared: answers), now: time,
            agent: wanted.agent, recentUsage: [:], kinds: SpokenAPIs.kinds, needs: needs)
        return planner.explain(model, wanted, policy: .standard, mayProbe: { _ in true }).payload
    }

    /// What everything that is known comes to.
    package func prepared(runsHelpers: Bool) async throws -> PreparedAuth {
        try await load(runsHelpers: runsHelpers).prepared
    }

    private func load(runsHelpers: Bool) async throws -> (state: LoadedState, prepared: PreparedAuth) {
        if let answer, answer.runsHelpers || !runsHelpers { return (answer.state, answer.prepared) }
        let deadline = Deadline.after(patience)
        var loader = StateLoader(layout: layout, variables: variables, currentDirectory: currentDirectory)
        var state = try await load(loader, deadline)
        if ShellImport.isWanted(state, variables: variables) {
            loader.shellVariables = await ShellImport.variables(from: variables, pool: pool, settings: state)
            state = try await load(loader, deadline)
        }
        var (facts, gathering) = try await gather(state.inputs(knowing: nil), base: AuthFacts(), deadline)
        // The stores may hold pointers into files that were not known before they were read.
        let inputs = state.inputs(knowing: facts)
        if inputs.items != state.inputs(knowing: nil).items {
            let (more, again) = try await gather(inputs, base: facts, deadline)
            // An answer is the worker's only if all of it is.
            (facts, gathering) = (more, gathering == .worker ? again : gathering)
        }
        facts.environment = state.environmentFact
        let references = state.helperReferences(knowing: facts)
        if runsHelpers, !references.isEmpty {
            let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
            let resolved = await resolver.resolve(
                references, sources: SecretSources.sources(state.configuration.secrets, home: layout.home),
                variables: state.environment.variables.mapValues(\.value),
                environmentAlias: state.context.defaultEnvironmentAlias,
                limits: SecretSources.limits(state.configuration.secrets))
            facts.secretSources.merge(resolved.readings) { _, new in new }
        }
        let (context, final, provenance, time) = (state.context, facts, gathering, now())
        let prepared = try await pool.run("weigh facts", deadline: deadline) {
            AuthPreparer.prepare(
                context: context, facts: final, generation: 1, gathering: provenance, now: time)
        }
        answer = (state, prepared, runsHelpers)
        return (state, prepared)
    }

    private func load(_ loader: StateLoader, _ deadline: Deadline) async throws -> LoadedState {
        try await pool.run("load configuration", deadline: deadline) { loader.load() }
    }

    private func gather(
        _ inputs: WarmInputs, base: AuthFacts, _ deadline: Deadline
    ) async throws -> (AuthFacts, PreparedAuth.Gathering) {
        var facts = base
        let gathered = try await gatherer.gather(inputs.plan(for: .everything), deadline: deadline)
        for reading in gathered.readings { facts.apply(reading) }
        return (facts, gathered.gathering)
    }
}
