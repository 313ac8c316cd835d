import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula models list`.
struct ModelsListCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List models and whether each can be used.",
        usage: """
            alula models list
            alula models list --all --provider anthropic
            """)

    @Flag(help: "List every known model and not only those that can be chosen.") var all = false
    @Flag(help: "List models on this machine and network only.") var local = false
    @Option(help: ArgumentHelp("List one provider's models only.", valueName: "id")) var provider: String?
    @OptionGroup var agent: AgentOption
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let view = all || provider != nil ? ModelRow.View.all : .default
        var parameters = JSONObject([("view", .string(view.rawValue))])
        parameters["agentId"] = agent.id.map { .string($0.rawValue) }
        let answer = try await session.ask("models.list", .object(parameters))
        let wanted = provider.map { ProviderID($0).rawValue }
        let models = (answer["models"]?.array ?? []).filter { model in
            (wanted == nil || model["provider"]?.string == wanted) && (!local || model["local"]?.bool == true)
        }
        if options.json {
            session.output.document(["count": .number(models.count), "models": .array(models.map(Self.row))])
        } else if options.plain {
            for model in models { session.output.line(Self.key(model)) }
        } else if models.isEmpty {
            session.output.line("No model can be chosen. See why with: alula models status")
        } else {
            session.output.table(
                TextTable(
                    ["MODEL", "INPUT", "CONTEXT", "STATE", "TAGS"], models.map { cells($0, session.output) }))
        }
        return .done
    }

    private static func key(_ model: JSONValue) -> String {
        "\(model["provider"]?.string ?? "")/\(model["id"]?.string ?? "")"
    }

    private static func tags(_ model: JSONValue) -> [String] {
        (model["tags"]?.strings ?? []) + (model["alias"]?.string.map { ["alias:\($0)"] } ?? [])
    }

    /// The command's row, which differs from that of the method.
    private static func row(_ model: JSONValue) -> JSONValue {
        var object = JSONObject()
        object["key"] = .string(key(model))
        object["name"] = model["name"]
        object["input"] = .string((model["input"]?.strings ?? ["text"]).joined(separator: "+"))
        object["contextWindow"] = model["contextWindow"] ?? .null
        object["contextTokens"] = model["contextTokens"]
        object["local"] = .bool(model["local"]?.bool ?? false)
        object["available"] = .bool(model["available"]?.bool ?? false)
        object["unavailableReason"] = model["unavailableReason"]
        object["unavailableUntil"] = model["unavailableUntil"]
        object["tags"] = .array(tags(model).map { .string($0) })
        object["missing"] = .bool(model["missing"]?.bool ?? false)
        return .object(object)
    }

    private func cells(_ model: JSONValue, _ output: OutputRenderer) -> [TextTable.Cell] {
        let window = model["contextWindow"]?.integer
        let state: TextTable.Cell
        if model["available"]?.bool == true {
            state = .init("available", .good)
        } else {
            let until = model["unavailableUntil"]?.instant.map { " until \(output.clock($0))" } ?? ""
            state = .init((model["unavailableReason"]?.string ?? "unavailable") + until, .bad)
        }
        return [
            .init(Self.key(model)), .init((model["input"]?.strings ?? []).joined(separator: "+")),
            .init(window.map { $0 >= 1000 ? "\($0 / 1000)k" : "\($0)" } ?? ""), state,
            .init((Self.tags(model) + (model["missing"]?.bool == true ? ["missing"] : [])).joined(separator: ", ")),
        ]
    }
}
