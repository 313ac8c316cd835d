package import AlulaModels
package import AlulaPrimitives

/// Says what to type or change next when a provider can't answer. The only place that does.
package struct RemedyBook: Sendable {
    private let context: AuthContext
    private let store: EffectiveStore?
    private let table: ProviderTable
    private let authorizations: AuthorizationTable

    /// - Parameter store: The logins that profiles refer to; without it the advice is a little less exact.
    package init(
        context: AuthContext, store: EffectiveStore? = nil, table: ProviderTable = .builtIn,
        authorizations: AuthorizationTable = .builtIn
    ) {
        self.context = context
        self.store = store
        self.table = table
        self.authorizations = authorizations
    }

    /// The advice for an evaluation, or `nil` when the provider is available.
    ///
    /// A source that knows its own remedy, such as a file with the wrong mode, has the word.
    package func remedy(for evaluation: ProviderEvaluation) -> String? {
        guard !evaluation.availability.isAvailable else { return nil }
        let deciding = evaluation.candidates.first { $0.availability == evaluation.availability }
        if let problem = deciding?.problem { return problem.remedy }
        return remedy(
            for: evaluation.availability, provider: evaluation.provider, profile: deciding?.profile,
            label: deciding?.label)
    }

    /// The advice for one answer.
    ///
    /// - Parameters:
    ///   - profile: The stored login that the answer is about, if it is about one.
    ///   - label: What the evaluation called the deciding candidate.
    package func remedy(
        for availability: Availability, provider: ProviderID, profile: ProfileID? = nil, label: String? = nil
    ) -> String? {
        switch availability {
        case .available: nil
        case .unavailable(let reason, _): remedy(for: reason, provider: provider, profile: profile, label: label)
        case .unknown(let reason): remedy(for: reason, provider: provider)
        }
    }

    private func remedy(
        for reason: UnavailableReason, provider: ProviderID, profile: ProfileID?, label: String?
    ) -> String {
        let clear = "run alula models auth clear-cooldown " + (profile.map { "\($0)" } ?? "--provider \(provider)")
        switch reason {
        case .noLogin: return login(to: provider)
        case .expired, .refreshFailed, .credentialRejected, .missingCredential:
            return renewal(of: profile, for: provider)
        case .invalidExpiry:
            return "correct or remove \"expires\" of " + (profile.map { "profile \($0)" } ?? "the login")
                + ", or log in again"
        case .unresolvedReference: return resolution(of: provider, profile: profile, label: label)
        case .modeMismatch, .providerMismatch:
            guard let profile, context.configuredProfiles[profile] != nil else { return login(to: provider) }
            return "make auth.profiles.\(profile) in the configuration agree with the stored login"
        case .coolingDown: return "wait, or \(clear)"
        case .usageLimit: return "wait, or add another login for \(provider)"
        case .billingDisabled: return "settle the account's billing, then \(clear)"
        case .switchedOff: return "run alula models auth order clear --provider \(provider)"
        case .unusableStore: return "run alula doctor"
        case .incompleteSettings: return completion(of: provider)
        case .invalidSettings: return "run alula config validate and correct models.providers.\(provider)"
        }
    }

    private func remedy(for reason: UnknownReason, provider: ProviderID) -> String {
        switch reason {
        case .notReadYet: "ask again in a moment"
        case .sourceTimedOut: "run alula doctor; a disk or network mount does not answer"
        case .helperPending: "ask again in a moment; a helper of secrets.providers is running"
        case .helperTimedOut: "check the helper command in secrets.providers, or run alula doctor --allow-exec"
        case .needsInteraction: interaction(with: provider)
        case .unreadableSource: "run alula doctor; a credential file is not readable for this user"
        }
    }

    // MARK: Logging in

    /// How to give `provider` a login where there is none.
    private func login(to provider: ProviderID) -> String {
        if let advice = Self.ambientLogins[provider] { return advice }
        if takesNoKey(provider) { return Self.signIn(to: provider) }
        if authorizations.onDevice(provider) != nil {
            let variable = preferredVariable(of: provider).map { "set \($0) or " } ?? ""
            return variable + Self.signIn(to: provider)
        }
        if let reference = configuredReference(of: provider) { return reference }
        let entry = table.entry(servedAs: provider)
        if entry?.isLocal == true {
            return "start the server and add models.providers.\(provider) with its baseUrl, api and models"
        }
        let owner = table.authProvider(of: provider)
        let paste = "run alula models auth paste-api-key --provider \(owner)"
        guard let variable = preferredVariable(of: owner) else {
            return entry == nil ? "\(paste), or set models.providers.\(provider).apiKey" : paste
        }
        return "set \(variable) or \(paste)"
    }

    /// The variable with the plain name if there is one; special ones are read before it and often stand in front.
    private func preferredVariable(of provider: ProviderID) -> String? {
        let plain = CredentialVariables(provider: provider).single
        let names = table.environmentVariables(of: provider)
        return names.contains(plain) ? plain : names.first
    }

    /// A key that is configured by reference and was not found names itself.
    private func configuredReference(of provider: ProviderID) -> String? {
        guard case .reference(let reference)? = context.providers[provider]?.key else { return nil }
        return resolution(of: reference)
    }

    private func renewal(of profile: ProfileID?, for provider: ProviderID) -> String {
        if let profile, let tool = LoginImport.all.first(where: { $0.profile == profile })?.tool,
            let command = Self.toolLogins[tool]
        {
            return "run \(command)"
        }
        guard Self.ambientLogins[provider] == nil else { return login(to: provider) }
        if takesNoKey(provider) || authorizations.onDevice(provider) != nil
            || (authorizations[provider] != nil && kind(of: profile) == .oauth)
        {
            return Self.signIn(to: provider, as: profile)
        }
        let owner = table.authProvider(of: provider)
        let id = profile.map { " --profile-id \($0)" } ?? ""
        let paste = "run alula models auth paste-api-key --provider \(owner)\(id)"
        switch kind(of: profile) {
        case .token: return "run alula models auth paste-token --provider \(owner)\(id)"
        case .oauth:
            // A stored login stands before that of a tool, so it has to go first.
            let tool = LoginImport.all.first { $0.provider == owner }?.tool
            guard let command = tool.flatMap({ Self.toolLogins[$0] }) else {
                return "log in again with the program that stored the login, or \(paste)"
            }
            return "run alula models auth logout --provider \(owner), then \(command)"
        case .apiKey, nil: return paste
        }
    }

    private func kind(of profile: ProfileID?) -> ProfileFact.Kind? {
        profile.flatMap { store?.profiles[$0]?.fact.kind }
    }

    /// Whether one signs in to a provider with a browser or not at all.
    private func takesNoKey(_ provider: ProviderID) -> Bool {
        authorizations[provider] != nil && table.entry(servedAs: provider)?.api == .openAIChatGPTResponses
    }

    private static func signIn(to provider: ProviderID, as profile: ProfileID? = nil) -> String {
        "run alula models auth login --provider \(provider)" + (profile.map { " --profile-id \($0)" } ?? "")
    }

    /// What one does in place of pasting a key, for providers whose login is none; `nil` for the others.
    package static func foreignLogin(to provider: ProviderID) -> String? { ambientLogins[provider] }

    private static let toolLogins: [LoginTool: String] = [
        .codex: "codex login", .claudeCode: "claude and log in", .minimax: "the MiniMax CLI and log in",
        .geminiCLI: "gemini and log in", .githubCLI: "gh auth login",
    ]

    /// Providers whose login is not a key that could be pasted.
    private static let ambientLogins: [ProviderID: String] = [
        "amazon-bedrock": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "anthropic-vertex": "run gcloud auth application-default login",
        "claude-cli": "run claude and log in",
        "codex": "run codex login",
        "google-gemini-cli": "run gemini and log in",
        "google-vertex": "run gcloud auth application-default login",
    ]

    // MARK: Other ways out

    private func resolution(of provider: ProviderID, profile: ProfileID?, label: String?) -> String {
        if profile == nil {
            switch context.providers[provider]?.key {
            case .reference(let reference): return resolution(of: reference)
            case .marker(let name): return "set \(name), or replace models.providers.\(provider).apiKey"
            case .absent, .literal, .profile, nil: break
            }
        }
        let place = profile.map { "profile \($0)" } ?? label ?? "the login of \(provider)"
        return "check the reference of \(place) and secrets.providers, or run alula doctor"
    }

    private func resolution(of reference: SecretReference) -> String {
        switch reference.source {
        case .environment: "set \(reference.id)"
        case .file: "check secrets.providers.\(reference.provider) and that its file holds \(reference.id)"
        case .helper: "check secrets.providers.\(reference.provider), then run alula doctor --allow-exec"
        case .store: "move the secret to an environment variable or a file: this gateway can't read that store"
        }
    }

    private func completion(of provider: ProviderID) -> String {
        provider == "google-vertex"
            ? "set GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION"
            : "add api and models to models.providers.\(provider)"
    }

    private func interaction(with provider: ProviderID) -> String {
        switch table[provider]?.ambientLogin {
        case .awsChain: "run aws sso login; whether it still holds is only known to AWS"
        case .googleCredentials: "send a request to find out; the machine's metadata service is not asked here"
        case .commandLineTool, .builtIn, nil: login(to: provider)
        }
    }
}
