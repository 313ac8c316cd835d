import ArgumentParser

/// A command that does its work in a ``CommandSession``.
protocol SessionCommand: AsyncParsableCommand {
    var options: GlobalOptions { get }
    /// `nil` for commands that never ask a gateway.
    var connection: ConnectionOptions? { get }

    func execute(_ session: CommandSession) async throws -> ExitStatus
}

extension SessionCommand {
    var connection: ConnectionOptions? { nil }

    func run() async throws {
        guard let environment = CommandEnvironment.current else {
            throw CommandError(.unavailable, "The command was started without its environment.")
        }
        let session = CommandSession(environment: environment, options: options, connection: connection)
        let status = try await execute(session)
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
