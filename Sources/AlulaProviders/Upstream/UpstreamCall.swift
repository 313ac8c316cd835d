import AlulaInference
import AlulaPrimitives
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A request under way: what the client's event loop tells of it, and the one task that waits for that.
///
/// async-http-client's own async functions start a task in the cooperative pool for every call, only to be able to cancel it; a
/// delegate is told on the loop, where the call is made already. Of the body one part waits here at most: the connection is read
/// on once it is taken.
final class UpstreamCall: HTTPClientResponseDelegate {
    /// In this order: a head, any number of parts, an end.
    enum Piece: Sendable {
        case head(HTTPResponseHead)
        case part(ByteBuffer)
        case end
    }

    /// What the time of a call is for.
    enum Time: Sendable {
        /// For the head of the answer; the rest may take long, as long as it isn't silent.
        case head
        case whole
    }

    static let overTime = AttemptFailure(
        FailureReport(code: "ETIMEDOUT", message: "The provider took longer than its `timeoutSeconds`."))

    private struct State {
        var task: HTTPClient.Task<Void>?
        var alarm: NIOScheduledCallback?
        /// Whether what the time is for is still to come.
        var isTimed = true
        var reader: CheckedContinuation<Piece, any Error>?
        /// What nobody has read yet; the promise asks for what follows.
        var ready: (piece: Piece, more: EventLoopPromise<Void>)?
        /// Once there is nothing more to come; a failure is told after what is ready.
        var outcome: Result<Void, any Error>?
    }

    private let time: Time
    private let state = Mutex(State())

    init(time: Time) { self.time = time }

    /// Tells what ends early when the call does. The call may have been answered or ended already: the loop is another thread.
    ///
    /// - Parameter deadline: When the time is up.
    func begin(_ task: HTTPClient.Task<Void>, until deadline: Deadline) {
        let alarm: NIOScheduledCallback
        do {
            alarm = try task.eventLoop.scheduleCallback(at: .now() + TimeAmount(deadline.remaining), handler: self)
        } catch {
            // The loop is being shut down. Nothing is waited for without a bound.
            end(UpstreamClient.failure(error))
            return task.cancel()
        }
        let (isUnderWay, isTimed) = state.withLock { state in
            let isUnderWay = state.outcome == nil
            let isTimed = isUnderWay && state.isTimed
            if isUnderWay { state.task = task }
            if isTimed { state.alarm = alarm }
            return (isUnderWay, isTimed)
        }
        if !isTimed { alarm.cancel() }
        if !isUnderWay { task.cancel() }
    }

    /// The next piece, for one reader at a time. After the end comes another end.
    ///
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func next() async throws -> Piece {
        if let piece = try takeReady() { return piece }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0) }
        } onCancel: {
            end(CancellationError())
        }
    }

    /// Ends the call for a reader that wants no more, unless it is over.
    func end(_ reason: any Error) {
        let left = state.withLock { state in
            defer {
                state.ready = nil
                if state.outcome == nil { state = State(outcome: .failure(reason)) }
            }
            return state
        }
        left.reader?.resume(throwing: reason)
        left.alarm?.cancel()
        left.task?.fail(reason: reason)
        left.ready?.more.succeed()
    }

    @inline(never)
    private func takeReady() throws -> Piece? {
        let (ready, outcome) = state.withLock { state in
            defer { state.ready = nil }
            return (state.ready, state.outcome)
        }
        if let ready {
            ready.more.succeed()
            return ready.piece
        }
        return try outcome.map { outcome in
            try outcome.get()
            return .end
        }
    }

    private func wait(_ reader: CheckedContinuation<Piece, any Error>) {
        let isWaiting = state.withLock { state in
            guard state.ready == nil, state.outcome == nil else { return false }
            state.reader = reader
            return true
        }
        if isWaiting { return }
        // It came meanwhile.
        reader.resume(with: Result { try takeReady() ?? .end })
    }

    // MARK: On the event loop

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        if time == .head {
            let alarm = state.withLock { state in
                state.isTimed = false
                return state.alarm.take()
            }
            alarm?.cancel()
        }
        return hand(.head(head), on: task.eventLoop)
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        hand(.part(part), on: task.eventLoop)
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) { finish(.success(())) }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        finish(.failure(UpstreamClient.failure(error)))
    }

    /// - Returns: When the next piece is wanted.
    private func hand(_ piece: Piece, on loop: any EventLoop) -> EventLoopFuture<Void> {
        var reader: CheckedContinuation<Piece, any Error>?
        let more = state.withLock { state -> EventLoopFuture<Void>? in
            // Nobody reads what comes after the end.
            guard state.outcome == nil else { return nil }
            reader = state.reader.take()
            guard reader == nil else { return nil }
            let promise = loop.makePromise(of: Void.self)
            state.ready = (piece, promise)
            return promise.futureResult
        }
        reader?.resume(returning: piece)
        return more ?? loop.makeSucceededVoidFuture()
    }

    private func finish(_ outcome: Result<Void, any Error>) {
        let left = state.withLock { state in
            defer {
                if state.outcome == nil { state = State(ready: state.ready, outcome: outcome) }
            }
            return state
        }
        guard left.outcome == nil else { return }
        left.alarm?.cancel()
        left.reader?.resume(with: outcome.map { .end })
    }
}

extension UpstreamCall: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard state.withLock(\.isTimed) else { return }
        end(time == .whole ? Self.overTime : UpstreamClient.failure(HTTPClientError.deadlineExceeded))
    }
}
