import AlulaDiagnostics
import AlulaSystem
import Testing

@testable import AlulaGateway

struct ThreadSightingTests {
    @Test(arguments: [
        ("17 (NIO-ELT-0-#1) S 1 17 17 0 -1", "NIO-ELT-0-#1", StallReport.Activity.waiting),
        ("17 (alula) R 1 17", "alula", .computing),
        ("17 (a) R (b) D 1 17", "a) R (b", .waitingForDisk),
        ("17 () D 1", "", .waitingForDisk),
        ("17 (alula) T 1 17", "alula", nil),
        ("17 (alula)", "alula", nil),
    ])
    func readsNameAndState(_ line: String, _ name: String, _ activity: StallReport.Activity?) {
        #expect(ThreadSighting(statLine: line) == ThreadSighting(name: name, activity: activity))
    }

    @Test(arguments: ["", "17", ")(", "17 (alula"])
    func readsNothingElse(_ line: String) { #expect(ThreadSighting(statLine: line) == nil) }

    #if os(Linux)
    @Test func seesAThreadOfThisProcess() async throws {
        let sighting = try await onThread { ThreadSighting.of(WorkRegister.callingThread) }
        #expect(sighting == ThreadSighting(name: "of a test", activity: .computing))
    }
    #endif

    @Test func seesNoThreadThatIsNone() async throws {
        #expect(try await onThread { ThreadSighting.of(-1) } == nil)
    }
}
