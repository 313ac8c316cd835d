package import AlulaPrimitives

/// Where a command reads and writes.
package protocol Terminal: Sendable {
    /// Whether a person sees the output.
    var isOutputInteractive: Bool { get }
    /// Whether a person can be asked.
    var isInputInteractive: Bool { get }
    /// Whether whoever read the output has gone, as `head` does.
    var isOutputGone: Bool { get }

    /// Writes data. Blocks until it is taken.
    func write(_ text: String)
    /// Writes what is no data: notes, progress, errors. Blocks until it is taken.
    func writeError(_ text: String)
    /// Reads a secret without showing it, or standard input to its end when nobody can be asked.
    ///
    /// - Parameter prompt: What a person is told before.
    /// - Returns: `nil` when nothing came.
    func readSecret(prompt: String) async throws -> Secret?
    /// Reads a line that a person types.
    ///
    /// - Returns: `nil` when it is blank, or nothing came.
    func readAnswer(prompt: String) async throws -> String?
    /// Reads the next line of standard input, whoever sends it. What is typed is shown.
    ///
    /// A caller that is cancelled leaves nothing behind: a line that comes later is still there.
    ///
    /// - Returns: The line without its end, of a long one the beginning; `nil` at the end of the input and at `deadline`.
    func readLine(until deadline: Deadline) async throws -> String?
}

extension Terminal {
    package var isOutputGone: Bool { false }
}
