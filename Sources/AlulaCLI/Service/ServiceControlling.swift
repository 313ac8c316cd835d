package import AlulaPrimitives

/// Runs the programs that manage services.
package protocol ServiceControlling: Sendable {
    /// Runs `program` from the search path with `arguments`.
    ///
    /// - Parameter deadline: When the program is ended, whatever it does.
    /// - Returns: `nil` when there is no such program.
    /// - Throws: What stood in the way, such as the deadline, or `CancellationError`.
    func run(_ program: String, _ arguments: [String], deadline: Deadline) async throws -> ServiceReply?
    /// The text of the file at `path`; `nil` when there is none.
    func read(_ path: String) async throws -> String?
    /// Puts a file in place, whole, with its directories.
    func write(_ text: String, to path: String) async throws
    /// Removes the file at `path`, if it is there.
    func remove(_ path: String) async throws
    /// The absolute path of this program.
    var executable: String { get }
}

/// What a program that manages services said.
package struct ServiceReply: Hashable, Sendable {
    package var status: Int32
    package var output: String
    package var errors: String

    package init(status: Int32, output: String = "", errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }
}

/// A machine without anything that manages services.
package struct NoServices: ServiceControlling {
    package var executable: String { "alula" }

    package init() {}

    package func run(
        _ program: String, _ arguments: [String], deadline: Deadline
    ) async throws -> ServiceReply? { nil }
    package func read(_ path: String) async throws -> String? { nil }
    package func write(_ text: String, to path: String) async throws {}
    package func remove(_ path: String) async throws {}
}
