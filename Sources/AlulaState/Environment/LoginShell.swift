package import AlulaPrimitives
import AlulaSystem

/// The variables that a person's login shell sets up.
package enum LoginShell {
    /// What a shell's start files need to know; nothing else of our environment reaches them.
    private static let passedOn = ["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER", "XDG_RUNTIME_DIR"]

    /// Starts the login shell and asks for its environment. Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - environment: This process's; `SHELL` names the shell, `/bin/sh` stands in for it.
    ///   - deadline: When the shell is ended; 15 seconds are usual.
    /// - Throws: ``StateError/Code/shellFailed`` with the ``SystemError`` in it.
    package static func environment(
        from environment: [String: String], deadline: Deadline
    ) throws(StateError) -> [String: String] {
        let shell = environment["SHELL"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/bin/sh"
        var variables = environment.filter { passedOn.contains($0.key) }
        variables["TERM"] = "dumb"
        // What start files print comes before the first NUL and so can't be taken for a variable.
        let command = ChildCommand(
            executable: shell, arguments: ["-l", "-c", "printf '\\0'; env -0"], environment: variables,
            workingDirectory: environment["HOME"])
        let outcome: ChildOutcome
        do throws(SystemError) {
            outcome = try ChildProcess.run(
                command, limits: ChildLimits(deadline: deadline, maximumOutput: .mebibytes(2)))
        } catch {
            throw StateError(.shellFailed, "The login shell did not tell its variables.", underlying: error)
        }
        guard outcome.isSuccess else {
            throw StateError(.shellFailed, "The login shell ended with an error and did not tell its variables.")
        }
        return parse(outcome.output)
    }

    /// Reads `NAME=value` entries, each ended by NUL; what precedes the first NUL is not one.
    static func parse(_ output: [UInt8]) -> [String: String] {
        var variables: [String: String] = [:]
        for entry in output.split(separator: 0, omittingEmptySubsequences: false).dropFirst() {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > entry.startIndex else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            variables[name] = String(decoding: entry[entry.index(after: equals)...], as: UTF8.self)
        }
        return variables
    }
}
