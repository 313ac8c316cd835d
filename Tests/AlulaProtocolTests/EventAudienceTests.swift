import AlulaJSON
import Testing

@testable import AlulaProtocol

struct EventAudienceTests {
    private func caller(_ version: ProtocolVersion, _ role: Role = .operator, _ scopes: Set<Scope> = []) -> Caller {
        Caller(connectionID: "c", client: nil, role: role, scopes: scopes, isDirectLocal: true, version: version)
    }

    private func isIn(_ event: String, _ caller: Caller) -> Bool {
        EventAudience.of(event)?.includes(caller) ?? false
    }

    @Test(arguments: ["health", "heartbeat", "shutdown", "tick", "update.available"])
    func openEventsReachEverybody(event: String) {
        #expect(isIn(event, caller(.four)))
        #expect(isIn(event, caller(.four, .node)))
        #expect(isIn(event, caller(.three)))
    }

    @Test(arguments: [
        ("models.auth.changed", Scope.read, false), ("sessions.changed", .read, false), ("agent", .read, true),
        ("cron", .read, true), ("presence", .read, true), ("talk.mode", .write, true),
        ("exec.approval.requested", .approvals, false),
        ("device.pair.requested", .pairing, false),
    ])
    func guardedEventsNeedTheirScope(event: String, scope: Scope, isOpenInVersionThree: Bool) {
        #expect(isIn(event, caller(.four, .operator, [scope])))
        #expect(isIn(event, caller(.four, .operator, [.admin])))
        #expect(!isIn(event, caller(.four)))
        #expect(!isIn(event, caller(.four, .node, [scope])))
        #expect(isIn(event, caller(.three)) == isOpenInVersionThree)
    }

    @Test func unknownEventsReachNobody() { #expect(EventAudience.of("later") == nil) }

    @Test func writersRead() {
        #expect(isIn("models.auth.changed", caller(.four, .operator, [.write])))
        #expect(!isIn("talk.mode", caller(.four, .operator, [.read])))
    }

    // MARK: Methods

    @Test func scopesAndRolesGuardMethods() {
        #expect(MethodAccess.anyone.refusal(of: caller(.four, .node)) == nil)
        #expect(MethodAccess.scope(.read).refusal(of: caller(.four, .operator, [.write])) == nil)
        let missing = MethodAccess.scope(.admin).refusal(of: caller(.four, .operator, [.read]))
        #expect(missing?.message == "missing scope: operator.admin")
        #expect(missing?.details?["missingScope"] == "operator.admin")
        #expect(MethodAccess.scope(.admin).refusal(of: caller(.three))?.details == nil)
        #expect(MethodAccess.scope(.read).refusal(of: caller(.four, .node))?.message == "unauthorized role: node")
        #expect(MethodAccess.node.refusal(of: caller(.four))?.message == "unauthorized role: operator")
        #expect(MethodAccess.node.refusal(of: caller(.four, .node)) == nil)
    }

    @Test(arguments: [
        ("health", MethodAccess.anyone), ("status", .scope(.read)), ("models.list", .scope(.read)),
        ("models.authStatus", .scope(.read)), ("models.authLogout", .scope(.admin)), ("agents.list", .scope(.read)),
        ("secrets.reload", .scope(.admin)), ("chat.send", .scope(.write)), ("device.pair.list", .scope(.pairing)),
        ("exec.approval.list", .scope(.approvals)), ("node.event", .node), ("plugins.install", .scope(.admin)),
        ("sessions.groups.put", .scope(.write)), ("memory.search", .scope(.read)),
        ("question.list", .scope(.questions)),
        ("approval.history", .scope(.approvals)), ("device.pair.rename", .scope(.pairing)),
    ])
    func theTableIsTheProtocols(name: String, access: MethodAccess) {
        #expect(KnownMethods.access(to: name) == access)
    }
}
