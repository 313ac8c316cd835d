import AlulaJSON
import AlulaState
import ArgumentParser

/// `alula config set`.
struct ConfigSetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set values; everything else in the file stays as it is.",
        usage: """
            alula config set gateway.port 18790
            alula config set agents.defaults.model openai/gpt-5.5
            alula config set --merge models.providers.groq '{ baseUrl: "https://example.com/v1" }'
            alula config set --strict-json gateway.trustedProxies '["10.0.0.1"]'
            alula config set --batch-file edits.json5 --dry-run
            """,
        discussion: """
            The value is read as JSON5; what is none is taken as text. A batch is a list of { path, value } and is done \
            as a whole or not at all.
            """)

    @Argument(help: "Where the value goes, in dots and brackets.") var path: String?
    @Argument(help: "The value, as JSON5 or text.") var value: String?
    @Flag(help: "Refuse a value that is no JSON5.") var strictJson = false
    @Flag(help: "Lay an object or a list over what is there; null removes.") var merge = false
    @Flag(help: "Replace also where agents, models, providers, plugins or profiles would get lost.") var replace = false
    @Flag(help: "Check everything and write nothing.") var dryRun = false
    @Option(
        name: [.customLong("batch-json"), .customLong("batch")],
        help: ArgumentHelp("Several edits, as a JSON5 list.", valueName: "list"))
    var batchJson: String?
    @Option(help: ArgumentHelp("Several edits, as a file; - is standard input.", valueName: "file"))
    var batchFile: String?
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard !merge || !replace else { throw CommandError(.usage, "Choose one of --merge and --replace.") }
        let manner: ConfigurationChange.Manner = merge ? .merging : replace ? .replacing : .setting
        let edits = try await edits(session)
        let change = ConfigurationChange(session: session, isDryRun: dryRun)
        if dryRun { return try await rehearse(edits, change, manner, session) }
        try await change.set(edits, manner)
        if options.json {
            var object = JSONObject([("ok", true)])
            if edits.count == 1, let edit = edits.first { object["path"] = .string("\(edit.path)") }
            if batch != nil { object["operations"] = .number(edits.count) }
            session.output.document(.object(object))
        } else {
            for edit in edits { session.output.line("Set \(edit.path).") }
        }
        return .done
    }

    // MARK: What to set

    private var batch: String? { batchJson ?? batchFile }

    private func edits(_ session: CommandSession) async throws -> [ConfigurationChange.Edit] {
        if let batch {
            guard path == nil, batchJson == nil || batchFile == nil else {
                throw CommandError(.usage, "A batch takes neither a path nor another batch.")
            }
            let text = batchJson == nil ? try await session.environment.readText(batch) : batch
            return try ConfigurationChange.Edit.list(parsing: text)
        }
        guard let path, let value else {
            throw CommandError(.usage, "Say what to set, such as: alula config set gateway.port 18790")
        }
        return [try ConfigurationChange.Edit(path: ConfigurationPath(typed: path), value: parsed(value, path))]
    }

    private func parsed(_ text: String, _ path: String) throws -> JSONValue {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSON5Document(parsing: Array(text.utf8)).root.value
        } catch {
            guard !strictJson else {
                throw CommandError(.usage, "The value is no JSON5: \(error.message)", underlying: error)
            }
            return .string(text)
        }
        guard !value.isNull else {
            throw CommandError(.usage, "null removes a value; say that with: alula config unset \(path)")
        }
        return value
    }

    // MARK: Dry run

    /// Says what would happen, in the reference's shape.
    private func rehearse(
        _ edits: [ConfigurationChange.Edit], _ change: ConfigurationChange, _ manner: ConfigurationChange.Manner,
        _ session: CommandSession
    ) async throws -> ExitStatus {
        var report = JSONObject([("ok", true), ("operations", .number(edits.count))])
        report["configPath"] = .string(session.context.layout.configuration)
        report["inputModes"] = [.string(batch == nil && !strictJson ? "value" : "json")]
        // References are looked up by whoever uses them, so none is checked here.
        report["checks"] = ["schema": true, "resolvability": false, "resolvabilityComplete": false]
        report["refsChecked"] = 0
        report["skippedExecRefs"] = 0
        var failure: CommandError?
        do {
            try await change.set(edits, manner)
        } catch let error as CommandError where error.code == .requestRefused || error.code == .notFound {
            failure = error
            report["ok"] = false
            report["errors"] = [["kind": .string(error.dryRunKind), "message": .string(error.message)]]
        }
        if options.json {
            session.output.document(.object(report))
        } else if let failure {
            session.output.note("This would be refused: \(failure.message)")
        } else {
            let noun = edits.count == 1 ? "value" : "values"
            session.output.line("This would set \(edits.count) \(noun). Nothing was written.")
        }
        return failure == nil ? .done : .no
    }
}

extension CommandError {
    /// The reference's word for what a dry run found.
    fileprivate var dryRunKind: String {
        switch detailCode {
        case "config-changed", "drops_entries": "conflict"
        case "no_such_place": "missing-path"
        default: code == .notFound ? "missing-path" : "schema"
        }
    }
}
