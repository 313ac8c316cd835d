import AlulaJSON
import AlulaPrimitives
import AlulaState
import ArgumentParser

/// `alula status`.
struct StatusCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the gateway, the agents and the providers at a glance.",
        usage: """
            alula status
            alula status --deep
            alula status --usage
            alula status --json
            """)

    @Flag(help: "Show every provider, also those not in use.") var all = false
    @Flag(help: "Probe the gateway, and look at files and the service.") var deep = false
    @Flag(help: "Ask providers how much of your accounts' quotas is used; the gateway has to run.") var usage = false
    @Flag(help: .hidden) var verbose = false
    @OptionGroup var agent: AgentOption
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let probe = try await GatewayProbe(session: session).report(probes: false)
        let route = try await session.router.route()
        let status: JSONValue
        let agents: JSONValue
        let models: JSONValue
        var quotas: JSONValue?
        do {
            let parameters: JSONValue = agent.id.map { ["agentId": .string($0.rawValue)] } ?? [:]
            status = try await route.source.ask("status", [:])
            agents = try await route.source.ask("agents.list", [:])
            models = try await route.source.ask("models.status", parameters)
            if usage, route.gateway != nil { quotas = try await route.source.ask("usage.status", [:]) }
            await route.source.close()
        } catch {
            await route.source.close()
            throw error
        }
        let depth = deep ? try await DeepStatus.examine(session) : nil
        if options.json {
            var object = document(status, agents: agents, models: models, probe: probe, route: route, session: session)
            object["usage"] = quotas
            depth?.add(to: &object, at: session.environment.now())
            session.output.document(.object(object))
        } else {
            print(status, agents: agents, models: models, probe: probe, route: route, session: session)
            if let quotas { QuotaRenderer(answer: quotas, output: session.output).print() }
            depth?.print(session.output)
        }
        if usage, quotas == nil {
            session.output.note("Only a running gateway asks for quotas. Start one with: alula gateway run")
        }
        return .done
    }

    private func document(
        _ status: JSONValue, agents: JSONValue, models: JSONValue, probe: GatewayProbe.Report,
        route: AnswerRouter.Route, session: CommandSession
    ) -> JSONObject {
        var object = status.object ?? JSONObject()
        var gateway = JSONObject()
        gateway["mode"] = "local"
        gateway["url"] = probe.url.map { .string($0) }
        gateway["reachable"] = .bool(route.gateway != nil)
        gateway["error"] = route.failure.map { .string($0.message) } ?? .null
        gateway["pid"] = probe.processID.map { .number(Int64($0)) }
        object["gateway"] = .object(gateway)
        object["agents"] = agents
        object["models"] = models
        object["stateDir"] = .string(session.context.layout.state)
        object["configPath"] = .string(session.context.layout.configuration)
        return object
    }

    private func print(
        _ status: JSONValue, agents: JSONValue, models: JSONValue, probe: GatewayProbe.Report,
        route: AnswerRouter.Route, session: CommandSession
    ) {
        let output = session.output
        let names = agents["agents"]?.array?.compactMap { $0["id"]?.string } ?? []
        output.facts(
            [
                ("Gateway", route.gateway.map { "\(probe.headline), \($0)" } ?? probe.headline),
                ("Problem", route.failure?.message),
                ("State", session.context.layout.state),
                (
                    "Config",
                    probe.configurationPath + (probe.isConfigurationValid ? "" : " (run alula config validate)")
                ),
                ("Agents", names.count > 8 ? "\(names.count)" : names.joined(separator: ", ")),
                ("Model", models["resolvedDefault"]?.string),
            ]
                + (route.gateway == nil
                    ? [] : WarmReport(status["providerAuth"] ?? .null, output).facts.filter { $0.0 != "Providers" }))
        output.line()
        output.table(ProviderTableRenderer(models, showsAll: all, output: output).table)
    }
}
