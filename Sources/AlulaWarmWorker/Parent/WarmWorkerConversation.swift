import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem

/// The parent's side of one conversation with one child.
struct WarmWorkerConversation {
    static let late = GatherError(.deadlineExceeded, "The worker did not finish in time and was ended.")
    private static let silent = GatherError(.silent, "The worker said nothing for too long and was ended.")

    /// What a child that has said everything gets for its end. One that hangs in the kernel is collected later.
    private static let farewell = Duration.seconds(1)
    /// What a killed child gets for its end.
    private static let funeral = Duration.seconds(1)
    /// How often a wait for output looks whether it still makes sense.
    private static let attention = Duration.milliseconds(50)

    private let session: ChildSession
    private let request: WorkerRequest
    private let deadline: Deadline
    private let leash: WorkerLeash
    private let silenceLimit: Duration
    private var decoder = FrameDecoder()

    /// Starts `command`, asks it, and ends it. Blocks the calling thread until the child has ended.
    ///
    /// - Parameter patience: How much longer than a source's limit the child may say nothing. At that limit it answers
    ///   for a source that hangs.
    /// - Throws: ``GatherError``. After a cancellation by `leash` the error says nothing.
    static func hold(
        _ command: ChildCommand, request: WorkerRequest, deadline: Deadline, leash: WorkerLeash,
        patience: Duration,
        start: (ChildCommand) throws(SystemError) -> ChildSession
    ) throws(GatherError) -> GatheredFacts {
        BlockingContext.assertAllowed()
        let session: ChildSession
        do throws(SystemError) {
            session = try start(command)
        } catch {
            throw GatherError(.cannotStart, "The worker could not be started.", underlying: error)
        }
        defer {
            session.kill()
            _ = session.waitForEnd(until: .after(funeral))
            leash.release()
        }
        guard leash.take(session) else { throw late }
        var conversation = WarmWorkerConversation(
            session: session, request: request, deadline: deadline, leash: leash, patience: patience)
        return try conversation.hold()
    }

    private init(
        session: ChildSession, request: WorkerRequest, deadline: Deadline, leash: WorkerLeash, patience: Duration
    ) {
        self.session = session
        self.request = request
        self.deadline = deadline
        self.leash = leash
        silenceLimit = .milliseconds(request.plan.sourceDeadlineMilliseconds) + patience
    }

    private mutating func hold() throws(GatherError) -> GatheredFacts {
        let hello = try nextFrame()
        _ = try Self.understand { () throws(WarmWorkerError) in try WorkerHello(frame: try parseFrame(hello)) }
        try ask()
        var readings: [SourceReading] = []
        readings.reserveCapacity(request.plan.items.count)
        while true {
            let content = try nextFrame()
            switch try Self.understand({ () throws(WarmWorkerError) in
                try WorkerAnswer(frame: try parseFrame(content))
            }) {
            case .readings(let more):
                readings += more
                guard readings.count <= request.plan.items.count else {
                    throw Self.malformed(.unexpectedContent, "There are more readings than were asked for.")
                }
            case .done(let done):
                try check(readings, against: done)
                try takeLeave()
                return GatheredFacts(readings: readings, gathering: .worker, processorMilliseconds: done.cpuMs)
            }
        }
    }

    /// Sends the request. A child that does not take it is judged by what it says and how it ends.
    private func ask() throws(GatherError) {
        let frame = try Self.understand { () throws(WarmWorkerError) in
            try FrameEncoder.encode(request.frame.serialized())
        }
        do throws(SystemError) {
            try session.write(frame, deadline: deadline.capped(at: silenceLimit))
        } catch {
            switch error.code {
            case .deadlineExceeded: throw deadline.hasPassed ? Self.late : Self.silent
            case .childEnded: break
            default: throw GatherError(.exited, "The worker could not be asked.", underlying: error)
            }
        }
        session.closeInput()
    }

    private mutating func nextFrame() throws(GatherError) -> ArraySlice<UInt8> {
        while true {
            do throws(WarmWorkerError) {
                if let content = try decoder.next() { return content }
            } catch {
                throw Self.malformed(error)
            }
            let bytes = try receive(until: deadline)
            guard !bytes.isEmpty else { throw prematureEnd() }
            decoder.append(bytes)
        }
    }

    /// More output, or nothing at its end, or when nobody is left who should be saying something.
    ///
    /// A child that was stopped, or that hangs in the kernel, ends the wait as well. Its silence is counted in waits and
    /// not by the clock: while this process was stopped itself, nobody was silent.
    private func receive(until end: Deadline) throws(GatherError) -> [UInt8] {
        var silence = Duration.zero
        while true {
            // Something that left the process group could hold the output open: the child's own end counts.
            let hadEnded = session.hasEnded || leash.isCut
            do throws(SystemError) {
                return try session.read(deadline: hadEnded ? .after(.zero) : end.capped(at: Self.attention))
            } catch {
                guard error.code == .deadlineExceeded else {
                    throw GatherError(.exited, "The worker could not be heard.", underlying: error)
                }
                if hadEnded { return [] }
                if end.hasPassed { throw Self.late }
                silence += Self.attention
                guard silence < silenceLimit else { throw Self.silent }
            }
        }
    }

    /// What an end in the middle means.
    private func prematureEnd() -> GatherError {
        switch session.waitForEnd(until: deadline.capped(at: Self.funeral)) {
        case .exited(0) where decoder.isEmpty:
            GatherError(.exited, "The worker ended without having said everything.")
        case .exited(0):
            Self.malformed(WarmWorkerError(.incompleteFrame, "The output ended inside a frame."))
        case .exited(let status):
            GatherError(.exited, "The worker ended with status \(status).")
        case .signalled(let signal):
            GatherError(.exited, "The worker was ended by signal \(signal).")
        case .unknown, nil:
            GatherError(.exited, "The worker closed its output before having said everything.")
        }
    }

    /// Checks that each source of the plan was answered for, once.
    private func check(_ readings: [SourceReading], against done: WorkerDone) throws(GatherError) {
        guard done.generation == request.generation, done.count == readings.count else {
            throw Self.malformed(.invalidValue, "The last frame does not belong to this answer.")
        }
        var open: [FactSource: Int] = [:]
        for item in request.plan.items { open[item.source, default: 0] += 1 }
        for reading in readings { open[reading.source, default: 0] -= 1 }
        guard open.values.allSatisfy({ $0 == 0 }) else {
            throw Self.malformed(.invalidValue, "The readings are not those that were asked for.")
        }
    }

    /// Checks that the child ends as it should. One that can't end, on a hung disk for example, has still answered.
    private func takeLeave() throws(GatherError) {
        let end = deadline.capped(at: Self.farewell)
        let rest: [UInt8]
        do throws(GatherError) {
            rest = try receive(until: end)
        } catch {
            if error.code == .deadlineExceeded { return }
            throw error
        }
        guard rest.isEmpty, decoder.isEmpty else {
            throw Self.malformed(.unexpectedContent, "Something follows the last frame.")
        }
        switch session.waitForEnd(until: end) {
        case .exited(0), .unknown, nil: return
        case .exited(let status): throw GatherError(.exited, "The worker ended with status \(status).")
        case .signalled(let signal): throw GatherError(.exited, "The worker was ended by signal \(signal).")
        }
    }

    private static func understand<Value>(
        _ body: () throws(WarmWorkerError) -> Value
    ) throws(GatherError) -> Value {
        do throws(WarmWorkerError) {
            return try body()
        } catch {
            throw malformed(error)
        }
    }

    private static func malformed(_ code: WarmWorkerError.Code, _ message: String) -> GatherError {
        malformed(WarmWorkerError(code, message))
    }

    private static func malformed(_ error: WarmWorkerError) -> GatherError {
        error.code == .unsupportedSchema
            ? GatherError(.versionMismatch, "The worker is of another version.", underlying: error)
            : GatherError(.malformedAnswer, "The worker's answer is not understood.", underlying: error)
    }
}
