import AlulaJSON
import AlulaPrimitives

/// Prints a `models.status` answer for people.
struct ModelsStatusRenderer {
    let answer: JSONValue
    let showsAll: Bool
    let output: OutputRenderer

    func print() {
        output.facts([
            ("Config", answer["configPath"]?.string),
            ("Agent", answer["agentId"]?.string),
            ("Store", answer["auth"]?["storePath"]?.string),
            ("Default", defaultModel),
            ("Fallbacks", list(answer["fallbacks"])),
            ("Images", answer["imageModel"]?.string),
            ("Aliases", aliases),
            ("Allowed", allowed),
            ("Shell", shell),
        ])
        output.line()
        let table = ProviderTableRenderer(answer, showsAll: showsAll, output: output).table
        if table.rows.isEmpty {
            output.line(
                "No provider is in use. Set a key such as OPENAI_API_KEY, or run: alula models auth paste-api-key")
        } else {
            output.table(table)
        }
        printLogins()
        if answer["stale"]?.bool == true {
            output.note("These answers are from an earlier run; newer ones are being prepared.")
        }
    }

    /// Logins that end, and profiles that rest, one a line.
    private func printLogins() {
        let profiles = answer["auth"]?["oauth"]?["profiles"]?.array ?? []
        guard !profiles.isEmpty else { return }
        output.line()
        output.table(
            TextTable(
                ["LOGIN", "KIND", "STATUS", "ENDS", "KEPT IN"],
                profiles.map { profile in
                    [
                        .init(profile["label"]?.string ?? ""), .init(profile["type"]?.string ?? ""),
                        status(profile["status"]?.string ?? ""),
                        .init(profile["expiresAt"]?.instant.map(output.clock) ?? ""),
                        .init(profile["source"]?.string ?? ""),
                    ]
                }))
    }

    private func status(_ text: String) -> TextTable.Cell {
        switch text {
        case "ok", "static": .init(text, .good)
        case "expiring": .init(text, .uncertain)
        default: .init(text, .bad)
        }
    }

    private var defaultModel: String? {
        guard let resolved = answer["resolvedDefault"]?.string, !resolved.isEmpty else { return nil }
        let configured = answer["defaultModel"]?.string ?? ""
        return configured.isEmpty || configured == resolved ? resolved : "\(resolved) (\(configured))"
    }

    private var aliases: String? {
        guard let aliases = answer["aliases"]?.object, !aliases.isEmpty else { return nil }
        return aliases.map { "\($0.key) = \($0.value.string ?? "")" }.joined(separator: ", ")
    }

    private var allowed: String? {
        let rule = answer["allowRule"]?.string
        guard let list = list(answer["allowed"]) else { return rule }
        return rule.map { "\(list); \($0)" } ?? list
    }

    private var shell: String? { list(answer["auth"]?["shellEnvFallback"]?["appliedKeys"]).map { "supplies \($0)" } }

    private func list(_ value: JSONValue?) -> String? {
        let texts = value?.strings ?? []
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }
}
