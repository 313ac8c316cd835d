/// What an operator may do.
package enum Scope: Hashable, Sendable {
    case read
    case write
    case admin
    case approvals
    case pairing
    case talkSecrets
    case questions
    case talk
    /// A scope of a later version; it permits nothing here.
    case unknown(String)
}

extension Scope: RawRepresentable, CaseIterable {
    /// The scopes that mean something here: what "all operator scopes" grants.
    package static let allCases: [Scope] = [
        .admin, .approvals, .pairing, .questions, .read, .talk, .talkSecrets, .write,
    ]

    /// Reads any spelling.
    package init(rawValue: String) {
        self = Self.allCases.first { $0.rawValue == rawValue } ?? .unknown(rawValue)
    }

    /// The wire's spelling.
    package var rawValue: String {
        switch self {
        case .read: "operator.read"
        case .write: "operator.write"
        case .admin: "operator.admin"
        case .approvals: "operator.approvals"
        case .pairing: "operator.pairing"
        case .talkSecrets: "operator.talk.secrets"
        case .questions: "operator.questions"
        case .talk: "operator.talk"
        case .unknown(let scope): scope
        }
    }
}

extension Set<Scope> {
    /// Whether these scopes permit what `required` stands for: `admin` covers everything, `write` covers `read`.
    package func permit(_ required: Scope) -> Bool {
        if contains(.admin) || contains(required) { return true }
        return required == .read && contains(.write)
    }

    /// The wire's spellings, sorted.
    package var spellings: [String] { map(\.rawValue).sorted() }
}
