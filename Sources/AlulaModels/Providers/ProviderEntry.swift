package import AlulaPrimitives

/// What the gateway knows about one provider without being told: one row of ``ProviderTable``.
package struct ProviderEntry: Hashable, Sendable {
    /// A login that is found around the gateway instead of in a store or a variable.
    package enum AmbientLogin: String, CaseIterable, Sendable {
        /// The AWS credential chain: variables, shared files, web identity, container.
        case awsChain = "aws"
        /// Google's application-default credentials.
        case googleCredentials = "google"
        /// A login that the vendor's own command-line tool keeps.
        case commandLineTool = "cli"
        /// Part of the gateway; nothing can be missing.
        case builtIn = "built-in"
    }

    package let id: ProviderID
    /// For people.
    package let displayName: String
    /// The endpoint without the path that ``api`` appends. `nil` when it depends on an account, a region or a tool.
    package let baseURL: String?
    package let api: APIKind
    /// Variables that hold a credential; the first non-empty one wins. Regions, projects and application ids are
    /// left out: alone they can't sign a request.
    package let environmentVariables: [String]
    package let ambientLogin: AmbientLogin?
    /// A model server on this machine or network, which usually wants no key.
    package let isLocal: Bool
    /// Serves no chat models: speech, images, video, search or embeddings.
    package let isMediaOnly: Bool
    /// Failures here never cool a profile down, because the provider spreads calls over others itself.
    package let bypassesCooldown: Bool

    package init(
        id: ProviderID, displayName: String, baseURL: String? = nil, api: APIKind = .openAICompletions,
        environmentVariables: [String] = [], ambientLogin: AmbientLogin? = nil, isLocal: Bool = false,
        isMediaOnly: Bool = false, bypassesCooldown: Bool = false
    ) {
        self.id = id
        self.displayName = displayName
        self.baseURL = baseURL
        self.api = api
        self.environmentVariables = environmentVariables
        self.ambientLogin = ambientLogin
        self.isLocal = isLocal
        self.isMediaOnly = isMediaOnly
        self.bypassesCooldown = bypassesCooldown
    }
}
