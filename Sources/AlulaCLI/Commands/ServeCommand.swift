import ArgumentParser

/// `alula serve`: the short name of `gateway run`.
struct ServeCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The same as: alula gateway run.", usage: "alula serve --port 19001",
        shouldDisplay: false)

    @OptionGroup var run: GatewayRunOptions
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        try await session.environment.runner.run(
            run.request(logLevel: options.logLevel, isDevelopment: options.dev), in: session.context)
    }
}
