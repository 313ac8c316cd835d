import AlulaJSON

/// Who may call a method.
package enum MethodAccess: Hashable, Sendable {
    /// Everybody who is connected, also nodes.
    case anyone
    /// Operators with this scope.
    case scope(Scope)
    /// Nodes only.
    case node

    /// Why `caller` may not call, or `nil` when it may.
    package func refusal(of caller: Caller) -> GatewayError? {
        switch self {
        case .anyone:
            return nil
        case .node:
            return caller.role == .node ? nil : Self.unauthorizedRole(caller.role)
        case .scope(let required):
            guard caller.role == .operator else { return Self.unauthorizedRole(caller.role) }
            guard !caller.scopes.permit(required) else { return nil }
            return .invalidRequest(
                "missing scope: \(required.rawValue)",
                details: caller.version == .three
                    ? nil
                    : [
                        "code": "MISSING_SCOPE", "missingScope": .string(required.rawValue),
                        "requiredScopes": [.string(required.rawValue)],
                    ])
        }
    }

    private static func unauthorizedRole(_ role: Role) -> GatewayError {
        .invalidRequest("\(unauthorizedRolePrefix) \(role.rawValue)")
    }

    /// How the refusal of a role begins; too many of them in a row end a connection.
    package static let unauthorizedRolePrefix = "unauthorized role:"
}
