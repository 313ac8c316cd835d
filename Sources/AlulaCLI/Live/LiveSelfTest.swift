import AlulaAuth
import AlulaGateway
import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem

/// Tries the program on this machine: its worker, and a gateway of its own on a directory that goes with it.
struct LiveSelfTest: SelfTesting {
    /// How long each part may take on a machine that is busy with others.
    private static let patience = Duration.seconds(30)

    let variables: [String: String]
    let currentDirectory: String
    let version: String
    let pool: BlockingPool
    let connector: any GatewayConnecting
    /// The program on trial, which is this one as a rule.
    var executable = ChildProcess.ownExecutable
    /// Waits between two questions.
    var pause: @Sendable () async throws -> Void = { try await ContinuousClock().sleep(for: .milliseconds(10)) }

    func run(reading layout: StateLayout?) async throws -> SelfTestReport {
        let parent = GatewayLock.temporaryDirectory(variables)
        let directory = try await pool.run("make a directory", deadline: .after(.seconds(10))) {
            try Directory.makeTemporary(in: parent, prefix: "alula-self-test-")
        }
        let result: Result<SelfTestReport, any Error>
        do {
            result = .success(try await tryParts(reading: layout, in: directory))
        } catch {
            result = .failure(error)
        }
        do {
            try await pool.run("remove a directory", deadline: .after(.seconds(10))) {
                try Directory.removeAll(directory)
            }
        } catch let error as SystemError where error.code == .notFound {
            // Somebody cleans up faster.
        }
        return try result.get()
    }

    private func tryParts(reading layout: StateLayout?, in directory: String) async throws -> SelfTestReport {
        // Nothing of the user's: no key, no configuration, no login of another tool.
        let variables = [
            "HOME": directory, "TMPDIR": directory, "ALULA_LOG_DIR": "\(directory)/logs",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
        ]
        let own = StateLayout(variables: variables, currentDirectory: directory, exists: { _ in true })
        var report = SelfTestReport()
        try await step(.worker, &report) {
            try await warm(layout ?? own, layout == nil ? variables : self.variables)
        }
        guard report.steps.allSatisfy(\.isDone) else { return report }

        let trial = TrialGateway(executable: executable, layout: own, variables: variables, pool: pool)
        try await step(.start, &report) { try await trial.start(within: Self.patience) }
        if report.steps.allSatisfy(\.isDone) { try await step(.query, &report) { try await ask(trial) } }
        // It is stopped whatever it answered.
        if trial.isStarted { try await step(.stop, &report) { try await trial.stop() } }
        return report
    }

    /// Tries one part and notes what came of it.
    private func step(
        _ part: SelfTestReport.Part, _ report: inout SelfTestReport, _ body: () async throws -> String
    ) async throws {
        let began = ContinuousClock.now
        let isDone: Bool
        let message: String
        do {
            (isDone, message) = (true, try await body())
        } catch let error as CancellationError {
            throw error
        } catch {
            (isDone, message) = (false, Self.words(for: error))
        }
        let took = (ContinuousClock.now - began).components
        report.steps.append(
            SelfTestReport.Step(
                part, isDone: isDone, message,
                milliseconds: Int(took.seconds) * 1000 + Int(took.attoseconds / 1_000_000_000_000_000)))
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as SelfTestFailure: error.message
        case let error as GatherError: "\(error.message) (\(error.code.rawValue))"
        case let error as CommandError: error.message
        case let error as SystemError: error.message
        case let error as StateError: error.message
        default: "Something went wrong inside alula: \(type(of: error))."
        }
    }

    // MARK: Parts

    private func warm(_ layout: StateLayout, _ variables: [String: String]) async throws -> String {
        let trial = WarmTrial(
            layout: layout, variables: variables, currentDirectory: currentDirectory, version: version, pool: pool,
            executable: executable, now: { SystemTime.now })
        let outcome = try await trial.run()
        guard outcome.prepared.gathering == .worker else {
            let reason = outcome.substitution.map { " \($0.message) (\($0.code.rawValue))" } ?? ""
            throw SelfTestFailure("The worker did not read the facts; this process had to.\(reason)")
        }
        let (agents, providers) = (outcome.prepared.agents.count, outcome.prepared.context.providerIDs.count)
        return "the worker read \(providers) providers for \(agents) \(agents == 1 ? "agent" : "agents")"
    }

    /// Asks for models, once the gateway serves a snapshot, which has to be the worker's as well.
    private func ask(_ trial: TrialGateway) async throws -> String {
        let (url, credential) = try await trial.address()
        let client = try await connector.connect(to: url, credential: credential, timeout: Self.patience)
        let result: Result<String, any Error>
        do { result = .success(try await ask(client)) } catch { result = .failure(error) }
        await client.close()
        return try result.get()
    }

    private func ask(_ client: any AnswerSource) async throws -> String {
        let deadline = Deadline.after(Self.patience)
        var gathering: String?
        while gathering == nil {
            guard !deadline.hasPassed else { throw SelfTestFailure("The gateway prepared no answer in time.") }
            gathering = try await client.ask("health", ["probe": true])["providerAuth"]?["gatheredBy"]?.string
            if gathering == nil { try await pause() }
        }
        guard gathering == PreparedAuth.Gathering.worker.rawValue else {
            throw SelfTestFailure("The gateway answers, but its worker did not read the facts; the gateway had to.")
        }
        let models = try await client.ask("models.list", ["view": "all"])["models"]?.array ?? []
        guard models.contains(where: { $0["provider"]?.string == "alula" }) else {
            throw SelfTestFailure("The gateway does not list its built-in test model.")
        }
        return "the gateway lists \(models.count) models, from what its worker read"
    }
}

/// A part that did not come out as it has to.
struct SelfTestFailure: Error {
    /// What happened.
    let message: String

    init(_ message: String) { self.message = message }
}
