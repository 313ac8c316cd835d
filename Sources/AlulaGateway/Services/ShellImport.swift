import AlulaConfiguration
import AlulaPrimitives
import AlulaState
import AlulaSystem

/// Asks the login shell for variables that this process was not given.
enum ShellImport {
    /// Whether the owner wants it.
    static func isWanted(_ state: LoadedState, variables: [String: String]) -> Bool {
        state.configuration.environment.importsShell
            || ["ALULA_LOAD_SHELL_ENV", "OPENCLAW_LOAD_SHELL_ENV"].contains { variables[$0] == "1" }
    }

    /// What the shell exports; nothing when it does not answer in time.
    static func variables(
        from variables: [String: String], pool: BlockingPool, settings state: LoadedState
    ) async -> [String: Secret] {
        let explicit = ["ALULA_SHELL_ENV_TIMEOUT_MS", "OPENCLAW_SHELL_ENV_TIMEOUT_MS"].lazy
            .compactMap { variables[$0].flatMap { Int64($0) } }.first
        let limit = explicit.map { Duration.milliseconds(max($0, 1)) } ?? state.configuration.environment.shellTimeout
        do {
            return try await pool.run("ask the login shell", deadline: .after(limit + .seconds(2))) {
                try LoginShell.environment(from: variables, deadline: .after(limit)).mapValues { Secret($0) }
            }
        } catch {
            return [:]
        }
    }
}
