package import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The child's side of one conversation: a greeting, one request, readings as they come, the end.
package struct WarmWorkerSession {
    /// How a conversation ended; the raw value is the child's exit status.
    package enum Ending: Int32, Sendable, CaseIterable {
        case done = 0
        /// The request was none.
        case badInput = 64
        /// Nobody takes the answer any more.
        case unheard = 69
    }

    /// Threads that read when none is stuck: reading waits for the disk more than it computes.
    package static var standardParallelism: Int { min(8, 2 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private let input: Int32
    private let output: Int32
    private let reader: any FactReading
    private let parallelism: Int
    private let maximumThreads: Int

    /// - Parameters:
    ///   - input: Where the request comes from; it blocks. The caller closes it.
    ///   - output: Where the answer goes; it blocks. The caller closes it.
    ///   - maximumThreads: Reading threads at most, stuck ones included.
    package init(
        input: Int32, output: Int32, reader: any FactReading, parallelism: Int = standardParallelism,
        maximumThreads: Int = 64
    ) {
        self.input = input
        self.output = output
        self.reader = reader
        self.parallelism = parallelism
        self.maximumThreads = maximumThreads
    }

    /// Holds the conversation. Blocks the calling thread; threads that hang in a read are left behind.
    ///
    /// - Returns: How it ended, and for anything but success one sentence without secrets.
    package func run() -> (ending: Ending, message: String?) {
        BlockingContext.assertAllowed()
        do throws(Interruption) {
            try send(WorkerHello(pid: Int(getpid())).frame.serialized())
            let request = try receive()
            var count = 0
            let queue = ReadingQueue(
                plan: request.plan, reader: reader, parallelism: parallelism, maximumThreads: maximumThreads)
            try queue.drain { (batch) throws(Interruption) in
                try send(WorkerAnswer.readingsFrame(batch))
                count += batch.count
            }
            let done = WorkerDone(
                generation: request.generation, count: count, cpuMs: Self.processorMilliseconds)
            try send(done.factJSON.serialized())
            return (.done, nil)
        } catch {
            return (error.ending, error.message)
        }
    }

    /// Why the conversation can't go on.
    private struct Interruption: Error {
        let ending: Ending
        let message: String
    }

    private func receive() throws(Interruption) -> WorkerRequest {
        var decoder = FrameDecoder()
        do throws(WarmWorkerError) {
            while true {
                if let content = try decoder.next() {
                    guard decoder.isEmpty else {
                        throw WarmWorkerError(.unexpectedContent, "Something follows the request.")
                    }
                    return try WorkerRequest(frame: try parseFrame(content))
                }
                let bytes = try read()
                guard !bytes.isEmpty else {
                    throw WarmWorkerError(.incompleteFrame, "The input ended before there was a request.")
                }
                decoder.append(bytes)
            }
        } catch {
            throw Interruption(ending: .badInput, message: "\(error.message) [\(error.code.rawValue)]")
        }
    }

    private func read() throws(WarmWorkerError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = bytes.withUnsafeMutableBytes { buffer in
                #if canImport(Glibc)
                Glibc.read(input, buffer.baseAddress, buffer.count)
                #else
                Darwin.read(input, buffer.baseAddress, buffer.count)
                #endif
            }
            if count >= 0 { return Array(bytes.prefix(count)) }
            guard errno == EINTR else {
                throw WarmWorkerError(.incompleteFrame, "The input can't be read.")
            }
        }
    }

    private func send(_ content: [UInt8]) throws(Interruption) {
        let frame: [UInt8]
        do throws(WarmWorkerError) {
            frame = try FrameEncoder.encode(content)
        } catch {
            throw Interruption(ending: .unheard, message: error.message)
        }
        var rest = frame[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { alula_write_quietly(output, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Interruption(ending: .unheard, message: "Nobody takes the answer.")
            }
        }
    }

    /// What this process has used since it started.
    private static var processorMilliseconds: Double {
        var used = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
        return Double(used.tv_sec) * 1000 + Double(used.tv_nsec) / 1_000_000
    }
}
