import AlulaConfiguration
import AlulaGateway
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaState
import AlulaSystem

/// Asks for everything that goes into a support bundle. A part that fails is noted, and the rest goes on.
struct BundleMaker {
    /// How many lines of the log go in.
    static let logLines = 500
    /// How long the gateway may take for each answer: what is computed here will do.
    private static let patience = Duration.seconds(5)
    /// Shorter values of variables are not looked for.
    private static let minimumSecret = 6

    private let session: CommandSession
    private var bundle: SupportBundle
    private(set) var text = BundleText()

    /// - Parameter runsHelpers: Whether the helper programs behind `secrets.providers` may be run.
    init(session: CommandSession, runsHelpers: Bool) {
        var context = session.context
        context.timeout = Self.patience
        context.runsHelpers = runsHelpers
        self.session = session.working(in: context)
        let now = session.environment.now()
        let stamp = String(now.iso8601.filter { $0 != ":" && $0 != "-" })
        bundle = SupportBundle(name: "alula-bundle-\(stamp)", version: session.environment.version, made: now)
    }

    /// - Throws: `CancellationError` only.
    mutating func make() async throws -> SupportBundle {
        text.places = [(context.layout.state, BundleText.stateSign), (context.layout.home, BundleText.homeSign)]
        text.hidden = KnownSecrets(secretVariables)
        // First, since the other parts must not repeat what this one leaves out.
        try await addConfiguration()
        try await add("machine.json") { try await $0.environment.support.description() }
        try await addAnswers()
        try await addLog()
        try await addState()
        try await add("service.json") { session in
            let service = GatewayService(session)
            return try await service.glance().payload(service.unit)
        }
        return bundle
    }

    private var context: CommandContext { session.context }
    private var environment: CommandEnvironment { session.environment }

    /// Values of variables that are called like secrets, or are a provider's.
    private var secretVariables: Set<String> {
        let secret = environment.variables.filter { name, value in
            value.utf8.count >= Self.minimumSecret
                && (LogRedactor.isSecretName(name) || ProviderTable.builtIn.variables.contains(name))
        }
        return Set(secret.values)
    }

    // MARK: Parts

    private mutating func addConfiguration() async throws {
        let outcome: ConfigurationOutcome
        do {
            outcome = try await environment.loadConfiguration(context)
        } catch {
            let failure = try Self.failure(error)
            for name in ["configuration.json", "problems.json"] {
                bundle.parts.append(.init(name: name, content: .failure(failure)))
            }
            return
        }
        if case .loaded(let loaded) = outcome {
            let view = loaded.view
            var digest = ConfigurationDigest(names: text.names)
            let shown = digest.shown(view.value)
            digest.learnReferences(in: view.value)
            digest.learnReferences(in: loaded.resolved)
            text.names = digest.names
            text.hidden = text.hidden.union(view.hiddenTexts)
                .union(KnownSecrets(digest.leftOut(of: loaded.resolved)))
            bundle.parts.append(.init(name: "configuration.json", content: .success(shown)))
        } else {
            let failure = SupportBundle.Failure(message: "The configuration can't be read; see problems.json.")
            bundle.parts.append(.init(name: "configuration.json", content: .failure(failure)))
        }
        let problems = outcome.problems.map { problem in
            ProblemDigest.shown(problem, main: context.layout.configuration, names: &text.names)
        }
        bundle.parts.append(.init(name: "problems.json", content: .success(.array(problems))))
    }

    private mutating func addAnswers() async throws {
        var route: AnswerRouter.Route?
        var failure: SupportBundle.Failure?
        do { route = try await session.router.route() } catch { failure = try Self.failure(error) }
        for method in ["models.status", "health", "status"] {
            let name = method.replacing(".", with: "-") + ".json"
            guard let route else {
                let reason = failure ?? .init(message: "Nobody could be asked.")
                bundle.parts.append(.init(name: name, content: .failure(reason)))
                continue
            }
            try await addAnswer(method, name, route)
        }
        await route?.source.close()
    }

    /// From the gateway, or from this process where there is none or it does not answer.
    private mutating func addAnswer(_ method: String, _ name: String, _ route: AnswerRouter.Route) async throws {
        var note = route.gateway == nil ? "computed without a gateway" : "answered by the running gateway"
        if let failure = route.failure { note += ", which did not let us in: \(failure.message)" }
        var result: Result<JSONValue, SupportBundle.Failure>
        do {
            result = .success(try await route.source.ask(method, [:]))
        } catch {
            result = .failure(try Self.failure(error))
        }
        if case .failure(let failure) = result, route.gateway != nil {
            note = "computed here, since the gateway did not answer: \(failure.message)"
            do {
                result = .success(try await environment.localAnswers(context).ask(method, [:]))
            } catch {
                result = .failure(try Self.failure(error))
            }
        }
        let content = result.map { AnswerDigest.shown($0, learning: &text) }
        bundle.parts.append(.init(name: name, content: content, note: note))
    }

    private mutating func addLog() async throws {
        var learned = text.names
        try await add("log.json") { session in
            let answer = try await session.environment.logs(session.context)
                .tail(cursor: nil, maximumLines: Self.logLines, maximumBytes: 500_000)
            return .array(LogDigest.shown(answer["lines"]?.strings ?? [], learning: &learned))
        }
        text.names = learned
    }

    private mutating func addState() async throws {
        var learned = text.names
        try await add("state.json") { session in
            let listing = try await session.environment.support.look(at: session.context.layout.state)
            return [
                "entries": .array(StateDigest.shown(listing.found, learning: &learned)), "cut": .bool(listing.isCut),
            ]
        }
        text.names = learned
    }

    private mutating func add(
        _ name: String, _ content: (CommandSession) async throws -> JSONValue
    ) async throws {
        do {
            bundle.parts.append(.init(name: name, content: .success(try await content(session))))
        } catch {
            bundle.parts.append(.init(name: name, content: .failure(try Self.failure(error))))
        }
    }

    /// - Throws: `CancellationError`, which is an ending and no failure of a part.
    private static func failure(_ error: any Error) throws -> SupportBundle.Failure {
        switch error {
        case let error as CancellationError: throw error
        case let error as CommandError: return .init(message: error.message)
        case let error as SystemError: return .init(message: error.message)
        default: return .init(message: "Something went wrong inside alula: \(type(of: error)).")
        }
    }
}
