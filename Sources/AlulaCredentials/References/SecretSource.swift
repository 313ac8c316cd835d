package import AlulaPrimitives

/// What stands behind one alias of `secrets.providers`.
package enum SecretSource: Sendable {
    /// `allowlist` names the only variables it may hand out; `nil` means any.
    case environment(allowlist: Set<String>?)
    /// A file that holds one secret, or a JSON document of several.
    case file(path: String, isSingleValue: Bool, timeout: Duration, maximum: ByteCount)
    /// A program that is asked.
    case helper(SecretHelperCommand)

    /// How long a secrets file may take unless the configuration says otherwise.
    package static let standardTimeout = Duration.seconds(5)
    /// How large a secrets file or a helper's answer may be unless the configuration says otherwise.
    package static let standardMaximum = ByteCount.mebibytes(1)
}

/// A program that knows secrets, and how it is run.
package struct SecretHelperCommand: Sendable {
    /// Absolute path of the program.
    package var command: String
    /// What follows the program's name; no shell looks at it.
    package var arguments: [String]
    /// After this it is killed, with everything that it started.
    package var timeout: Duration
    /// The same when it has written nothing for this long.
    package var silenceTimeout: Duration
    /// The bound on what it writes, on each of its two streams.
    package var maximumOutput: ByteCount
    /// Whether an answer that is no JSON is the secret itself, when only one was asked for.
    package var acceptsPlainText: Bool
    /// The variables it gets in addition to ``passedVariables``.
    package var environment: [String: Secret]
    /// Variables that are handed on, when they are set. It gets no others.
    package var passedVariables: [String]
    /// When not empty, the program has to lie in one of these directories.
    package var trustedDirectories: [String]
    /// Skips the checks of owner and permissions.
    package var allowsInsecurePath: Bool
    /// Whether ``command`` may be a symbolic link to the program.
    package var allowsSymbolicLink: Bool

    package init(
        command: String, arguments: [String] = [], timeout: Duration = SecretSource.standardTimeout,
        silenceTimeout: Duration? = nil, maximumOutput: ByteCount = SecretSource.standardMaximum,
        acceptsPlainText: Bool = false, environment: [String: Secret] = [:], passedVariables: [String] = [],
        trustedDirectories: [String] = [], allowsInsecurePath: Bool = false, allowsSymbolicLink: Bool = false
    ) {
        self.command = command
        self.arguments = arguments
        self.timeout = timeout
        self.silenceTimeout = silenceTimeout ?? timeout
        self.maximumOutput = maximumOutput
        self.acceptsPlainText = acceptsPlainText
        self.environment = environment
        self.passedVariables = passedVariables
        self.trustedDirectories = trustedDirectories
        self.allowsInsecurePath = allowsInsecurePath
        self.allowsSymbolicLink = allowsSymbolicLink
    }
}

/// How much may be resolved at once.
package struct SecretResolutionLimits: Sendable, Hashable {
    /// Sources that are asked at the same time.
    package var maximumConcurrency: Int
    /// Ids in one question to a helper.
    package var maximumReferencesPerProvider: Int
    /// Size of one request to a helper.
    package var maximumBatch: ByteCount

    /// Values beyond what is sensible are held within 1 to 16, 1 to 4096 and 1 KiB to 5 MiB.
    package init(
        maximumConcurrency: Int = 4, maximumReferencesPerProvider: Int = 512, maximumBatch: ByteCount = .kibibytes(256)
    ) {
        self.maximumConcurrency = min(max(maximumConcurrency, 1), 16)
        self.maximumReferencesPerProvider = min(max(maximumReferencesPerProvider, 1), 4096)
        self.maximumBatch = min(max(maximumBatch, .kibibytes(1)), .mebibytes(5))
    }
}
