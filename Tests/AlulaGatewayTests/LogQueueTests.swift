import AlulaPrimitives
import AlulaSystem
import Logging
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
    private func text(from descriptor: Int32, until ending: String) async throws -> String {
        try await pool.run("read the pipe", deadline: .after(.seconds(60))) {
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while !text.contains(ending) {
                let count = read(descriptor, &buffer, buffer.count)
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

    private func makeQueue(_ descriptor: Int32) throws -> LogQueue {
        let queue = LogQueue()
        try queue.start(
            LogStream(descriptor: descriptor, line: LogLine(redactor: LogRedactor(), utcOffset: { _ in 0 })))
        return queue
    }

    private func entry(_ sentence: String) -> LogEntry {
        LogEntry(time: Timestamp(milliseconds: 0), level: .info, sentence: sentence)
    }

    @Test func aFullPipeHoldsUpNobodyAndTheLossIsTold() async throws {
        let ends = try makePipe()
        let queue = try makeQueue(ends.writing)
        let line = String(repeating: "x", count: 1000)
        // Nobody reads: if one of these waited, the test would never end.
        for _ in 0..<(3 * LogQueue.maximumEntries) { queue.append(entry(line)) }
        // The thread may have begun only now, and have taken the count along. It stands still soon.
        while queue.dropped == 0 { queue.append(entry(line)) }
        let text = try await text(
            from: ends.reading, until: "log lines were dropped while the log could not be written)\n")
        #expect(text.hasPrefix("1970-01-01T00:00:00Z info \(line)\n"))
        queue.append(entry("afterwards"))
        #expect(try await self.text(from: ends.reading, until: "afterwards\n").hasSuffix("afterwards\n"))
        #expect(queue.dropped == 0)
    }

    @Test func theMemoryOfWaitingEventsIsBounded() throws {
        let queue = LogQueue()
        let text = String(repeating: "x", count: LogEntry.maximumText * 4)
        for _ in 0..<1000 { queue.append(entry(text)) }
        let kept = 1000 - Int(queue.dropped)
        #expect(kept > 0)
        #expect(kept * LogEntry.maximumText < LogQueue.maximumCost.bytes)
    }

    @Test func flushingReturnsWhenEverythingIsWritten() async throws {
        let ends = try makePipe()
        let queue = try makeQueue(ends.writing)
        for number in 0..<100 { queue.append(entry("line \(number)")) }
        try await pool.run("flush", deadline: .after(.seconds(60))) { queue.flush(for: .seconds(60)) }
        let text = try await text(from: ends.reading, until: "line 99\n")
        #expect(
            text.split(separator: "\n").map(String.init)
                == (0..<100).map { "1970-01-01T00:00:00Z info line \($0)" })
    }

    @Test func flushingGivesUpWhenThePipeIsFull() async throws {
        let ends = try makePipe()
        let queue = try makeQueue(ends.writing)
        for _ in 0..<200 { queue.append(entry(String(repeating: "x", count: 1000))) }
        try await pool.run("flush", deadline: .after(.seconds(60))) { queue.flush(for: .milliseconds(20)) }
        queue.append(entry("end"))
        #expect(try await text(from: ends.reading, until: "end\n").hasSuffix("end\n"))
    }
}
