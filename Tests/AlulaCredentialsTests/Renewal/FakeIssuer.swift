import AlulaAuth
import AlulaPrimitives
import Synchronization

/// A provider that takes each refresh token once, and ends the whole login when one is used twice.
final class FakeIssuer: TokenEndpoint {
    private struct State {
        var current: String
        var used: Set<String> = []
        var isRevoked = false
        var asked: [String] = []
        var number = 0
        var scripted: [@Sendable () async throws -> TokenGrant?] = []
    }

    private let state: Mutex<State>
    private let rotates: Bool
    private let idToken: String?

    init(token: String = "fake-refresh-0", rotates: Bool = true, idToken: String? = nil) {
        state = Mutex(State(current: token))
        self.rotates = rotates
        self.idToken = idToken
    }

    /// The refresh tokens that were sent, in order.
    var asked: [String] { state.withLock { $0.asked } }
    var isRevoked: Bool { state.withLock { $0.isRevoked } }

    /// What happens in place of, or with `nil` before, the next exchange; each counts once.
    func next(_ step: @escaping @Sendable () async throws -> TokenGrant?) {
        state.withLock { $0.scripted.append(step) }
    }

    func exchange(_ request: TokenRequest, until deadline: Deadline) async throws -> TokenGrant {
        let step = state.withLock { state in
            state.asked.append(request.refresh.exposed)
            return state.scripted.isEmpty ? nil : state.scripted.removeFirst()
        }
        if let grant = try await step?() { return grant }
        return try state.withLock { state in
            let token = request.refresh.exposed
            guard !state.isRevoked, token == state.current else {
                if state.used.contains(token) { state.isRevoked = true }
                throw RenewalFailure(.refused, "the provider refused the refresh token (invalid_grant)")
            }
            state.number += 1
            if rotates {
                state.used.insert(token)
                state.current = "fake-refresh-\(state.number)"
            }
            return TokenGrant(
                access: Secret("fake-access-\(state.number)"), refresh: rotates ? Secret(state.current) : nil,
                idToken: idToken.map { Secret($0) }, lifetime: .seconds(3600))
        }
    }
}

/// Lets one part of a test wait for another.
final class Gate: Sendable {
    private let stream = AsyncStream<Void>.makeStream()

    func open() { stream.continuation.yield() }

    func pass() async {
        var iterator = stream.stream.makeAsyncIterator()
        _ = await iterator.next()
    }
}
