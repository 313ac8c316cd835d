package import AlulaJSON
package import AlulaProtocol

/// The operations behind `logs.*`.
package protocol LogOperations: Sendable {
    /// `logs.tail`: the end of the log file, or what was added to it. It may wait for a disk, on the blocking pool.
    func logsTail(_ query: LogsTailQuery) async throws(GatewayError) -> JSONValue
}

/// What `logs.tail` asks for.
package struct LogsTailQuery: Hashable, Sendable {
    package let caller: Caller
    /// Where the last answer ended; `nil` means the last lines.
    package let cursor: Int64?
    /// Lines at most.
    package let maximumLines: Int
    /// Bytes of the file at most.
    package let maximumBytes: Int

    package init(caller: Caller, cursor: Int64? = nil, maximumLines: Int = 500, maximumBytes: Int = 250_000) {
        self.caller = caller
        self.cursor = cursor
        self.maximumLines = maximumLines
        self.maximumBytes = maximumBytes
    }
}
