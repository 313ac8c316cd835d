import AlulaAuth
import AlulaCredentials
import AlulaInference
import AlulaPrimitives
import AlulaSystem
import Synchronization

@testable import AlulaGateway

/// Exchanges any token for the next, or fails as a test wants.
final class ScriptedTokenEndpoint: TokenEndpoint {
    private let state = Mutex((asked: [String](), failure: RenewalFailure?.none))

    /// The refresh tokens that were sent.
    var asked: [String] { state.withLock { $0.asked } }

    func fail(_ failure: RenewalFailure?) { state.withLock { $0.failure = failure } }

    func exchange(_ request: TokenRequest, until deadline: Deadline) async throws -> TokenGrant {
        let (count, failure) = state.withLock { state in
            state.asked.append(request.refresh.exposed)
            return (state.asked.count, state.failure)
        }
        if let failure { throw failure }
        return TokenGrant(
            access: Secret("fake-access-\(count)"), refresh: Secret("fake-refresh-\(count)"), lifetime: .seconds(3600))
    }
}

extension KeeperBench {
    func renewals(_ endpoint: any TokenEndpoint, journal: RenewalJournal? = nil) -> LoginRenewals {
        LoginRenewals(
            LoginRenewals.Parts(
                pool: pool, endpoint: endpoint, files: RenewalFiles(scene.layout), clock: ContinuousClock(),
                now: { [now] in now }, random: { 0 }, ended: { await journal?.take($0) }))
    }

    /// - Parameters:
    ///   - instant: The clock that the age of what was found is measured by.
    ///   - time: The clock that passes are given by.
    func loginReader(
        _ renewals: LoginRenewals, instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        passes: any PassEndpoint = ScriptedPassEndpoint(), journal: RenewalJournal? = nil,
        at time: @escaping @Sendable () -> Timestamp = { ScriptedPassEndpoint.noon }
    ) -> LoginReader {
        LoginReader(
            states: keeper.source, profiles: ProfileSecretReader(pool: pool, instant: instant), renewals: renewals,
            passes: PassDesk(
                passes: LoginPasses(now: time, random: { 0 }, told: { await journal?.take($0) }), endpoint: passes,
                entry: PassDesk.entry(version: "1.2.3") { _ in nil }),
            resolver: SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool)))
    }
}
