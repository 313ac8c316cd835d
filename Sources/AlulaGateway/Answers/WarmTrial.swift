package import AlulaAuth
import AlulaCredentials
package import AlulaPrimitives
package import AlulaState
package import AlulaSystem
import AlulaWarmWorker
import Synchronization

/// One warm as a gateway makes it, through the worker and with the same fallback, that says which of them it was.
///
/// It writes nothing, runs no helper programs, and needs no lock on the state directory.
package struct WarmTrial: Sendable {
    /// What came of it.
    package struct Outcome: Sendable {
        /// What the worker, or the fallback, read; see ``PreparedAuth/gathering``.
        package let prepared: PreparedAuth
        /// Why the worker was not used; `nil` when it was.
        package let substitution: GatherError?
    }

    private let layout: StateLayout
    private let variables: [String: String]
    private let currentDirectory: String
    private let version: String
    private let pool: BlockingPool
    private let executable: String
    private let now: @Sendable () -> Timestamp

    /// - Parameter executable: The program that is the worker, as a rule this one.
    package init(
        layout: StateLayout, variables: [String: String], currentDirectory: String, version: String,
        pool: BlockingPool, executable: String = ChildProcess.ownExecutable, now: @escaping @Sendable () -> Timestamp
    ) {
        self.layout = layout
        self.variables = variables
        self.currentDirectory = currentDirectory
        self.version = version
        self.pool = pool
        self.executable = executable
        self.now = now
    }

    /// - Throws: ``GatherError`` when the worker was started and failed, or why the state can't be looked at.
    package func run() async throws -> Outcome {
        let reasons = SubstitutionNote()
        let gatherer = FallbackGatherer(
            worker: WarmWorkerClient(executable: executable),
            substitute: BlockingPoolGatherer(pool: pool, reader: CredentialReaders.facts),
            onSubstitution: { reasons.note($0) })
        let answers = LocalAnswers(
            layout: layout, variables: variables, currentDirectory: currentDirectory, version: version, pool: pool,
            gatherer: gatherer, now: now)
        let prepared = try await answers.prepared(runsHelpers: false)
        return Outcome(prepared: prepared, substitution: reasons.first)
    }
}

/// Keeps the first reason for which the worker was not used.
private final class SubstitutionNote: Sendable {
    private let reason = Mutex<GatherError?>(nil)

    var first: GatherError? { reason.withLock { $0 } }

    func note(_ error: GatherError) { reason.withLock { $0 = $0 ?? error } }
}
