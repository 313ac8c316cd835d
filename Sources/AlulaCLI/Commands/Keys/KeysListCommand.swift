import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import ArgumentParser

/// `alula keys list`.
struct KeysListCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the API keys and what each may do.",
        usage: """
            alula keys list
            alula keys list --json
            """)

    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { nil }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let (keys, unreadableCount) = try await session.environment.apiKeys(session.context).list()
        if unreadableCount > 0 {
            session.output.note("Entries of the file that can't be understood, and open nothing: \(unreadableCount).")
        }
        if options.json {
            session.output.document([
                "keys": .array(keys.map(\.document)), "unreadable": .number(unreadableCount),
            ])
        } else if options.plain {
            for key in keys { session.output.line(key.name) }
        } else if keys.isEmpty {
            session.output.line("There is no API key. Make one with: alula keys create <name>")
        } else {
            let now = session.environment.now()
            session.output.table(
                TextTable(
                    ["NAME", "MODELS", "PER MINUTE", "TOKENS A DAY", "CREATED", "EXPIRES"],
                    keys.map { key in
                        let models = key.limits.models.map(\.description).joined(separator: " ")
                        let hasExpired = key.hasExpired(at: now)
                        let expiry = key.expiresAt.map { session.output.clock($0) + (hasExpired ? " (expired)" : "") }
                        return [
                            .init(key.name), .init(models.isEmpty ? "all" : models),
                            .init(key.limits.requestsPerMinute.map { "\($0)" } ?? ""),
                            .init(key.limits.tokensPerDay.map { "\($0)" } ?? ""),
                            .init(session.output.clock(key.createdAt)),
                            .init(expiry ?? "", hasExpired ? .uncertain : .plain),
                        ]
                    }))
        }
        return .done
    }
}

extension APIKey {
    /// The key for `--json`, without anything that opens a door.
    var document: JSONValue {
        [
            "name": .string(name), "id": .string(id), "createdAtMs": .number(createdAt.milliseconds),
            "expiresAtMs": expiresAt.map { .number($0.milliseconds) } ?? .null,
            "models": .array(limits.models.map { .string($0.description) }),
            "requestsPerMinute": limits.requestsPerMinute.map { .number($0) } ?? .null,
            "tokensPerDay": limits.tokensPerDay.map { .number($0) } ?? .null,
        ]
    }
}
