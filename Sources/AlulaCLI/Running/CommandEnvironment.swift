package import AlulaConfiguration
package import AlulaPrimitives

/// Everything that commands take from outside. Tests bring their own; the executable brings the real ones.
package struct CommandEnvironment: Sendable {
    /// Which environment the commands of the current task run in.
    @TaskLocal package static var current: CommandEnvironment?

    /// The process's variables.
    package var variables: [String: String]
    package var currentDirectory: String
    package var version: String
    package var terminal: any Terminal
    package var now: @Sendable () -> Timestamp
    /// Seconds that local clocks are ahead of UTC at an instant.
    package var utcOffset: @Sendable (Timestamp) -> Int
    /// Whether a directory is there. May block.
    package var directoryExists: @Sendable (String) -> Bool
    package var locator: any GatewayLocating
    package var connector: any GatewayConnecting
    package var runner: any GatewayRunning
    /// Computes answers in this process; made anew for each command.
    package var localAnswers: @Sendable (CommandContext) async throws -> any LocalAnswering
    package var loadConfiguration: @Sendable (CommandContext) async throws -> ConfigurationOutcome
    package var credentials: @Sendable (CommandContext) -> any CredentialEditing
    /// The API keys; made anew for each command.
    package var apiKeys: @Sendable (CommandContext) -> any APIKeyEditing = { _ in NoAPIKeyFile() }
    /// Signs in with a browser; made anew for each command.
    package var signIn: @Sendable (CommandContext) -> any SigningIn = { _ in NoSignIn() }
    /// Opens an address in a browser of this machine, as far as there is one. Never fails for it.
    package var openBrowser: @Sendable (String) async -> Void = { _ in }
    package var files: any FileInspecting
    /// Reads the log file; made anew for each command.
    package var logs: @Sendable (CommandContext) async throws -> any LogReading = { _ in
        throw CommandError(.unavailable, "There is no log file here.")
    }
    /// The configuration file as a whole; made anew for each command.
    package var configurationText: @Sendable (CommandContext) -> any ConfigurationTextHolding
    /// Opens texts for a person; made anew for each command.
    package var editors: @Sendable (CommandContext) -> any TextEditing = { _ in NoEditor() }
    package var services: any ServiceControlling = NoServices()
    package var selfTest: any SelfTesting = NoSelfTest()
    package var support: any SupportMachine = NoSupportMachine()
    /// The text of a file that somebody named; `-` is standard input.
    package var readText: @Sendable (String) async throws -> String = { _ in
        throw CommandError(.unavailable, "There are no files here.")
    }
    package var pages: any PageFetching = NoPages()
    /// Takes the terminal's whole screen; `nil` where nobody sits at one.
    package var takeScreen: @Sendable () throws -> (any Screen)? = { nil }
    /// A clock that never jumps, counted from any instant.
    package var elapsed: @Sendable () -> Duration = {
        let start = ContinuousClock.now
        return { start.duration(to: .now) }
    }()
    /// Waits between two looks.
    package var pause: @Sendable (Duration) async throws -> Void = { try await ContinuousClock().sleep(for: $0) }

    package init(
        variables: [String: String], currentDirectory: String, version: String, terminal: any Terminal,
        now: @escaping @Sendable () -> Timestamp, utcOffset: @escaping @Sendable (Timestamp) -> Int,
        directoryExists: @escaping @Sendable (String) -> Bool, locator: any GatewayLocating,
        connector: any GatewayConnecting, runner: any GatewayRunning,
        localAnswers: @escaping @Sendable (CommandContext) async throws -> any LocalAnswering,
        loadConfiguration: @escaping @Sendable (CommandContext) async throws -> ConfigurationOutcome,
        configurationText: @escaping @Sendable (CommandContext) -> any ConfigurationTextHolding,
        credentials: @escaping @Sendable (CommandContext) -> any CredentialEditing, files: any FileInspecting
    ) {
        self.variables = variables
        self.currentDirectory = currentDirectory
        self.version = version
        self.terminal = terminal
        self.now = now
        self.utcOffset = utcOffset
        self.directoryExists = directoryExists
        self.locator = locator
        self.connector = connector
        self.runner = runner
        self.localAnswers = localAnswers
        self.loadConfiguration = loadConfiguration
        self.configurationText = configurationText
        self.credentials = credentials
        self.files = files
    }

    /// A variable's value unless it is blank or one of the words that scripts leave by mistake; the first of `names`
    /// that has one counts.
    func value(_ names: String...) -> String? {
        for name in names {
            guard let value = variables[name]?.trimmed(), !value.isEmpty, value != "undefined", value != "null" else {
                continue
            }
            return value
        }
        return nil
    }
}
