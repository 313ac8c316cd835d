/// The operations behind `config.*`.
package protocol ConfigurationOperations: Sendable {}
