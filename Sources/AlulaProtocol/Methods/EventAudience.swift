/// Who receives an event.
package enum EventAudience: Hashable, Sendable {
    /// Every connection.
    case everyone
    /// Operators with this scope; connections of version 3 get it without, where ``isOpenInVersionThree``.
    case scope(Scope, isOpenInVersionThree: Bool)

    /// The audience of an event, or `nil` for events that nobody defined: those are delivered to nobody.
    package static func of(_ event: String) -> EventAudience? { audiences[event] }

    /// Whether `caller` receives events of this audience.
    package func includes(_ caller: Caller) -> Bool {
        switch self {
        case .everyone:
            return true
        case .scope(let scope, let isOpenInVersionThree):
            if isOpenInVersionThree, caller.version == .three { return true }
            return caller.role == .operator && caller.scopes.permit(scope)
        }
    }

    private static let audiences: [String: EventAudience] = [
        "agent": .scope(.read, isOpenInVersionThree: true),
        "chat": .scope(.read, isOpenInVersionThree: true),
        "chat.side_result": .scope(.read, isOpenInVersionThree: true),
        "config.changed": .scope(.read, isOpenInVersionThree: false),
        "cron": .scope(.read, isOpenInVersionThree: true),
        "device.pair.requested": .scope(.pairing, isOpenInVersionThree: false),
        "device.pair.resolved": .scope(.pairing, isOpenInVersionThree: false),
        "exec.approval.requested": .scope(.approvals, isOpenInVersionThree: false),
        "exec.approval.resolved": .scope(.approvals, isOpenInVersionThree: false),
        "health": .everyone,
        "heartbeat": .everyone,
        // Ours: which answers about providers have changed.
        "models.auth.changed": .scope(.read, isOpenInVersionThree: false),
        "node.pair.requested": .scope(.pairing, isOpenInVersionThree: false),
        "node.pair.resolved": .scope(.pairing, isOpenInVersionThree: false),
        "plugin.approval.requested": .scope(.approvals, isOpenInVersionThree: false),
        "plugin.approval.resolved": .scope(.approvals, isOpenInVersionThree: false),
        // Entries name people's machines, so they are for readers, as in the newest versions.
        "presence": .scope(.read, isOpenInVersionThree: true),
        "session.message": .scope(.read, isOpenInVersionThree: false),
        "session.operation": .scope(.read, isOpenInVersionThree: false),
        "session.tool": .scope(.read, isOpenInVersionThree: false),
        "sessions.changed": .scope(.read, isOpenInVersionThree: false),
        "shutdown": .everyone,
        "talk.event": .scope(.read, isOpenInVersionThree: true),
        "talk.mode": .scope(.write, isOpenInVersionThree: true),
        "tick": .everyone,
        "update.available": .everyone,
        "voicewake.changed": .scope(.read, isOpenInVersionThree: true),
        "voicewake.routing.changed": .scope(.read, isOpenInVersionThree: true),
    ]
}
