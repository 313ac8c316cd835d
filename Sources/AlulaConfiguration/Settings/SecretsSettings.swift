package import AlulaPrimitives

/// `secrets`: where references find their secrets. Everything takes effect when secrets are resolved next, at once.
package struct SecretsSettings: Sendable {
    /// `defaults`: the provider that a reference without one means.
    package struct Defaults: Hashable, Sendable {
        /// Aliases by source; a source without one means ``SecretReference/standardProvider``.
        package var aliases: [SecretReference.Source: String] = [:]

        /// The alias `default` for every source.
        package init() {}

        /// The alias that stands when a reference names none.
        package func alias(of source: SecretReference.Source) -> String {
            aliases[source] ?? SecretReference.standardProvider
        }
    }

    /// `providers` by alias, without those that were refused.
    package var providers: [String: SecretProviderSettings] = [:]
    /// Aliases that were refused. References to them find nothing.
    package var invalidProviders: Set<String> = []
    /// `defaults`.
    package var defaults = Defaults()
    /// `resolution.maxProviderConcurrency`, 1 to 16, default 4: helpers and files that are asked at once.
    package var maximumConcurrency = 4
    /// `resolution.maxRefsPerProvider`, 1 to 4096, default 512.
    package var maximumReferencesPerProvider = 512
    /// `resolution.maxBatchBytes`, 1 to 5 MiB, default 256 KiB: the size of one question to a helper.
    package var maximumBatch = ByteCount.kibibytes(256)

    /// The defaults.
    package init() {}

    /// The provider behind an alias. The alias `default` for the environment is there by itself.
    package func provider(_ alias: String, source: SecretReference.Source) -> SecretProviderSettings? {
        if let provider = providers[alias] { return provider.source == source ? provider : nil }
        let isStandard = alias == defaults.alias(of: .environment) || alias == SecretReference.standardProvider
        guard source == .environment, isStandard, !invalidProviders.contains(alias) else { return nil }
        return .environment(allowlist: nil)
    }
}

/// One entry of `secrets.providers`.
package enum SecretProviderSettings: Sendable {
    /// `source: env`. `allowlist` names the only variables it hands out; `nil` means any.
    case environment(allowlist: [String]?)
    /// `source: file`.
    case file(SecretFileSettings)
    /// `source: exec`.
    case helper(SecretHelperSettings)

    /// Which references it serves.
    package var source: SecretReference.Source {
        switch self {
        case .environment: .environment
        case .file: .file
        case .helper: .helper
        }
    }
}

/// A file that holds secrets.
package struct SecretFileSettings: Hashable, Sendable {
    /// What is in it.
    package enum Mode: String, CaseIterable, Sendable {
        /// A JSON document; ids are pointers into it.
        case json
        /// One secret; one line end after it is not part of it.
        case singleValue
    }

    /// `path`, absolute or with `~/` in front, as written.
    package var path: String
    /// `mode`, default `json`.
    package var mode = Mode.json
    /// `timeoutMs`, 1 to 120,000, default 5000.
    package var timeout = Duration.milliseconds(5000)
    /// `maxBytes`, 1 to 20 MiB, default 1 MiB.
    package var maximumSize = ByteCount.mebibytes(1)

    /// A JSON file with the standard limits.
    package init(path: String) { self.path = path }
}

/// A program that hands out secrets: it reads one JSON question on its standard input and writes one answer.
package struct SecretHelperSettings: Sendable {
    /// `command`, an absolute path.
    package var command: String
    /// `args`.
    package var arguments: [String] = []
    /// `timeoutMs`, 1 to 120,000, default 5000.
    package var timeout = Duration.milliseconds(5000)
    /// `noOutputTimeoutMs`, 1 to 120,000, default as ``timeout``.
    package var silenceTimeout = Duration.milliseconds(5000)
    /// `maxOutputBytes`, 1 to 20 MiB, default 1 MiB.
    package var maximumOutput = ByteCount.mebibytes(1)
    /// `jsonOnly`, default true. Otherwise plain output answers a question for one id.
    package var requiresJSON = true
    /// `env`: variables it is started with, in order; values secret.
    package var environment: [(name: String, value: Secret)] = []
    /// `passEnv`: variables of the gateway that it may see; no others are.
    package var passedVariables: [String] = []
    /// `trustedDirs`: where the program may lie; default anywhere.
    package var trustedDirectories: [String] = []
    /// `allowInsecurePath`, default false: the program may be writable by others.
    package var allowsInsecurePath = false
    /// `allowSymlinkCommand`, default false.
    package var allowsSymbolicLink = false

    /// A program with the standard limits.
    package init(command: String) { self.command = command }
}
