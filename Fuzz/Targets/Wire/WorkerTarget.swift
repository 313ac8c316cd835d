import AlulaAuth
import AlulaJSON
import AlulaWarmWorker

extension FuzzTarget {
    /// What runs through the worker's pipe, in both directions: however it is cut it is the same, and whatever is understood
    /// is said again in the same way.
    static let workerMessages = FuzzTarget("worker-messages") { input in
        var input = input
        let cut = Int(input.byte())
        let bytes = input.bytes
        let whole = contents(of: [bytes])
        let middle = min(cut, bytes.count)
        try require(whole == contents(of: [Array(bytes[..<middle]), Array(bytes[middle...])]), "a cut changes frames")
        try require(whole == contents(of: bytes.map { [$0] }), "many cuts change frames")
        for content in whole.contents + [bytes] { try checkMessage(content) }
    }

    /// The frames that came out, and whether the rest was refused.
    private static func contents(of chunks: [[UInt8]]) -> Frames {
        var decoder = FrameDecoder()
        var frames = Frames()
        for chunk in chunks {
            decoder.append(chunk)
            do throws(WarmWorkerError) {
                while let content = try decoder.next() { frames.contents.append(Array(content)) }
            } catch {
                frames.isRefused = true
                break
            }
        }
        return frames
    }

    private struct Frames: Equatable {
        var contents: [[UInt8]] = []
        var isRefused = false
    }

    private static func checkMessage(_ content: [UInt8]) throws {
        let value: JSONValue
        do throws(WarmWorkerError) { value = try parseFrame(content[...]) } catch { return }
        if let hello = understood({ () throws(WarmWorkerError) in try WorkerHello(frame: value) }) {
            try require(try WorkerHello(frame: hello.frame) == hello, "a greeting is not said again")
        }
        if let request = understood({ () throws(WarmWorkerError) in try WorkerRequest(frame: value) }) {
            try require(try WorkerRequest(frame: request.frame) == request, "a request is not said again")
        }
        switch understood({ () throws(WarmWorkerError) in try WorkerAnswer(frame: value) }) {
        case nil: break
        case .done(let done):
            try require(try WorkerDone(factJSON: done.factJSON) == done, "a last word is not said again")
        case .readings(let readings):
            for reading in readings {
                let encoded = try JSONValue.parse(FactCoding.encode(reading).serialized())
                try require(try FactCoding.reading(from: encoded) == reading, "a reading is not said again")
            }
        }
    }

    /// `nil` for what is refused, with words that quote nothing.
    private static func understood<Message>(_ read: () throws(WarmWorkerError) -> Message) -> Message? {
        do throws(WarmWorkerError) { return try read() } catch { return nil }
    }
}
