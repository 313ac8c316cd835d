/// What is wrong with a fleet.
package enum FleetFault: String, CaseIterable, Sendable {
    /// Nothing: plain files.
    case none = "files"
    /// A FIFO that nobody writes to stands in place of one agent's store.
    case fifo
    /// A helper program behind `secrets.providers` never answers.
    case helper

    /// For people.
    package var title: String {
        switch self {
        case .none: "plain files"
        case .fifo: "a FIFO for one store"
        case .helper: "a helper that never returns"
        }
    }
}
