package import AlulaAuth
package import AlulaModels
package import AlulaPrimitives
package import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Receives the browser that a provider sends back to this machine: a listener on its loopback addresses alone, which takes
/// one answer and then no other.
///
/// - SeeAlso: RFC 8252, section 7.3.
package final class LoopbackReceiver: Sendable {
    /// Connections at a time; whoever comes then is hung up on. A browser needs one or two.
    static let maximumConnections = 32
    /// One request's head; no body is read.
    static let maximumRequest = ByteCount.kibibytes(16)

    private struct TooManyConnections: Error {}

    /// The port that callbacks are received at.
    package let port: Int

    private let listeners: [any Channel]
    private let desk: CallbackDesk

    private init(port: Int, listeners: [any Channel], desk: CallbackDesk) {
        self.port = port
        self.listeners = listeners
        self.desk = desk
    }

    /// Listens where `redirect` says.
    ///
    /// - Parameter patience: How long a connection may take to ask.
    /// - Throws: ``SignInFailure/Code/portTaken``, ``SignInFailure/Code/cannotListen``.
    package static func open(
        at redirect: LoopbackRedirect, group: any EventLoopGroup, patience: Duration = .seconds(10)
    ) async throws -> LoopbackReceiver {
        let desk = CallbackDesk(patience: patience)
        // A browser takes the one or the other for `localhost`. Somebody else on the one that is left would get the code.
        let hosts = redirect.host == "localhost" ? ["127.0.0.1", "::1"] : [redirect.host]
        var listeners: [any Channel] = []
        for host in hosts {
            do {
                let port = listeners.first?.localAddress?.port ?? redirect.port
                listeners.append(try await listen(host, port, group, desk))
            } catch {
                if let failure = failure(error, isFirst: listeners.isEmpty) {
                    for listener in listeners { await Self.close(listener) }
                    throw failure
                }
            }
        }
        return LoopbackReceiver(
            port: listeners.first?.localAddress?.port ?? redirect.port, listeners: listeners, desk: desk)
    }

    /// Takes answers from now on: a browser may be faster than whoever waits for it.
    ///
    /// - Parameter judge: Judges a request's target; what is foreign to the attempt is no answer.
    package func begin(_ judge: @escaping @Sendable (String) -> CallbackVerdict) { desk.begin(judge) }

    /// Waits for the answer, which its browser has been thanked for when this returns. For one caller, once.
    ///
    /// - Returns: `nil` when none came until `deadline`.
    /// - Throws: `CancellationError`.
    package func answer(until deadline: Deadline) async throws -> CallbackVerdict? {
        let timer = listeners.first?.eventLoop.scheduleTask(in: TimeAmount(deadline.remaining)) { [desk] in desk.end() }
        defer { timer?.cancel() }
        for await answer in desk.answers { return answer }
        try Task.checkCancellation()
        return nil
    }

    /// Stops listening. Connections end by themselves.
    package func close() async {
        desk.end()
        for listener in listeners { await Self.close(listener) }
    }

    private static func close(_ channel: any Channel) async {
        // What can't be closed any more is closed already.
        do { try await channel.close() } catch {}
    }

    private static func listen(
        _ host: String, _ port: Int, _ group: any EventLoopGroup, _ desk: CallbackDesk
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard desk.admit() else { throw TooManyConnections() }
                    channel.closeFuture.whenComplete { _ in desk.leave() }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(RequestBound(maximum: maximumRequest))
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: false)
                    try pipeline.addHandler(CallbackHandler(desk: desk))
                }
            }
            .bind(host: host, port: port).get()
    }

    /// - Returns: `nil` where this machine merely has no such address.
    private static func failure(_ error: any Error, isFirst: Bool) -> SignInFailure? {
        let number = (error as? IOError)?.errnoCode
        switch number {
        case EADDRINUSE:
            return SignInFailure(.portTaken, "another program listens at the port that the provider answers to")
        case EADDRNOTAVAIL, EAFNOSUPPORT, EPROTONOSUPPORT:
            if !isFirst { return nil }
        default: break
        }
        return SignInFailure(.cannotListen, "this program may not listen at the port that the provider answers to")
    }
}

/// What all connections of one receiver share.
final class CallbackDesk: Sendable {
    private struct State {
        var judge: (@Sendable (String) -> CallbackVerdict)?
        var isAnswered = false
        var connections = 0
    }

    /// How long a connection may take to ask.
    let patience: Duration
    /// The one answer, once it has come. Ends without it by ``end()``.
    let answers: AsyncStream<CallbackVerdict>
    private let answer: AsyncStream<CallbackVerdict>.Continuation
    private let state = Mutex(State())

    init(patience: Duration) {
        self.patience = patience
        (answers, answer) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func begin(_ judge: @escaping @Sendable (String) -> CallbackVerdict) { state.withLock { $0.judge = judge } }

    func end() { answer.finish() }

    // MARK: Connections

    /// - Returns: Whether one more fits.
    func admit() -> Bool {
        state.withLock { state in
            guard state.connections < LoopbackReceiver.maximumConnections else { return false }
            state.connections += 1
            return true
        }
    }

    func leave() { state.withLock { $0.connections -= 1 } }

    /// What to show for a target, and what to hand over once it is shown. Only the first answer is handed over.
    func take(_ target: String) -> (page: CallbackPage, answer: CallbackVerdict?) {
        let judge = state.withLock { $0.judge }
        guard let verdict = judge?(target) else { return (CallbackPage(.foreign(.otherPath)), nil) }
        if case .foreign = verdict { return (CallbackPage(verdict), nil) }
        let isFirst = state.withLock { state in
            defer { state.isAnswered = true }
            return !state.isAnswered
        }
        return isFirst ? (CallbackPage(verdict), verdict) : (.alreadyDone, nil)
    }

    func hand(over answer: CallbackVerdict) {
        self.answer.yield(answer)
        self.answer.finish()
    }
}
