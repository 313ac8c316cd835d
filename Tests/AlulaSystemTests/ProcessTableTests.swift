import AlulaPrimitives
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct ProcessTableTests {
    @Test func knowsThisProcess() {
        BlockingContext.permit {
            #expect(ProcessTable.isAlive(getpid()))
            #expect(ProcessTable.startTime(getpid()) ?? 0 > 0)
            #expect(ProcessTable.commandLine(getpid()) == CommandLine.arguments)
        }
    }

    @Test(arguments: [0, -1, Int32.max]) func knowsNothingOfIdsThatNobodyHas(pid: Int32) {
        BlockingContext.permit {
            #expect(!ProcessTable.isAlive(pid))
            #expect(ProcessTable.startTime(pid) == nil)
            #expect(ProcessTable.commandLine(pid).isEmpty)
        }
    }
}
