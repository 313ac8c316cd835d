package import AlulaAuth
package import AlulaModels
package import AlulaPrimitives
package import AlulaSystem

/// Opens OAuth logins and renews those that are due: one exchange at a time for each refresh token, whoever asks, in this
/// process and on this machine.
///
/// Callers of one token share one turn. The turn belongs to nobody: a caller that leaves does not end it, since a token that
/// the provider has taken must get to the disk. It ends by its own limits; ``drain(for:)`` waits for turns under way.
package actor LoginRenewals {
    /// What renewals are made with.
    package struct Parts: Sendable {
        package var pool: BlockingPool
        package var endpoint: any TokenEndpoint
        package var table: TokenEndpointTable
        package var files: RenewalFiles
        /// Whether the environment forbids every write to a store.
        package var isReadOnly: Bool
        package var databases: StoreDatabaseReader?
        package var policy: RenewalPolicy
        package var clock: any Clock<Duration>
        package var now: @Sendable () -> Timestamp
        /// A number from 0 to 1.
        package var random: @Sendable () -> Double
        /// Called once for each turn, when its end is known.
        package var ended: @Sendable (RenewalEvent) async -> Void

        package init(
            pool: BlockingPool, endpoint: any TokenEndpoint, table: TokenEndpointTable = .builtIn, files: RenewalFiles,
            isReadOnly: Bool = false, databases: StoreDatabaseReader? = nil, policy: RenewalPolicy = .standard,
            clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp,
            random: @escaping @Sendable () -> Double, ended: @escaping @Sendable (RenewalEvent) async -> Void = { _ in }
        ) {
            self.pool = pool
            self.endpoint = endpoint
            self.table = table
            self.files = files
            self.isReadOnly = isReadOnly
            self.databases = databases
            self.policy = policy
            self.clock = clock
            self.now = now
            self.random = random
            self.ended = ended
        }
    }

    /// How often a caller looks again because somebody else was faster; each time the login was renewed meanwhile.
    private static let maximumTurns = 4
    /// How long reading two stores may take.
    private static let readPatience = Duration.seconds(10)

    private let parts: Parts
    private var rests: RenewalRests
    private var turns: [FactVersion: SharedFlight<RenewalTurn.Outcome>] = [:]
    /// Finishes what killed processes left, once in this process's life.
    private var finishing: SharedFlight<Void>?

    package init(_ parts: Parts) {
        self.parts = parts
        rests = RenewalRests(policy: parts.policy)
    }

    /// An access token of `profile` that is good now; it is renewed first where it is due.
    ///
    /// - Parameter rejected: The access token that the provider has just refused, whatever the store says about its end.
    /// - Throws: ``RenewalFailure``, ``CredentialError/Code/storeUnreadable``, `SystemError` when the disk or the turn does
    ///   not end in time, `CancellationError`.
    package func accessToken(
        of profile: ProfileID, in scope: RenewalScope, rejected: Secret? = nil, until deadline: Deadline
    ) async throws -> Secret {
        finishOthers(in: scope)
        let refused = rejected.map { FactVersion(recognising: $0) }
        for _ in 0..<Self.maximumTurns {
            let look = try await look(at: profile, in: scope, until: deadline)
            let due: RenewalTurn.Due
            switch RenewalDecision.step(look.copies, rejected: refused, at: parts.now()) {
            case .use(let copy):
                guard let access = look[copy]?.profile.inline else { continue }
                return access
            case .fail(let code):
                return try lastResort(look, refused, RenewalFailure(code, Self.words(for: code)))
            case .renew(let copy):
                guard let found = look[copy], let refresh = found.profile.refresh, let token = found.fact.refreshDigest
                else { continue }
                due = RenewalTurn.Due(
                    profile: profile, provider: found.profile.provider, token: token, refresh: refresh,
                    rejected: refused)
            }
            if let rest = rests.rest(of: due.token, at: parts.now()) {
                return try lastResort(look, refused, rest.failure)
            }
            let spare = spare(look, refused)
            do {
                let patience = spare == nil ? deadline : deadline.capped(at: parts.policy.spareWait)
                switch try await turn(due, in: scope, until: patience) {
                case .renewed(let access): return access
                case .lookAgain: continue
                }
            } catch let error as SystemError where error.code == .deadlineExceeded {
                // The turn goes on by itself.
                guard let spare else { throw error }
                return spare
            } catch let failure as RenewalFailure {
                // Whoever was faster has left a good token, which is why ours was refused.
                let after = try await self.look(at: profile, in: scope, until: deadline)
                switch RenewalDecision.step(after.copies, rejected: refused, at: parts.now()) {
                case .renew(let copy) where after[copy]?.fact.refreshDigest != due.token: continue
                case .use(let copy):
                    if let access = after[copy]?.profile.inline { return access }
                    throw failure
                case .renew, .fail: return try lastResort(after, refused, failure)
                }
            }
        }
        throw RenewalFailure(.contention, Self.words(for: .contention))
    }

    /// Waits until the turns under way have ended, at most for `patience`.
    package func drain(for patience: Duration) async {
        let deadline = Deadline.after(patience)
        // How they ended is told elsewhere.
        if let finishing { do { try await finishing.value(until: deadline, or: Self.late) } catch {} }
        for turn in turns.values { do { _ = try await turn.value(until: deadline, or: Self.late) } catch { continue } }
    }

    /// Puts new tokens where they belong that somebody had in hand who was killed. Nobody waits for it but ``drain(for:)``.
    private func finishOthers(in scope: RenewalScope) {
        guard finishing == nil, !parts.isReadOnly else { return }
        let flight = SharedFlight<Void>()
        finishing = flight
        let parts = parts
        // Its steps have limits of their own; `drain` waits for the flight.
        Task {
            let files = parts.files
            var found: [FactVersion: RenewalRecord.Place] = [:]
            do {
                found = try await parts.pool.run("look for renewals", deadline: .after(Self.readPatience)) {
                    try files.unfinished()
                }
            } catch {
                // Whoever has one of these tokens comes upon its record.
            }
            for (token, place) in found {
                let due = RenewalTurn.Due(
                    profile: place.profile, provider: place.provider, token: token, refresh: Secret(""))
                if let event = await RenewalTurn(parts: parts, due: due, scope: scope).finish() {
                    await parts.ended(event)
                }
            }
            flight.end(.success(()))
        }
    }

    // MARK: Turns

    private func turn(
        _ due: RenewalTurn.Due, in scope: RenewalScope, until deadline: Deadline
    ) async throws -> RenewalTurn.Outcome {
        if let turn = turns[due.token] { return try await turn.value(until: deadline, or: Self.late) }
        let flight = SharedFlight<RenewalTurn.Outcome>()
        turns[due.token] = flight
        // The handle is not kept: everything in the turn has a limit of its own, and `drain` waits for the flight.
        Task { await self.carryOut(RenewalTurn(parts: parts, due: due, scope: scope), flight) }
        return try await flight.value(until: deadline, or: Self.late)
    }

    private func carryOut(_ turn: RenewalTurn, _ flight: SharedFlight<RenewalTurn.Outcome>) async {
        let token = turn.due.token
        let result = await turn.run()
        switch result.outcome {
        case .success: rests.succeeded(token)
        case .failure: if let rest = result.rest { rests.adopt(rest, of: token) }
        }
        turns[token] = nil
        if let event = result.event { await parts.ended(event) }
        flight.end(result.outcome.mapError { $0 as any Error })
    }

    private static let late = SystemError(.deadlineExceeded, "The login was not renewed in time.")

    // MARK: Looking

    private func look(
        at profile: ProfileID, in scope: RenewalScope, until deadline: Deadline
    ) async throws -> LoginLook {
        let loader = CredentialStoreLoader(databases: parts.databases)
        return try await parts.pool.run("read a login", deadline: deadline.capped(at: Self.readPatience)) {
            try LoginLook(profile, in: scope, loader: loader)
        }
    }

    /// A token that is due and has not ended serves while there is no new one.
    private func lastResort(
        _ look: LoginLook, _ rejected: FactVersion?, _ failure: RenewalFailure
    ) throws -> Secret {
        guard let access = spare(look, rejected) else { throw failure }
        return access
    }

    private func spare(_ look: LoginLook, _ rejected: FactVersion?) -> Secret? {
        RenewalDecision.lastResort(
            look.copies, rejected: rejected, margin: parts.policy.lastResort, at: parts.now()
        ).flatMap { look[$0]?.profile.inline }
    }

    private static func words(for code: RenewalFailure.Code) -> String {
        switch code {
        case .noRefreshToken: "the login has ended and nothing to renew it with is stored"
        case .notOurs: "the login points at a secret elsewhere, which an OAuth login may not"
        default: "the login was renewed again and again by others"
        }
    }
}
