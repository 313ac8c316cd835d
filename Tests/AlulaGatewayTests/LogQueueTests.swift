import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct LogQueueTests {
    private let pool = BlockingPool()

    /// Reads until `ending` was seen.
    private func read(_ descriptor: Int32, until ending: String) async throws -> String {
        try await pool.run("read the pipe", deadline: .after(.seconds(60))) {
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while !text.contains(ending) {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                guard count > 0 else { break }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return text
        }
    }

    /// Both ends stay open: the queue's thread lives as long as the process.
    private func makePipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func aFullPipeHoldsUpNobodyAndTheLossIsTold() async throws {
        let ends = try makePipe()
        let queue = LogQueue(descriptor: ends.writing)
        try queue.start()
        let line = String(repeating: "x", count: 1000)
        // Nobody reads: if one of these waited, the test would never end.
        for _ in 0..<(3 * LogQueue.maximumLines) { queue.append(line) }
        #expect(queue.dropped > 0)
        let text = try await read(ends.reading, until: "log lines were dropped while the log could not be written)\n")
        #expect(text.hasPrefix(line + "\n"))
        queue.append("afterwards")
        #expect(try await read(ends.reading, until: "afterwards\n").hasSuffix("afterwards\n"))
        #expect(queue.dropped == 0)
    }

    @Test func flushingReturnsWhenEverythingIsWritten() async throws {
        let ends = try makePipe()
        let queue = LogQueue(descriptor: ends.writing)
        try queue.start()
        for number in 0..<100 { queue.append("line \(number)") }
        try await pool.run("flush", deadline: .after(.seconds(60))) { queue.flush(for: .seconds(60)) }
        let text = try await read(ends.reading, until: "line 99\n")
        #expect(text.split(separator: "\n").map(String.init) == (0..<100).map { "line \($0)" })
    }

    @Test func flushingGivesUpWhenThePipeIsFull() async throws {
        let ends = try makePipe()
        let queue = LogQueue(descriptor: ends.writing)
        try queue.start()
        for _ in 0..<200 { queue.append(String(repeating: "x", count: 1000)) }
        try await pool.run("flush", deadline: .after(.seconds(60))) { queue.flush(for: .milliseconds(20)) }
        queue.append("end")
        #expect(try await read(ends.reading, until: "end\n").hasSuffix("end\n"))
    }
}
