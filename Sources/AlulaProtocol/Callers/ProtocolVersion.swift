/// A version of the protocol that this gateway speaks.
package enum ProtocolVersion: Int64, CaseIterable, Sendable {
    case three = 3
    case four = 4

    /// The version that is preferred.
    package static let current = ProtocolVersion.four

    /// The newest version within a client's range, or `nil` when there is none.
    package static func chosen(minimum: Int64, maximum: Int64) -> ProtocolVersion? {
        allCases.last { minimum <= $0.rawValue && $0.rawValue <= maximum }
    }
}
