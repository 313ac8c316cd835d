import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula models auth list`.
struct AuthListCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List stored logins, without their secrets.",
        usage: "alula models auth list --provider openai")

    @Option(help: ArgumentHelp("List one provider's logins only.", valueName: "id")) var provider: String?
    @OptionGroup var agent: AgentOption
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        var parameters = JSONObject()
        parameters["agentId"] = agent.id.map { .string($0.rawValue) }
        let answer = try await session.ask("models.status", .object(parameters))
        let wanted = provider.map { ProviderID($0).rawValue }
        let profiles = (answer["auth"]?["profiles"]?.array ?? []).filter { profile in
            wanted == nil || profile["provider"]?.string == wanted
        }
        if options.json {
            session.output.document([
                "agentDir": answer["agentDir"] ?? "", "storePath": answer["auth"]?["storePath"] ?? "",
                "profiles": .array(profiles),
            ])
        } else if profiles.isEmpty {
            session.output.line("No login is stored. Add one with: alula models auth paste-api-key --provider <id>")
        } else {
            session.output.table(
                TextTable(
                    ["PROFILE", "PROVIDER", "KIND", "STATUS", "ENDS", "RESTS", "KEPT IN"],
                    profiles.map { cells($0, session.output) }))
        }
        return .done
    }

    private func cells(_ profile: JSONValue, _ output: OutputRenderer) -> [TextTable.Cell] {
        let status = profile["status"]?.string ?? ""
        let window = profile["cooldown"]
        let rest = window?["until"]?.instant.map { "\(window?["reason"]?.string ?? "") until \(output.clock($0))" }
        return [
            .init(profile["profileId"]?.string ?? ""), .init(profile["provider"]?.string ?? ""),
            .init(profile["type"]?.string ?? ""),
            .init(status, ["ok", "static"].contains(status) ? .good : status == "expiring" ? .uncertain : .bad),
            .init(profile["expiry"]?["at"]?.instant.map(output.clock) ?? ""), .init(rest ?? "", .bad),
            .init(profile["source"]?.string ?? ""),
        ]
    }
}
