package import AlulaConfiguration
package import AlulaPrimitives
package import AlulaState
package import AlulaSystem

/// The configuration file as a whole, for somebody who edits it on this machine.
package struct ConfigurationTextDesk: Sendable {
    /// How long one step may take, waiting for the lock included.
    private static let deadline = Duration.seconds(20)

    private let layout: StateLayout
    private let loader: StateLoader
    private let writer: ConfigurationFileWriter
    private let audit: ConfigurationAudit
    private let pool: BlockingPool

    /// - Parameter variables: The process's environment.
    package init(
        layout: StateLayout, variables: [String: String], currentDirectory: String, pool: BlockingPool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.layout = layout
        loader = StateLoader(layout: layout, variables: variables, currentDirectory: currentDirectory)
        writer = ConfigurationFileWriter(
            lockPath: layout.configurationLock, isReadOnly: variables["OPENCLAW_NIX_MODE"] == "1")
        audit = ConfigurationAudit(
            layout: layout, arguments: CommandLine.arguments, currentDirectory: currentDirectory, now: now)
        self.pool = pool
    }

    /// What an edit starts from.
    ///
    /// - Throws: ``StateError/Code/fileUnusable`` when the file will not be written whatever comes out.
    package func begin() async throws -> ConfigurationSnapshot {
        try await pool.run("read the configuration", deadline: .after(Self.deadline)) {
            try writer.checkWritable(layout.configuration)
            return loader.editor().snapshot()
        }
    }

    /// What `text` in the place of the file comes to.
    ///
    /// - Throws: ``ConfigurationEditError`` for mistakes that were not there before, unless they are accepted.
    package func check(
        _ text: [UInt8], replacing snapshot: ConfigurationSnapshot, acceptingMistakes: Bool
    ) async throws -> ConfigurationEditor.Outcome {
        try await pool.run("check the configuration", deadline: .after(Self.deadline)) {
            try loader.editor().apply(.file(text, acceptsMistakes: acceptingMistakes), to: snapshot)
        }
    }

    /// Puts what was checked in the place of the file.
    ///
    /// - Throws: ``StateError/Code/fileChanged`` when the file is another by now.
    package func write(_ outcome: ConfigurationEditor.Outcome) async throws {
        try await pool.run("write the configuration", deadline: .after(Self.deadline)) {
            do throws(StateError) {
                try writer.write(
                    outcome.changes.map { .init(path: $0.path, before: $0.before, after: $0.after) },
                    deadline: .after(Self.deadline))
            } catch {
                if error.code != .fileChanged { audit.record(outcome, of: "config.edit", .failed) }
                throw error
            }
            audit.record(outcome, of: "config.edit", .written)
        }
    }
}
