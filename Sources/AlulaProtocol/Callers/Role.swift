/// What a connection is to the gateway.
package enum Role: String, CaseIterable, Sendable {
    /// A person or program that uses the gateway.
    case `operator`
    /// A device that lends the gateway its abilities.
    case node
}
