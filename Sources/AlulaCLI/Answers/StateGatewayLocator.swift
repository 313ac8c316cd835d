package import AlulaConfiguration
import AlulaPrimitives
import AlulaState
package import AlulaSystem

/// Recognises a running gateway by the lock that it holds, which dies with it.
package struct StateGatewayLocator: GatewayLocating {
    /// The address that a gateway with this process id listens on, where it left word of it.
    package typealias AddressReading = @Sendable (CommandContext, Int32?) -> String?

    private static let patience = Duration.seconds(2)

    private let pool: BlockingPool
    private let variables: [String: String]
    private let loadConfiguration: @Sendable (CommandContext) async throws -> ConfigurationOutcome
    private let readAddress: AddressReading

    /// - Parameters:
    ///   - variables: The process's environment, for the port and for secrets that the configuration refers to.
    ///   - readAddress: Blocks the calling thread. Without word from the gateway the configured port is taken.
    package init(
        pool: BlockingPool, variables: [String: String],
        loadConfiguration: @escaping @Sendable (CommandContext) async throws -> ConfigurationOutcome,
        readAddress: @escaping AddressReading = { _, _ in nil }
    ) {
        self.pool = pool
        self.variables = variables
        self.loadConfiguration = loadConfiguration
        self.readAddress = readAddress
    }

    package func runningGateway(_ context: CommandContext) async throws -> RunningGateway? {
        let (lock, tokenPath, read) = (context.layout.lock, context.layout.token, readAddress)
        let found: (pid: Int32?, address: String?, token: Secret?)?
        do {
            found = try await pool.run("look for a gateway", deadline: .after(Self.patience)) {
                guard let holder = try GatewayLock.holder(lock) else { return nil }
                return (holder.pid, read(context, holder.pid), try GatewayToken.load(tokenPath))
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            // A lock that can't be looked at is nobody's that could be asked.
            return nil
        }
        guard let found else { return nil }
        var settings = GatewaySettings()
        if case .loaded(let loaded) = try await loadConfiguration(context) { settings = loaded.configuration.gateway }
        return RunningGateway(
            url: found.address ?? "ws://127.0.0.1:\(port(settings, context))", processID: found.pid,
            credential: credential(settings.auth) ?? found.token.map { .token($0) })
    }

    private func port(_ settings: GatewaySettings, _ context: CommandContext) -> Int {
        let choice = PortChoice(option: context.port, variables: variables, isDevelopment: context.isDevelopment)
        return choice.port ?? settings.port
    }

    /// The configured secret: a text, or a variable's value. What a file or a helper holds is for the gateway to ask.
    private func credential(_ auth: GatewayAuthSettings) -> GatewayCredential? {
        if auth.mode != .password, let token = auth.token.flatMap(secret) { return .token(token) }
        return auth.password.flatMap(secret).map { .password($0) }
    }

    private func secret(_ input: SecretInput) -> Secret? {
        switch input {
        case .literal(let secret): return secret.isBlank ? nil : secret
        case .reference(let reference):
            guard reference.source == .environment, let value = variables[reference.id], !value.trimmed().isEmpty else {
                return nil
            }
            return Secret(value)
        }
    }
}
