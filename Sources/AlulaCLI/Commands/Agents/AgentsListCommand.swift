import AlulaJSON
import ArgumentParser

/// `alula agents list`.
struct AgentsListCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the configured agents.",
        usage: """
            alula agents list
            alula agents list --json
            """)

    @Flag(help: .hidden) var bindings = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.ask("agents.list")
        let agents = answer["agents"]?.array ?? []
        let defaultAgent = answer["defaultId"]?.string
        if options.json {
            session.output.document(.array(agents.map { row($0, isDefault: $0["id"]?.string == defaultAgent) }))
        } else if options.plain {
            for agent in agents { session.output.line(agent["id"]?.string ?? "") }
        } else {
            session.output.table(
                TextTable(
                    ["AGENT", "NAME", "MODEL", "WORKSPACE", "DIRECTORY"],
                    agents.map { agent in
                        let id = agent["id"]?.string ?? ""
                        return [
                            .init(id == defaultAgent ? "\(id) (default)" : id), .init(agent["name"]?.string ?? ""),
                            .init(agent["model"]?["primary"]?.string ?? ""),
                            .init(agent["workspace"]?.string ?? ""), .init(agent["agentDir"]?.string ?? ""),
                        ]
                    }))
        }
        return .done
    }

    /// The command's row, which differs from that of the method.
    private func row(_ agent: JSONValue, isDefault: Bool) -> JSONValue {
        var object = JSONObject()
        object["id"] = agent["id"]
        object["name"] = agent["name"]
        object["identityName"] = agent["identity"]?["name"]
        object["identityEmoji"] = agent["identity"]?["emoji"]
        object["workspace"] = agent["workspace"]
        object["agentDir"] = agent["agentDir"]
        object["model"] = agent["model"]?["primary"]
        object["bindings"] = 0
        object["isDefault"] = .bool(isDefault)
        return .object(object)
    }
}
