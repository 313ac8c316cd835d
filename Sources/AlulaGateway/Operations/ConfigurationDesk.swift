import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Shows and changes the configuration, the same with and without a running gateway.
struct ConfigurationDesk: Sendable {
    /// How long a look or a change may take, waiting for the lock included.
    private static let deadline = Duration.seconds(20)

    private let layout: StateLayout
    private let loader: StateLoader
    private let pool: BlockingPool
    private let writer: ConfigurationFileWriter
    private let audit: ConfigurationAudit
    private let now: @Sendable () -> Timestamp

    /// - Parameter variables: The process's environment.
    init(
        layout: StateLayout, variables: [String: String], currentDirectory: String, pool: BlockingPool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.layout = layout
        loader = StateLoader(layout: layout, variables: variables, currentDirectory: currentDirectory)
        self.pool = pool
        writer = ConfigurationFileWriter(
            lockPath: layout.configurationLock, isReadOnly: variables["OPENCLAW_NIX_MODE"] == "1")
        audit = ConfigurationAudit(
            layout: layout, arguments: CommandLine.arguments, currentDirectory: currentDirectory, now: now)
        self.now = now
    }

    /// Answers one of the `config.*` methods.
    ///
    /// - Parameter version: This program's, as it stands in the schema.
    func answer(_ query: ConfigurationQuery, version: String) async throws(GatewayError) -> JSONValue {
        do {
            return try await pool.run("configuration", deadline: .after(Self.deadline)) {
                switch query.action {
                case .get: Self.show(loader.editor().snapshot())
                case .set, .patch, .apply: try change(query)
                case .schema: schema(version)
                case .lookup: try Self.lookup(query)
                }
            }
        } catch let error as GatewayError {
            throw error
        } catch let error as ConfigurationEditError {
            throw Self.refusal(error)
        } catch let error as StateError {
            if error.code == .fileChanged { throw GatewayError.staleConfiguration }
            throw .unavailable(error.message)
        } catch {
            throw .unavailable("The configuration could not be looked at. Try again.")
        }
    }

    // MARK: Showing

    /// The answer of `config.get`.
    static func show(_ snapshot: ConfigurationSnapshot) -> JSONValue {
        let problems = snapshot.outcome.problems
        let errors = problems.filter { $0.severity == .error }
        var state = "unreadable"
        if case .loaded(let loaded) = snapshot.outcome { state = loaded.isBlank ? "blank" : "loaded" }
        let shown = snapshot.shown
        return [
            "path": .string(snapshot.path), "state": .string(state), "exists": .bool(snapshot.text != nil),
            "raw": shown.text.map { .string($0) } ?? .null, "parsed": shown.document, "resolved": shown.resolved,
            "valid": .bool(errors.isEmpty), "config": shown.resolved, "hash": .string(Self.hash(snapshot)),
            "issues": .array(errors.map { Self.issue($0, hiding: shown.secrets) }),
            "warnings": .array(
                problems.filter { $0.severity == .warning }.map { Self.issue($0, hiding: shown.secrets) }),
            "legacyIssues": [],
        ]
    }

    /// SHA-256 of the file, or of all files when there are more.
    private static func hash(_ snapshot: ConfigurationSnapshot) -> String {
        let files = snapshot.orderedFiles
        var bytes = snapshot.text ?? []
        if files.count > 1 {
            bytes = files.flatMap { Array($0.path.utf8) + [0] + ConfigurationAudit.digest($0.bytes) }
        }
        return ConfigurationAudit.hash(bytes)
    }

    private static func issue(_ problem: ConfigurationProblem, hiding secrets: KnownSecrets) -> JSONValue {
        var object = JSONObject()
        object["path"] = .string(problem.path.isRoot ? "" : secrets.hidden(in: "\(problem.path)"))
        let message = problem.message + (problem.remedy.isEmpty ? "" : " " + problem.remedy)
        object["message"] = .string(secrets.hidden(in: message))
        object["code"] = .string(problem.code.rawValue)
        object["file"] = .string(problem.file)
        object["line"] = .number(problem.line)
        object["column"] = .number(problem.column)
        object["remedy"] = problem.remedy.isEmpty ? nil : .string(secrets.hidden(in: problem.remedy))
        return .object(object)
    }

    // MARK: Explaining

    private func schema(_ version: String) -> JSONValue {
        let schema = ConfigurationSchema.current
        return [
            "schema": schema.document, "uiHints": schema.hints, "version": .string(version),
            "generatedAt": .string(now().iso8601),
        ]
    }

    private static func lookup(_ query: ConfigurationQuery) throws -> JSONValue {
        guard let answer = ConfigurationSchema.current.lookup(query.parameters["path"]?.string ?? "") else {
            throw GatewayError.unknownConfigurationPath
        }
        return answer
    }

    // MARK: Changing

    private func change(_ query: ConfigurationQuery) throws -> JSONValue {
        let editor = loader.editor()
        let snapshot = editor.snapshot()
        if snapshot.text != nil {
            guard let given = query.parameters["baseHash"]?.string else {
                throw GatewayError.invalidRequest("config base hash required; re-run config.get and retry")
            }
            guard given == Self.hash(snapshot) else { throw GatewayError.staleConfiguration }
        }
        let outcome = try editor.apply(try Self.request(query), to: snapshot)
        let isDryRun = query.parameters["dryRun"]?.bool ?? false
        try refuseAccidents(outcome, query, isDryRun: isDryRun)
        if !isDryRun { try write(outcome, query.action) }
        var answer = JSONObject()
        answer["ok"] = true
        if isDryRun { answer["dryRun"] = true }
        if query.action != .set || isDryRun, outcome.changes.isEmpty { answer["noop"] = true }
        answer["path"] = .string(layout.configuration)
        answer["config"] = outcome.configuration.view.value
        // Of what was written: who changed the files since then is found out by the next base hash.
        answer["hash"] = .string(Self.hash(isDryRun ? snapshot : outcome.after))
        let warnings = Self.newWarnings(outcome, since: snapshot)
        if !warnings.isEmpty { answer["warnings"] = .array(warnings) }
        guard query.action != .set, !outcome.changes.isEmpty else { return .object(answer) }
        if outcome.plan.needsRestart { answer["restart"] = Self.restart(outcome.plan) }
        if !isDryRun { answer["sentinel"] = ["persisted": false, "payload": payload(query)] }
        return .object(answer)
    }

    /// What the change brought: a key that nobody knows, say.
    private static func newWarnings(
        _ outcome: ConfigurationEditor.Outcome, since snapshot: ConfigurationSnapshot
    ) -> [JSONValue] {
        // An edit moves what was there before to other lines.
        let known = Set(snapshot.outcome.problems.map { "\($0.path): \($0.message)" })
        let secrets = outcome.after.shown.secrets
        return outcome.configuration.problems
            .filter { $0.severity == .warning && !known.contains("\($0.path): \($0.message)") }
            .map { issue($0, hiding: secrets) }
    }

    private func write(_ outcome: ConfigurationEditor.Outcome, _ action: ConfigurationQuery.Action) throws(StateError) {
        guard !outcome.changes.isEmpty else { return }
        do throws(StateError) {
            try writer.write(
                outcome.changes.map { .init(path: $0.path, before: $0.before, after: $0.after) },
                deadline: .after(Self.deadline))
        } catch {
            if error.code != .fileChanged { audit.record(outcome, of: action.rawValue, .failed) }
            throw error
        }
        audit.record(outcome, of: action.rawValue, .written)
    }

    /// Refuses a whole text that leaves suspiciously little, unless the caller means it. The text is kept.
    private func refuseAccidents(
        _ outcome: ConfigurationEditor.Outcome, _ query: ConfigurationQuery, isDryRun: Bool
    ) throws(GatewayError) {
        let reasons = outcome.suspicions.filter(\.refusesWholeTexts)
        let isMeant = query.parameters["allowShrink"]?.bool ?? false
        guard query.action != .patch, !reasons.isEmpty, !isMeant else { return }
        var details = JSONObject()
        details["code"] = "suspicious-shrink"
        details["suspicious"] = .array(reasons.map { .string("\($0)") })
        var place = ""
        if !isDryRun {
            audit.record(outcome, of: query.action.rawValue, .rejected)
            if let name = keepRejected(outcome) {
                details["rejected"] = .string(name)
                place = " The text was kept as \(name)."
            }
        }
        throw .invalidRequest(
            "config write refused (\(reasons.map(\.description).joined(separator: ", "))): too little would be left."
                + place + " Remove the parts one by one, or send allowShrink.", details: .object(details))
    }

    private func keepRejected(_ outcome: ConfigurationEditor.Outcome) -> String? {
        let change = outcome.changes.first { $0.path == layout.configuration }
        guard let change else { return nil }
        let stamp = now().iso8601.map { $0 == ":" || $0 == "." ? "-" : $0 }
        do throws(StateError) {
            return try writer.keepRejected(
                change.after, of: change.path, stamp: String(stamp), deadline: .after(Self.deadline))
        } catch {
            // The answer says nothing of it then; whoever sent the text has it.
            return nil
        }
    }

    private static func request(_ query: ConfigurationQuery) throws -> ConfigurationEditor.Request {
        let raw = query.parameters["raw"]?.string ?? ""
        guard query.action == .patch else { return .text(Array(raw.utf8)) }
        let patch: JSONValue
        do throws(JSONError) {
            patch = try JSON5Document(parsing: Array(raw.utf8)).root.value
        } catch {
            throw GatewayError.invalidRequest("invalid patch: line \(error.line): \(error.message)")
        }
        guard patch.object != nil else { throw GatewayError.invalidRequest("config.patch raw must be an object") }
        let paths = query.parameters["replacePaths"]?.array?.compactMap(\.string) ?? []
        return .patch(patch, replacing: paths.map { ConfigurationPath(stringLiteral: $0) })
    }

    /// The gateway does not restart by itself; this says what waits for it.
    private static func restart(_ plan: ReloadPlan) -> JSONValue {
        let paths = plan.restartPaths.map(\.description)
        return [
            "ok": false, "pid": .number(Int(getpid())), "signal": "SIGUSR1", "delayMs": 0,
            "reason": .string("takes effect after a restart: " + paths.joined(separator: ", ")),
            "paths": .array(paths.map { .string($0) }), "mode": "supervisor", "coalesced": false,
            "cooldownMsApplied": 0,
        ]
    }

    private func payload(_ query: ConfigurationQuery) -> JSONValue {
        var payload = JSONObject()
        payload["kind"] = .string(query.action == .patch ? "config-patch" : "config-apply")
        payload["status"] = "ok"
        payload["ts"] = .number(now().milliseconds)
        for key in ["sessionKey", "deliveryContext"] { payload[key] = query.parameters[key] }
        payload["message"] = query.parameters["note"]
        payload["stats"] = ["mode": .string(query.action.rawValue), "root": .string(layout.state)]
        return .object(payload)
    }

    private static func refusal(_ error: ConfigurationEditError) -> GatewayError {
        let place = error.path.isRoot ? "" : "\(error.path): "
        let issues = error.problems.filter { $0.severity == .error }
        let summary = issues.prefix(3).map { "\($0.path): \($0.message)" }.joined(separator: "; ")
        let message = "invalid config: " + (summary.isEmpty ? place + error.message : summary)
        var details = JSONObject()
        details["code"] = .string(error.code.rawValue)
        details["issues"] =
            issues.isEmpty
            ? [["path": .string("\(error.path)"), "message": .string(error.message)]]
            : .array(issues.map { Self.issue($0, hiding: .none) })
        return .invalidRequest(message, details: .object(details))
    }
}

extension LiveOperations {
    func configuration(_ query: ConfigurationQuery) async throws(GatewayError) -> JSONValue {
        try await keeper.configurationDesk.answer(query, version: board.version)
    }
}
