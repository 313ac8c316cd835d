import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaState
import AlulaSystem

/// Introduces calls to the module that reads secrets: each call gets the secret of its own login, when it is sent, or the pass that
/// the secret is exchanged for.
struct LoginReader: LoginOpening {
    /// How long a disk or a helper program may take.
    private static let patience = Duration.seconds(10)

    let states: LoadedStateSource
    let profiles: ProfileSecretReader
    let renewals: LoginRenewals
    let passes: PassDesk
    let resolver: SecretResolver
    /// Whether what is stored is shown as it is, and not exchanged for a pass: by who asks about the account itself.
    var isForAccounts = false

    /// The same for questions about accounts.
    var ofAccounts: LoginReader {
        var reader = self
        reader.isForAccounts = true
        return reader
    }

    func open(_ call: CallTarget) async throws -> OpenedLogin { try await open(call, rejected: nil) }

    /// - Parameter rejected: The access token that the provider has just refused.
    private func open(_ call: CallTarget, rejected: Secret?) async throws -> OpenedLogin {
        let state = states.current
        do {
            let settings = state.configuration.models[call.route.model.provider]
            var headers: [(name: String, value: Secret)] = []
            let model = settings?.models.first { $0.id == call.route.model.model }
            let request = settings?.request ?? RequestSettings()
            for header in (settings?.headers ?? []) + (model?.headers ?? []) + request.headers {
                guard let value = try await secret(of: header.value, state, call) else { continue }
                headers.append((name: header.name, value: value.normalised))
            }
            let transport = try await transport(request, state, call)
            if let input = request.auth.secret {
                guard let proof = try await secret(of: input, state, call)?.normalised else {
                    throw Self.missing("What stands for the configured key is no key.")
                }
                return Self.login(showing: proof, as: request.auth, headers, transport)
            }
            let (secret, isRenewable) = try await secret(call, settings, state, rejected: rejected)
            if !isForAccounts, state.catalog.isCopilot(call.route.model.provider), let secret {
                return try await passes.open(
                    secret, of: call.route.model.provider, isPass: isRenewable, headers, transport,
                    isPlaced: settings?.baseURL != nil,
                    rejected: rejected, until: call.deadline
                ) { try await open(call, rejected: $0) }
            }
            var renewal: (@Sendable () async throws -> OpenedLogin)?
            if isRenewable { renewal = { try await open(call, rejected: secret) } }
            return OpenedLogin(
                secret: secret?.normalised,
                form: settings?.sendsAuthorizationHeader == true ? .bearer : Self.form(of: call.route.login),
                headers: headers, transport: transport,
                account: isRenewable ? secret.flatMap { AccessTokenOwner.openAIAccount(of: $0) } : nil, renewal: renewal
            )
        } catch let error as SecretResolutionError {
            throw Self.missing("A secret that the login points at can't be had (\(error.code.rawValue)).")
        } catch let error as CredentialError {
            throw Self.missing(error.message)
        } catch let error as PassFailure {
            throw AttemptFailure(
                judgement: .failure(error.reason), message: error.message, status: error.status,
                retryAfter: error.retryAfter)
        } catch let error as RenewalFailure {
            throw Self.missing("The login could not be renewed: \(error.message).")
        } catch is SystemError {
            throw AttemptFailure(FailureReport(code: "ETIMEDOUT", message: "The login could not be read in time."))
        }
    }

    /// The login that the owner has every request show.
    private static func login(
        showing proof: Secret, as auth: RequestSettings.Auth, _ headers: [(name: String, value: Secret)],
        _ transport: CallTransport?
    ) -> OpenedLogin {
        guard case .header(let name, _, let prefix) = auth else {
            return OpenedLogin(secret: proof, form: .bearer, headers: headers, transport: transport)
        }
        // Nothing else proves who asks.
        let others = headers.filter { !["authorization", name.lowercased()].contains($0.name.lowercased()) }
        let header = (name: name, value: Secret(prefix + proof.exposed))
        return OpenedLogin(secret: nil, headers: others + [header], hidden: [proof], transport: transport)
    }

    private func transport(
        _ request: RequestSettings, _ state: LoadedState, _ call: CallTarget
    ) async throws -> CallTransport? {
        func secret(_ input: SecretInput?) async throws -> Secret? {
            guard let input else { return nil }
            // PEM texts are kept as they are, and none is the name of a variable.
            if case .literal(let text) = input { return text }
            return try await self.secret(of: input, state, call)
        }
        var transport = CallTransport()
        transport.proxy = request.proxy
        transport.authorities = try await secret(request.security.authorities)
        transport.certificate = try await secret(request.security.certificate)
        transport.key = try await secret(request.security.key)
        transport.passphrase = try await secret(request.security.passphrase)
        return transport.secrets.isEmpty ? nil : transport
    }

    /// Variables with tokens of an account say so in their names.
    private static func form(of login: Login) -> OpenedLogin.Form {
        if case .environment(let name) = login, name.contains("OAUTH_TOKEN") { return .account }
        return .key
    }

    /// The secret behind the call's login, and whether it is a token that can be renewed.
    private func secret(
        _ call: CallTarget, _ settings: ProviderSettings?, _ state: LoadedState, rejected: Secret?
    ) async throws -> (Secret?, isRenewable: Bool) {
        switch call.route.login {
        case .unneeded: return (nil, false)
        case .environment(let name): return (try variable(name, state), false)
        case .configuredKey:
            guard let key = settings?.apiKey else { throw Self.missing("The configured key is gone.") }
            return (try await secret(of: key, state, call), false)
        case .profile(let id):
            let content = try await profiles.content(
                of: id, in: Self.stores(of: call.agent, state), until: call.deadline.capped(at: Self.patience))
            guard let content else { throw Self.missing("The login \(id) has no key that can be used.") }
            if case .login = content {
                let token = try await renewals.accessToken(
                    of: id, in: Self.scope(of: call.agent, state), rejected: rejected, until: call.deadline)
                return (token, true)
            }
            return (try await secret(of: content, state), false)
        case .ambient(let label): throw Self.missing("Logins of this kind (\(label)) are not used for requests yet.")
        }
    }

    private func secret(of input: SecretInput, _ state: LoadedState, _ call: CallTarget) async throws -> Secret? {
        switch input {
        case .reference(let reference): return try await secret(of: .reference(reference), state)
        case .literal(let text):
            guard let content = ProfileSecretReader.content(ofText: text.normalised) else {
                throw Self.missing("What stands for the configured key is no key.")
            }
            return try await secret(of: content, state)
        }
    }

    private func secret(of content: ProfileSecretReader.Content, _ state: LoadedState) async throws -> Secret? {
        switch content {
        case .unneeded: return nil
        case .secret(let secret): return secret
        case .variable(let name): return try variable(name, state)
        case .login: throw Self.missing("An OAuth login stands where a key is needed.")
        case .reference(let reference):
            let resolved = await resolver.resolve(
                [reference], sources: SecretSources.sources(state.configuration.secrets, home: state.layout.home),
                variables: state.environment.variables.mapValues(\.value),
                environmentAlias: state.context.defaultEnvironmentAlias,
                limits: SecretSources.limits(state.configuration.secrets))
            guard let result = resolved.values[reference] else {
                throw Self.missing("A secret that the login points at can't be had.")
            }
            return try result.get()
        }
    }

    private func variable(_ name: String, _ state: LoadedState) throws -> Secret {
        guard let value = state.environment[name], !value.isBlank else {
            throw Self.missing("The variable \(name) is not set any more.")
        }
        return value
    }

    /// Where an agent's profiles are: its own store, then the one for all.
    private static func stores(of agent: AgentID, _ state: LoadedState) -> [CredentialStoreFiles] {
        let main = state.context.mainStore
        let own = state.context.agents.first { $0.id == agent }?.store ?? main
        let shared = CredentialStoreFiles(
            main, legacyOAuthPath: state.layout.legacyOAuth, sharedDatabasePath: state.layout.sharedDatabase)
        return own == main ? [shared] : [CredentialStoreFiles(own), shared]
    }

    /// Where copies of an agent's OAuth logins may be.
    private static func scope(of agent: AgentID, _ state: LoadedState) -> RenewalScope {
        let stores = stores(of: agent, state)
        return RenewalScope(
            own: stores.count > 1 ? stores[0] : nil, main: stores[stores.count - 1],
            others: state.context.agents.map { CredentialStoreFiles($0.store) })
    }

    /// Another login may do, and this one does not rest for it: the facts will say what is wrong with it.
    private static func missing(_ message: String) -> AttemptFailure {
        AttemptFailure(judgement: .failure(.unclassified), message: message)
    }
}
