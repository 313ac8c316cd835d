package import AlulaPrimitives

/// Which environment variables are set, and the values of those few that hold no secret.
package struct EnvironmentFact: Hashable, Sendable {
    /// Where a variable's value came from. Later cases only fill what earlier ones leave unset.
    package enum Origin: String, Sendable, CaseIterable {
        case process
        case workingDirectoryFile = "cwd-dotenv"
        case stateFile = "state-dotenv"
        case configuration = "config"
        case shell
    }

    /// Variables with a usable, non-blank value, and where each came from.
    package var origins: [String: Origin]
    /// Values of variables that name a path, a region, a project or a profile (``disclosed``).
    package var values: [String: String]
    /// Variables whose value is a marker and not a secret.
    package var markers: [String: String]

    package init(origins: [String: Origin] = [:], values: [String: String] = [:], markers: [String: String] = [:]) {
        self.origins = origins
        self.values = values
        self.markers = markers
    }

    /// The only variables whose values may become facts.
    package static let disclosed: Set<String> = [
        "ANTHROPIC_VERTEX_USE_GCP_METADATA", "APPDATA", "AWS_CONFIG_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_DEFAULT_PROFILE", "AWS_DEFAULT_REGION", "AWS_PROFILE",
        "AWS_REGION", "AWS_ROLE_ARN", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "CODEX_HOME",
        "GCLOUD_PROJECT", "GH_CONFIG_DIR", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_LOCATION",
        "GOOGLE_CLOUD_PROJECT", "HOME", "XDG_CONFIG_HOME",
    ]

    package func isSet(_ name: String) -> Bool { origins[name] != nil }

    /// `env: NAME`, or `shell env: NAME` for a value that the login shell supplied.
    package func label(of name: String) -> String {
        origins[name] == .shell ? "shell env: \(name)" : "env: \(name)"
    }
}

/// A login that another tool left, without its tokens.
package struct LoginFact: Hashable, Sendable {
    package var tool: LoginTool
    /// `oauth` with a refresh token, `token` without.
    package var kind: ProfileFact.Kind
    package var digest: FactVersion
    package var refreshDigest: FactVersion?
    package var expiry: ProfileFact.Expiry
    package var identity: ProfileFact.Identity
    /// When the file was last written.
    package var modified: Timestamp
    package var path: String

    package init(
        tool: LoginTool, kind: ProfileFact.Kind, digest: FactVersion, refreshDigest: FactVersion? = nil,
        expiry: ProfileFact.Expiry, identity: ProfileFact.Identity = .init(), modified: Timestamp, path: String
    ) {
        self.tool = tool
        self.kind = kind
        self.digest = digest
        self.refreshDigest = refreshDigest
        self.expiry = expiry
        self.identity = identity
        self.modified = modified
        self.path = path
    }
}

/// Google's application-default credentials file.
package struct GoogleCredentialsFact: Hashable, Sendable {
    /// `type` of the document: `authorized_user`, `service_account`, `external_account` and the like.
    package var type: String
    package var path: String
    /// The file's own project, when it names one.
    package var project: String?

    package init(type: String, path: String, project: String? = nil) {
        self.type = type
        self.path = path
        self.project = project
    }
}

/// What the AWS files offer, by profile name.
package struct AWSFilesFact: Hashable, Sendable {
    /// How a named profile would get credentials. Raw values are for labels.
    package enum Means: String, Hashable, Sendable, CaseIterable {
        case staticKeys = "access key"
        case singleSignOn = "sso"
        case assumedRole = "role"
        case process = "credential_process"
        case webIdentity = "web identity"
    }

    package var profiles: [String: Means]
    /// Whether the file named by `AWS_WEB_IDENTITY_TOKEN_FILE` exists and is not empty; `nil` when none is named.
    package var hasWebIdentityToken: Bool?
    package var problems: [SourceProblem]

    package init(profiles: [String: Means] = [:], hasWebIdentityToken: Bool? = nil, problems: [SourceProblem] = []) {
        self.profiles = profiles
        self.hasWebIdentityToken = hasWebIdentityToken
        self.problems = problems
    }
}

/// What is known about the secrets behind one alias: which ids resolve.
package struct SecretSourceFact: Hashable, Sendable {
    /// What became of one id.
    package enum Presence: Hashable, Sendable {
        case present
        /// The source answered, and has no such secret. `code` is the source's own, such as `NOT_FOUND`.
        case missing(code: String)
    }

    package var ids: [String: Presence]

    package init(ids: [String: Presence] = [:]) { self.ids = ids }
}
