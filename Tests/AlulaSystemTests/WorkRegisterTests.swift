import AlulaPrimitives
import Testing

@testable import AlulaSystem

struct WorkRegisterTests {
    @Test func showsTheInnermostWorkOfEachThread() {
        WorkRegister.withWork("outer") {
            WorkRegister.withWork("inner") {
                #expect(WorkRegister.current(of: WorkRegister.callingThread)?.label.description == "inner")
            }
            #expect(WorkRegister.current(of: WorkRegister.callingThread)?.label.description == "outer")
            #expect(WorkRegister.snapshot().contains { $0.thread == WorkRegister.callingThread })
        }
        #expect(WorkRegister.current(of: WorkRegister.callingThread) == nil)
    }

    @Test func namesTheJobThatHoldsAPoolThread() async throws {
        let pool = BlockingPool()
        let gate = Gate()
        async let held: Void = pool.run("held by a test", deadline: .after(.seconds(20))) { gate.wait() }
        #expect(await eventually { gate.waiting == 1 })
        #expect(WorkRegister.snapshot().contains { $0.label.description == "held by a test" })
        gate.open()
        try await held
    }
}
