import AlulaConfiguration
import AlulaGateway
import AlulaPrimitives
import AlulaState
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension ConfigurationTextDesk: ConfigurationTextHolding {}

extension CommandEnvironment {
    /// How long reading the configuration may take.
    private static let loadDeadline = Duration.seconds(10)

    /// The real machine.
    ///
    /// - Parameter variables: The process's environment.
    package static func live(
        variables: [String: String], currentDirectory: String, version: String
    ) -> CommandEnvironment {
        let pool = BlockingPool()
        let loadConfiguration: @Sendable (CommandContext) async throws -> ConfigurationOutcome = { context in
            let loader = StateReader(
                layout: context.layout, variables: variables, currentDirectory: currentDirectory)
            return try await pool.run("load configuration", deadline: .after(loadDeadline)) { loader.configuration() }
        }
        let locator = StateGatewayLocator(
            pool: pool, variables: variables, loadConfiguration: loadConfiguration,
            readAddress: { context, pid in GatewayAddressFile.read(context.layout.address, holder: pid) })
        var environment = CommandEnvironment(
            variables: variables, currentDirectory: currentDirectory, version: version,
            terminal: SystemTerminal(pool: pool), now: { SystemTime.now }, utcOffset: { SystemTime.utcOffset(at: $0) },
            directoryExists: { access($0, F_OK) == 0 }, locator: locator,
            connector: ClientConnector(version: version),
            runner: LiveGatewayRunner(
                variables: variables, currentDirectory: currentDirectory, version: version,
                terminal: SystemTerminal(pool: pool)),
            localAnswers: { context in
                LiveLocalAnswers(
                    LocalAnswers(
                        layout: context.layout, variables: variables, currentDirectory: currentDirectory,
                        version: version, runsHelpers: context.runsHelpers, pool: pool, now: { SystemTime.now }))
            },
            loadConfiguration: loadConfiguration,
            configurationText: { context in
                ConfigurationTextDesk(
                    layout: context.layout, variables: variables, currentDirectory: currentDirectory, pool: pool,
                    now: { SystemTime.now })
            },
            credentials: { context in
                StoreCredentialEditor(
                    layout: context.layout, pool: pool, variables: variables, now: { SystemTime.now })
            },
            files: SystemFileInspector(pool: pool))
        environment.apiKeys = { context in
            APIKeyFileEditor(layout: context.layout, pool: pool, now: { SystemTime.now })
        }
        environment.signIn = { _ in LiveSigningIn(SignInDesk(variables: variables, now: { SystemTime.now })) }
        environment.openBrowser = { address in
            await SystemBrowser(pool: pool, variables: variables).open(address)
        }
        environment.logs = { context in
            var settings = LoggingSettings()
            if case .loaded(let loaded) = try await loadConfiguration(context) {
                settings = loaded.configuration.logging
            }
            return LiveLogReader(
                LocalLog(
                    settings: settings, layout: context.layout, variables: variables, pool: pool,
                    now: { SystemTime.now }, utcOffset: { SystemTime.utcOffset(at: $0) }))
        }
        environment.readText = { name in
            let path =
                name == "-" ? nil : StateLayout.absolute(name, home: variables["HOME"] ?? "", in: currentDirectory)
            return try await pool.run("read a file", deadline: .after(loadDeadline)) { try text(of: path) }
        }
        environment.editors = { context in
            SystemTextEditor(pool: pool, directory: context.layout.own, variables: variables)
        }
        environment.pages = ClientConnector(version: version)
        environment.takeScreen = { try SystemScreen.take() }
        environment.services = SystemServiceControl(pool: pool, variables: variables)
        environment.selfTest = LiveSelfTest(
            variables: variables, currentDirectory: currentDirectory, version: version, pool: pool,
            connector: ClientConnector(version: version))
        environment.support = LiveSupportMachine(pool: pool, variables: variables, files: environment.files)
        return environment
    }

    /// Longest text that a command reads from a file.
    private static let maximumText = ByteCount.mebibytes(4)

    /// The text of a file, or of standard input. Blocks the calling thread.
    private static func text(of path: String?) throws -> String {
        if let path { return try FileReader.read(path, maximum: maximumText).text }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumText.bytes {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
        throw CommandError(.usage, "That is more than \(maximumText) on standard input.")
    }
}
