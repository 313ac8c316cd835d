import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Synchronization

@testable import AlulaWarmWorker

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The child's end on a thread of this process, with the test as its parent.
final class SessionRig: Sendable {
    private let toChild: Int32
    private let fromChild: Int32
    private let outcome = Mutex<(ending: WarmWorkerSession.Ending, message: String?)?>(nil)
    private let decoder = Mutex(FrameDecoder())

    init(reader: any FactReading, parallelism: Int = 4, maximumThreads: Int = 64) throws {
        var input: [Int32] = [-1, -1]
        var output: [Int32] = [-1, -1]
        guard pipe(&input) == 0, pipe(&output) == 0 else { throw ErrorNumber.current }
        toChild = input[1]
        fromChild = output[0]
        let ends = (input[0], output[1])
        try SystemThread.start(name: "child") { [self] in
            let session = WarmWorkerSession(
                input: ends.0, output: ends.1, reader: reader, parallelism: parallelism,
                maximumThreads: maximumThreads)
            let ended = session.run()
            outcome.withLock { $0 = ended }
            close(ends.0)
            close(ends.1)
        }
    }

    func say(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(toChild, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        close(toChild)
    }

    func ask(_ plan: GatherPlan, generation: Int64 = 1) throws {
        say(try FrameEncoder.encode(WorkerRequest(generation: generation, plan: plan).frame.serialized()))
    }

    /// The next frame with its length in bytes, or `nil` at the end.
    func nextFrame() throws -> (json: JSONValue, bytes: Int)? {
        while true {
            if let content = try decoder.withLock({ try $0.next() }) {
                return (try JSONValue.parse(content), content.count)
            }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(fromChild, &bytes, bytes.count)
            guard count > 0 else { break }
            decoder.withLock { $0.append(Array(bytes.prefix(count))) }
        }
        close(fromChild)
        return nil
    }

    /// Everything up to the end: the frames between the greeting and the last word, and the last word.
    func conversation() throws -> (batches: [(readings: [SourceReading], bytes: Int)], done: WorkerDone?) {
        guard let hello = try nextFrame() else { return ([], nil) }
        _ = try WorkerHello(frame: hello.json)
        var batches: [(readings: [SourceReading], bytes: Int)] = []
        var done: WorkerDone?
        while let frame = try nextFrame() {
            switch try WorkerAnswer(frame: frame.json) {
            case .readings(let readings): batches.append((readings, frame.bytes))
            case .done(let last): done = last
            }
        }
        return (batches, done)
    }

    /// How it ended; known once the end of the output was seen.
    var ended: (ending: WarmWorkerSession.Ending, message: String?)? { outcome.withLock { $0 } }
}
