import AlulaAuth
import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaState

/// One run of a command: what it was told, and what it works with.
struct CommandSession {
    let environment: CommandEnvironment
    let context: CommandContext
    let output: OutputRenderer
    /// Whether a person may be asked.
    let mayAsk: Bool

    init(environment: CommandEnvironment, options: GlobalOptions, connection: ConnectionOptions?) {
        self.environment = environment
        context = options.context(in: environment, connection: connection)
        let terminal = environment.terminal
        let wantsColours = !options.noColor && environment.variables["NO_COLOR"].map(\.isEmpty) ?? true
        output = OutputRenderer(
            terminal: terminal, isJSON: options.json, isPlain: options.plain,
            usesColours: terminal.isOutputInteractive && wantsColours && !options.json && !options.plain,
            now: environment.now(), utcOffset: environment.utcOffset)
        mayAsk = terminal.isInputInteractive && !options.noInput
    }

    private init(_ session: CommandSession, context: CommandContext) {
        environment = session.environment
        self.context = context
        output = session.output
        mayAsk = session.mayAsk
    }

    /// The same session with other instructions.
    func working(in context: CommandContext) -> CommandSession { CommandSession(self, context: context) }

    var router: AnswerRouter { AnswerRouter(environment: environment, context: context) }

    /// Asks the running gateway, or this process where none runs.
    func ask(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        let route = try await router.route()
        if let failure = route.failure {
            output.note("The running gateway did not answer, so this is computed here. \(failure.message)")
        }
        return try await asking(route.source, method, parameters)
    }

    /// Asks the running gateway and nobody else.
    func askGateway(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        let gateway = try await router.gateway()
        return try await asking(gateway.source, method, parameters)
    }

    private func asking(
        _ source: any AnswerSource, _ method: String, _ parameters: JSONValue
    ) async throws -> JSONValue {
        do {
            let answer = try await source.ask(method, parameters)
            await source.close()
            return answer
        } catch {
            await source.close()
            throw error
        }
    }

    /// Tells people that what they see may not be what they wrote.
    func noteConfigurationErrors() async throws {
        guard !output.isJSON else { return }
        let errors = try await environment.loadConfiguration(context).problems.count { $0.severity == .error }
        guard errors > 0 else { return }
        output.note(
            "The configuration has \(errors == 1 ? "an error" : "\(errors) errors"). See with: alula config validate")
    }

    /// The configuration, or an error that says where it is broken.
    func configuration() async throws -> LoadedConfiguration {
        switch try await environment.loadConfiguration(context) {
        case .loaded(let loaded): return loaded
        case .unreadable(let problems, _):
            let first = problems.first.map { "\($0)" } ?? context.layout.configuration
            throw CommandError(.configurationInvalid, "The configuration can't be read: \(first)")
        }
    }

    /// The store of `agent`, or of the default one.
    func credentialPlace(of agent: AgentID?) async throws -> CredentialPlace {
        let agents = try await configuration().configuration.agents
        let id = agent ?? agents.defaultAgent
        let settings = agents.agents.first { $0.id == id }
        guard settings != nil || id == .main else {
            throw CommandError(.notFound, "There is no agent \"\(id)\". List them with: alula agents list")
        }
        let directory =
            context.layout.agentDirectoryOverride
            ?? context.layout.agentDirectory(id, configured: settings?.directory)
        return CredentialPlace(agent: id, directory: directory, isMain: directory == context.layout.mainAgentDirectory)
    }
}
