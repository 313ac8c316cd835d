import ArgumentParser

/// `alula gateway run`.
struct GatewayRunCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the gateway until it is told to stop.",
        usage: """
            alula gateway run
            alula gateway run --port 19001 --bind lan
            """)

    @OptionGroup var run: GatewayRunOptions
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        try await session.environment.runner.run(
            run.request(logLevel: options.logLevel, isDevelopment: options.dev), in: session.context)
    }
}
