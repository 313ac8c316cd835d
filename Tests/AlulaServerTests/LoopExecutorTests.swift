import NIOCore
import NIOPosix
import Testing

@testable import AlulaServer

struct LoopExecutorTests {
    @Test func runsTasksOnItsLoopAndOnNoOther() async {
        let executors = LoopExecutors()
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let places = await Task(executorPreference: executors[loop]) {
                let before = loop.inEventLoop
                await Task.yield()
                let child = await Self.isThere(loop)
                return [before, child, loop.inEventLoop]
            }.value
            #expect(places == [true, true, true])
            #expect(executors[loop] === executors[loop])
        }
    }

    @concurrent private static func isThere(_ loop: any EventLoop) async -> Bool { loop.inEventLoop }

    /// The thread is there for the loop's sockets and timers as well, however much a task has to do.
    @Test func breathingLetsTheLoopGoOn() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let isReached = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: loop)
        await Task(executorPreference: LoopExecutors()[loop]) {
            var breather = Breather(on: loop)
            loop.scheduleTask(in: .milliseconds(1)) { isReached.value = true }
            while !isReached.value { await breather.breathe() }
        }.value
        try await group.shutdownGracefully()
    }
}
