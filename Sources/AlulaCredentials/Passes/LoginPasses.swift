package import AlulaAuth
package import AlulaPrimitives
import AlulaSystem

/// Keeps the passes of stored tokens: one exchange at a time for each token, whoever asks, and none while a pass is good.
///
/// They are in memory alone. Nothing is lost with them, since the stored token stays good, and a file would have to say whose a pass
/// is.
package actor LoginPasses {
    /// Asks the provider.
    ///
    /// - Throws: ``PassFailure``, `CancellationError`.
    package typealias Exchange = @Sendable (_ deadline: Deadline) async throws -> Pass

    /// What one exchange means for a login, for logs and status. It holds no secret.
    package struct Event: Sendable {
        package let provider: ProviderID
        /// The digest of the stored token.
        package let token: FactVersion
        /// Why nothing was given, and until when the token rests.
        package let failure: (PassFailure, restsUntil: Timestamp)?
    }

    /// How long a caller waits for a new pass while the old one serves.
    private static let spareWait = Duration.seconds(5)

    private let policy: PassPolicy
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> Double
    private let told: @Sendable (Event) async -> Void
    private var book: PassBook
    private var exchanges: [FactVersion: SharedFlight<Pass>] = [:]

    /// - Parameters:
    ///   - random: A number from 0 to 1.
    ///   - told: Called for each exchange that gave something, or that leaves a login without anything that opens its provider.
    package init(
        policy: PassPolicy = .standard, now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> Double, told: @escaping @Sendable (Event) async -> Void = { _ in }
    ) {
        self.policy = policy
        self.now = now
        self.random = random
        self.told = told
        book = PassBook(policy: policy)
    }

    /// A pass for `token` that is good now.
    ///
    /// - Parameters:
    ///   - rejected: A pass that the provider's API has just refused.
    ///   - exchange: Asks for one. It may be somebody else's that is carried out, for the same token.
    /// - Throws: ``PassFailure``, `CancellationError`.
    package func pass(
        for token: Secret, of provider: ProviderID, rejected: Secret? = nil, until deadline: Deadline,
        by exchange: @escaping Exchange
    ) async throws -> Pass {
        let digest = FactVersion(recognising: token)
        switch book.step(for: digest, rejected: rejected, at: now()) {
        case .use(let pass): return pass
        case .rest(let failure): throw failure
        case .exchange(let spare):
            let flight = flight(for: digest, of: provider, by: exchange)
            let patience = spare == nil ? deadline : deadline.capped(at: Self.spareWait)
            do {
                return try await flight.value(until: patience, or: Self.late)
            } catch let failure as PassFailure {
                guard let spare else { throw failure }
                return spare
            }
        }
    }

    /// The exchange under way for a token, or a new one.
    private func flight(
        for token: FactVersion, of provider: ProviderID, by exchange: @escaping Exchange
    ) -> SharedFlight<Pass> {
        if let flight = exchanges[token] { return flight }
        let flight = SharedFlight<Pass>()
        exchanges[token] = flight
        // Many wait for it, so that nobody's leaving ends it; its deadline does.
        let deadline = Deadline.after(policy.callLimit)
        Task {
            let given: Result<Pass, any Error>
            do { given = .success(try await exchange(deadline)) } catch { given = .failure(error) }
            await self.ended(given, for: token, of: provider)
        }
        return flight
    }

    private func ended(_ given: Result<Pass, any Error>, for token: FactVersion, of provider: ProviderID) async {
        let flight = exchanges.removeValue(forKey: token)
        switch given {
        case .success(let pass):
            book.given(pass, for: token, at: now())
            await told(Event(provider: provider, token: token, failure: nil))
            flight?.end(.success(pass))
        case .failure(let error):
            // The task is nobody's, so that only the end of everything cancels it.
            let failure = error as? PassFailure ?? PassFailure(.unclassified, "The provider was not asked.")
            let end = book.failed(failure, for: token, at: now(), random: random())
            // While the last one serves nothing is wrong yet.
            if case .rest = book.step(for: token, rejected: nil, at: now()) {
                await told(Event(provider: provider, token: token, failure: (failure, end)))
            }
            flight?.end(.failure(failure))
        }
    }

    private static let late = PassFailure(.timeout, "The provider did not give a token in time.")
}
