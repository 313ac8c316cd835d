import AlulaProtocol
import AlulaTestSupport
import Testing

@testable import AlulaServer

struct MethodReferenceTests {
    /// `make reference` runs this test with `UPDATE_FIXTURES=1`.
    @Test func thePageIsUpToDate() {
        // A fixture that people read; the folder of another target's fixtures exists, so the way out of it does.
        let page = Fixture("../../../Documentation/Reference/methods.md", of: "AlulaProtocolTests")
        #expect(page.matches(MethodReference.page), "Run make reference.")
    }

    @Test func everyMethodIsKnownByItsAccess() {
        for method in MethodTable.methods {
            // Ours alone is not in the protocol's table.
            guard !["models.explain", "models.status"].contains(method.name) else { continue }
            #expect(KnownMethods.access(to: method.name) == method.access, "\(method.name)")
        }
        #expect(Set(MethodTable.names).count == MethodTable.methods.count)
    }

    @Test func theHelpNamesEveryMethodOnce() {
        let lines = MethodReference.help.split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != " " } } == MethodTable.names.map { $0[...] })
    }

    @Test func everyEventHasAnAudience() {
        for event in MethodTable.events where event != "connect.challenge" {
            #expect(EventAudience.of(event) != nil, "\(event)")
        }
    }
}
