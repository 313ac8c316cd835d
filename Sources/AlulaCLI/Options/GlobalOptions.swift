import AlulaPrimitives
import AlulaState
import ArgumentParser

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The state directory.", valueName: "path")) var stateDir: String?
    @Option(help: ArgumentHelp("Use the state directory ~/.openclaw-<name>.", valueName: "name")) var profile: String?
    @Flag(help: "Use the profile 'dev'.") var dev = false
    @Flag(help: "Print one JSON document.") var json = false
    @Flag(help: "Print bare lines for scripts.") var plain = false
    @Flag(help: "Print without colours.") var noColor = false
    @Flag(help: "Never ask.") var noInput = false
    @Option(help: ArgumentHelp("Log at this level or above.", valueName: "level")) var logLevel: String?
}

extension GlobalOptions {
    /// Resolves paths and credentials: flags first, then our variables, then the reference's.
    func context(in environment: CommandEnvironment, connection: ConnectionOptions?) -> CommandContext {
        let layout = StateLayout(
            request: .init(stateDirectory: stateDir, profile: dev ? "dev" : profile), variables: environment.variables,
            currentDirectory: environment.currentDirectory, exists: environment.directoryExists)
        let url = connection?.url
        // A named gateway gets only what was named with it: a token meant for another must not reach it.
        let usesEnvironment = url == nil
        func secret(_ flag: String?, _ ours: String, _ theirs: String) -> Secret? {
            if let flag { return Secret(flag) }
            return usesEnvironment ? environment.value(ours, theirs).map { Secret($0) } : nil
        }
        return CommandContext(
            layout: layout, url: url ?? environment.value("ALULA_GATEWAY_URL", "OPENCLAW_GATEWAY_URL"),
            isURLExplicit: url != nil,
            token: secret(connection?.token, "ALULA_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN"),
            password: secret(connection?.password, "ALULA_GATEWAY_PASSWORD", "OPENCLAW_GATEWAY_PASSWORD"),
            timeout: .milliseconds(connection?.timeout ?? 10_000),
            port: nil, isDevelopment: dev)
    }
}
