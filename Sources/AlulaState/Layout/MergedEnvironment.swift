package import AlulaPrimitives

/// The variables that count, from every place that may set them. Earlier places win; later ones only fill gaps.
///
/// Values may be secrets, so they are kept as such.
package struct MergedEnvironment: Sendable {
    /// Where a variable was set, in order of precedence.
    package enum Origin: CaseIterable, Sendable {
        case process
        /// `.env` in the current directory, which anybody who can write there controls.
        case workingDirectoryFile
        /// `<state>/.env`.
        case stateFile
        /// `env.vars` of the configuration.
        case configuration
        /// The login shell.
        case shell
    }

    /// A value and where it came from.
    package struct Variable: Sendable {
        package let value: Secret
        package let origin: Origin
    }

    package private(set) var variables: [String: Variable] = [:]

    package init(process: [String: String]) {
        for (name, value) in process { variables[name] = Variable(value: Secret(value), origin: .process) }
    }

    package subscript(name: String) -> Secret? { variables[name]?.value }

    /// Adds what is not set yet. A file in the working directory may not supply credentials, endpoints or controls
    /// of the gateway.
    ///
    /// - Parameter isCredential: Whether a provider takes a key from the variable.
    /// - Returns: The names that were taken.
    @discardableResult
    package mutating func fill(
        from values: [String: Secret], origin: Origin, isCredential: (String) -> Bool = { _ in false }
    ) -> Set<String> {
        var taken: Set<String> = []
        for (name, value) in values where variables[name].map({ $0.value.exposed.isEmpty }) ?? true {
            if origin == .workingDirectoryFile, isCredential(name) || Self.isProtected(name) { continue }
            variables[name] = Variable(value: value, origin: origin)
            taken.insert(name)
        }
        return taken
    }

    /// What `$include`, `${NAME}` and child processes see. Every use is a place where secrets leave their type.
    package var exposed: [String: String] { variables.mapValues { $0.value.exposed } }

    /// Whether a name may only be set by the owner: controls of the gateway, endpoints, hosts, and whatever looks
    /// like a key.
    private static func isProtected(_ name: String) -> Bool {
        let name = name.uppercased()
        if ["OPENCLAW_", "ALULA_"].contains(where: name.hasPrefix) { return true }
        return [
            "_BASE_URL", "_API_HOST", "_ENDPOINT", "_HOMESERVER", "_API_KEY", "_API_KEYS", "_TOKEN", "_SECRET",
            "_PASSWORD",
        ].contains(where: name.hasSuffix)
    }
}
