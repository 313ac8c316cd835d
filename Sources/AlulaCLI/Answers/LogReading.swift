package import AlulaJSON

/// Reads the log file of this machine's gateway, whether it runs or not.
package protocol LogReading: Sendable {
    /// - Parameter cursor: Where the last answer ended; `nil` for the last lines.
    /// - Returns: What `logs.tail` answers, in its shape.
    /// - Throws: ``CommandError``, or `CancellationError`.
    func tail(cursor: Int64?, maximumLines: Int, maximumBytes: Int) async throws -> JSONValue
}
