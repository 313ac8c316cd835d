import AlulaPrimitives
import AlulaProtocol
import AlulaState
import AlulaSystem
import Logging
import Synchronization

/// Where devices report and where it is decided about them: it carries ``DeviceBook`` out on the files of the state
/// directory.
///
/// Everything that reads or writes is done on the blocking pool, one after the other. What arrives meanwhile is decided
/// together and written once, so that a thousand devices that come back at the same moment cost one write. When the disk
/// fails or hangs, whoever needs nothing to be written down is let in from memory.
actor DeviceDesk {
    /// How long one look at the files, with its write, may take.
    private static let deadline = Duration.seconds(2)
    /// How long to wait for another program of ours that changes the files.
    private static let lockPatience = Duration.seconds(1)
    /// How long a disk that did not answer in time is left alone.
    private static let hangPause = Duration.seconds(5)
    /// Devices and decisions that may wait; more are told to try again.
    private static let maximumWaiting = 1024
    /// How many are decided together.
    private static let maximumBatch = 256

    /// Something to decide. It runs on the blocking pool, perhaps twice, and the last run counts.
    private struct Job: Sendable {
        /// Decides, and returns what tells whoever asked.
        ///
        /// The second parameter says why nothing can be written, if that is so.
        let decide: @Sendable (inout DeviceBook, StateError?) -> @Sendable () -> Void
    }

    private let pool: BlockingPool
    private let proof: DeviceProof
    nonisolated let minting: DeviceMinting
    nonisolated let now: @Sendable () -> Timestamp
    /// How often rights of a device were taken away.
    nonisolated private let revisions = Mutex<[DeviceID: UInt64]>([:])
    nonisolated private let listener = Mutex<@Sendable (DeviceBook.News) -> Void>({ _ in })
    private let files: DeviceFiles
    private let logger: Logger
    /// What was last read or written; `nil` before.
    private var contents: DeviceFiles.Contents?
    private var waiting: [Job] = []
    private var isWorking = false
    private var lastFailure: String?
    /// Until when the disk is not asked, because it hangs.
    private var pauseEnd: Deadline?

    init(
        files: DeviceFiles, pool: BlockingPool, cryptography: DeviceCryptography = .system,
        minting: DeviceMinting = .random, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.files = files
        self.pool = pool
        self.proof = DeviceProof(using: cryptography)
        self.minting = minting
        self.logger = logger
        self.now = now
    }

    /// Names who is told of changes. It is called in their order, and must not wait.
    nonisolated func introduce(_ listener: @escaping @Sendable (DeviceBook.News) -> Void) {
        self.listener.withLock { $0 = listener }
    }

    /// Looks at the files because they have changed, and tells what other programs did to them.
    func look() async { await decide { _, _ in } }

    /// Decides on the book as it is when its turn has come.
    ///
    /// - Parameter decision: Runs on the blocking pool, perhaps twice. Its second parameter says why nothing can be
    ///   written, if that is so; what it changes is then dropped.
    func decide<Value: Sendable>(
        _ decision: @escaping @Sendable (inout DeviceBook, StateError?) -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            let job = Job { book, failure in
                let value = decision(&book, failure)
                return { continuation.resume(returning: value) }
            }
            guard waiting.count < Self.maximumWaiting else {
                var book = DeviceBook()
                job.decide(&book, StateError(.fileUnusable, "Too many devices report at once; try again."))()
                return
            }
            waiting.append(job)
            guard !isWorking else { return }
            isWorking = true
            // Shared by all who wait, so that nobody's cancellation ends it. It ends when nobody waits any more; each
            // round has a deadline.
            Task { await work() }
        }
    }

    // MARK: Work

    private func work() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.maximumBatch))
            waiting.removeFirst(batch.count)
            await carryOut(batch)
        }
        isWorking = false
    }

    private func carryOut(_ batch: [Job]) async {
        let (files, known) = (files, contents)
        let answers: [@Sendable () -> Void]
        do {
            if let pauseEnd, !pauseEnd.hasPassed { throw SystemError(.deadlineExceeded, "The disk hangs.") }
            let outcome = try await pool.run("decide about devices", deadline: .after(Self.deadline)) {
                try files.change(knowing: known, deadline: .after(Self.lockPatience)) { book in
                    batch.map { $0.decide(&book, nil) }
                }
            }
            contents = outcome.contents
            answers = outcome.value
            note(nil)
            for news in outcome.news { tell(news) }
        } catch {
            let failure =
                error as? StateError
                ?? StateError(
                    .fileUnusable, "The files of paired devices did not answer in time; try again.",
                    underlying: error)
            if (error as? SystemError)?.code == .deadlineExceeded, pauseEnd?.hasPassed ?? true {
                pauseEnd = .after(Self.hangPause)
            }
            note(failure)
            answers = await decideFromMemory(batch, failure)
        }
        for answer in answers { answer() }
    }

    /// Decides on what was last known. A thread of the pool is not needed, but more than a few take time.
    private func decideFromMemory(_ batch: [Job], _ failure: StateError) async -> [@Sendable () -> Void] {
        var book = contents?.book ?? DeviceBook()
        var answers: [@Sendable () -> Void] = []
        for job in batch {
            answers.append(job.decide(&book, failure))
            await Task.yield()
        }
        return answers
    }

    private func tell(_ news: DeviceBook.News) {
        if case .withdrawn(let device, _, _) = news { revisions.withLock { $0[device, default: 0] += 1 } }
        listener.withLock { $0 }(news)
    }

    /// Logs that the files can't be used, once, and that they can again.
    private func note(_ failure: StateError?) {
        guard failure?.message != lastFailure else { return }
        if let failure {
            logger.warning(
                "Paired devices can't be read or written; those that are known are let in from memory",
                metadata: [
                    LogKey.errorCode: "\(failure.code.rawValue)", LogKey.errorCause: "\(failure.message)",
                ])
        } else {
            logger.notice("Paired devices can be read and written again")
        }
        lastFailure = failure?.message
    }
}

extension DeviceDesk: DeviceAdmitting {
    nonisolated func revision(of device: DeviceID) -> UInt64 { revisions.withLock { $0[device] ?? 0 } }

    func judge(_ arrival: DeviceArrival) async -> DeviceOutcome {
        let (proof, receivedAt) = (proof, now())
        do {
            let failure = try await pool.run("check a device's signature", deadline: .after(Self.deadline)) {
                proof.failure(of: arrival, at: receivedAt)
            }
            if let failure { return .unproven(failure) }
        } catch {
            return .unavailable
        }
        let knowsNothing = contents == nil
        return await decide { book, failure in
            let outcome = book.arrived(arrival, at: self.now(), isRecording: failure == nil, minting: self.minting)
            switch outcome {
            case .admitted(var grant):
                // Rights that are taken away later in the same round count against it.
                let earlier = book.news.count { $0.withdraws(from: grant.device) }
                grant.revision = self.revision(of: grant.device) + UInt64(earlier)
                return .admitted(grant)
            case .unauthorized where failure != nil && knowsNothing:
                // A right token must not be called wrong because the file could not be read.
                return .unavailable
            case .unauthorized, .unproven, .pairingRequired, .unavailable:
                return outcome
            }
        }
    }
}

extension DeviceBook.News {
    fileprivate func withdraws(from device: DeviceID) -> Bool {
        if case .withdrawn(device, _, _) = self { true } else { false }
    }
}
