import AlulaPrimitives
import Testing

@testable import AlulaSystem

struct BlockingContextTests {
    #if DEBUG
    @Test func trapsWhenAnUnmarkedThreadBlocks() async {
        await #expect(processExitsWith: .failure) { SystemThread.sleep(for: .zero) }
    }
    #endif

    @Test func permitsWithinItsScopeOnly() {
        let earlier = ThreadRole.current
        BlockingContext.permit {
            SystemThread.sleep(for: .zero)
            #expect(ThreadRole.current == .blocking)
            BlockingContext.permit { #expect(ThreadRole.current == .blocking) }
            #expect(ThreadRole.current == .blocking)
        }
        #expect(ThreadRole.current == earlier)
    }

    @Test func restoresTheRoleWhenTheBodyThrows() {
        #expect(throws: ErrorNumber(5)) { try BlockingContext.permit { throw ErrorNumber(5) } }
        #expect(ThreadRole.current == .unmarked)
    }
}
