import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import ArgumentParser

/// `alula models auth login`.
struct AuthLoginCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in to a provider: with a browser where it has accounts, else with a key.",
        usage: """
            alula models auth login --provider openai-codex
            alula models auth login --provider openai-codex --device-code --agent work
            alula models auth login --provider groq < key.txt
            """,
        discussion: """
            An address is shown, and opened in a browser where there is a display. The browser comes back to this program by \
            itself if it runs on this machine; from another one, paste the address that it ends at. With --device-code there is a \
            short code to type on a page instead. Such a login is named by its owner's mail address unless --profile-id says \
            otherwise, and is renewed by itself.

            For github-copilot there is a code to type in any case. GitHub calls who asks by the name of Copilot's own plugin, since \
            it gives models to no other. The login is named github-copilot:github.

            Chutes knows applications that somebody registered: CHUTES_CLIENT_ID names yours. Without it, and for all other \
            providers, a key is asked for, or read from standard input.
            """)

    @Flag(help: "Open no browser here.") var noBrowser = false
    @Flag(help: "Sign in on another device, with a code that is typed there.") var deviceCode = false
    @OptionGroup var target: LoginTarget
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place = try await session.credentialPlace(of: agent.id)
        let credentials = session.environment.credentials(session.context)
        if let advice = RemedyBook.foreignLogin(to: target.providerID) {
            throw CommandError(.usage, "Nobody signs in to \(target.providerID) here: \(advice).")
        }
        // Whoever has signed in shall not find out then that nothing can be stored.
        try await credentials.assertUsable(place)
        let signIn = session.environment.signIn(session.context)
        guard !deviceCode else {
            try await keep(try await deviceLogin(signIn, session), credentials, place, session)
            return .done
        }
        switch try await signIn.begin(target.providerID) {
        case .browser(let attempt):
            let login = try await BrowserLogin(attempt, to: target.providerID, in: session)
                .run(opensBrowser: !noBrowser)
            try await keep(login, credentials, place, session)
        case .needsClient(let variable):
            session.output.note(
                "To sign in with a browser, register an application with \(target.providerID) and set \(variable).")
            try await storePasted(credentials, place, session)
        case .onDevice:
            try await keep(try await deviceLogin(signIn, session), credentials, place, session)
        case .none:
            if let account = AuthorizationTable.accounts[target.providerID] {
                session.output.note(
                    "This is for a key. An account signs in with: alula models auth login --provider \(account)")
            }
            try await storePasted(credentials, place, session)
        }
        return .done
    }

    private func deviceLogin(_ signIn: any SigningIn, _ session: CommandSession) async throws -> IssuedLogin {
        let attempt: (any DeviceSigningIn)?
        do {
            attempt = try await signIn.beginOnDevice(target.providerID)
        } catch let failure as RenewalFailure {
            throw CommandError(signingIn: failure)
        }
        guard let attempt else {
            throw CommandError(
                .usage, "Nobody signs in to \(target.providerID) with a code: leave --device-code out.")
        }
        return try await DeviceLogin(attempt, to: target.providerID, in: session).run()
    }

    private func keep(
        _ login: IssuedLogin, _ credentials: any CredentialEditing, _ place: CredentialPlace,
        _ session: CommandSession
    ) async throws {
        let stored = try await credentials.storeLogin(login, as: target.chosen, in: place)
        report(login, stored, place, session)
        try await noteOrder(stored.profile, credentials, place, session)
    }

    private func report(
        _ login: IssuedLogin, _ stored: (profile: ProfileID, path: String), _ place: CredentialPlace,
        _ session: CommandSession
    ) {
        var more: [(String, JSONValue)] = [("type", .string(login.kind.rawValue))]
        if let email = login.identity.email { more.append(("email", .string(email))) }
        if let end = login.end { more.append(("expiresAt", .number(end.milliseconds))) }
        PastedSecret.report(
            stored.profile, of: login.provider, agent: place.agent, path: stored.path, more: more, in: session)
        if let end = login.end, !login.canBeRenewed {
            session.output.note("It can't be renewed and ends at \(session.output.clock(end)): sign in again then.")
        }
    }

    /// An order that somebody set lists all logins that are used, and so do the configuration's profiles.
    private func noteOrder(
        _ profile: ProfileID, _ credentials: any CredentialEditing, _ place: CredentialPlace,
        _ session: CommandSession
    ) async throws {
        let provider = target.providerID
        func note(_ names: some Sequence<ProfileID>, _ place: String, _ remedy: String) {
            guard !names.contains(profile) else { return }
            session.output.note("It is not used yet: \(place) does not name it. \(remedy)")
        }
        if let order = try await credentials.order(of: provider, in: place) {
            note(
                order, "the order of \(provider)'s logins",
                "See: alula models auth order get --provider \(provider)")
            return
        }
        let settings = try await session.configuration().configuration.auth
        if let order = settings.order[provider] {
            note(order, "auth.order.\(provider) in the configuration", "Add it there.")
            return
        }
        let profiles = settings.profiles.filter { $0.provider == provider }.map(\.id)
        if !profiles.isEmpty { note(profiles, "auth.profiles in the configuration", "Add it there.") }
    }

    private func storePasted(
        _ credentials: any CredentialEditing, _ place: CredentialPlace, _ session: CommandSession
    ) async throws {
        let (provider, profile) = (target.providerID, target.profile)
        let secret = try await PastedSecret.read("API key for \(provider)", in: session)
        let path =
            if PastedSecret.isSetupToken(secret, of: provider) {
                try await credentials.storeToken(secret, as: profile, provider: provider, expiry: nil, in: place)
            } else {
                try await credentials.storeAPIKey(secret, as: profile, provider: provider, in: place)
            }
        PastedSecret.report(profile, of: provider, agent: place.agent, path: path, in: session)
    }
}
