package import AlulaJSON
package import AlulaProtocol

/// The operations behind `config.*`.
package protocol ConfigurationOperations: Sendable {
    /// `config.get`, `config.set`, `config.patch` and `config.apply`. They wait for a disk, on the blocking pool.
    func configuration(_ query: ConfigurationQuery) async throws(GatewayError) -> JSONValue
}

/// What one of the `config.*` methods asks for.
package struct ConfigurationQuery: Sendable {
    /// What to do. Raw values are the methods' names.
    package enum Action: String, CaseIterable, Sendable {
        case get = "config.get"
        /// Takes a whole text.
        case set = "config.set"
        /// Takes a merge patch.
        case patch = "config.patch"
        /// Takes a whole text, and says what follows from it.
        case apply = "config.apply"
    }

    package let action: Action
    /// The parameters, in the method's shape.
    package let parameters: JSONValue

    package init(_ action: Action, _ parameters: JSONValue) {
        self.action = action
        self.parameters = parameters
    }
}
