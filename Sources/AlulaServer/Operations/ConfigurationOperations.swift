package import AlulaJSON
package import AlulaProtocol

/// The operations behind `config.*`.
package protocol ConfigurationOperations: Sendable {
    /// All of `config.*`. They work on the blocking pool, where most wait for a disk.
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
        /// What there may be.
        case schema = "config.schema"
        /// The same for one place.
        case lookup = "config.schema.lookup"
    }

    package let action: Action
    /// The parameters, in the method's shape.
    package let parameters: JSONValue

    package init(_ action: Action, _ parameters: JSONValue) {
        self.action = action
        self.parameters = parameters
    }
}
