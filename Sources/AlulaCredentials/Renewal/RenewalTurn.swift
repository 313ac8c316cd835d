import AlulaAuth
import AlulaModels
import AlulaPrimitives
import AlulaSystem

/// One turn with one refresh token: locks, looks again, exchanges it, keeps what came, and puts it where copies are.
struct RenewalTurn: Sendable {
    /// The login that is due.
    struct Due: Sendable {
        var profile: ProfileID
        var provider: ProviderID
        /// Recognises the refresh token.
        var token: FactVersion
        var refresh: Secret
        /// An access token that the provider refused.
        var rejected: FactVersion?
    }

    enum Outcome: Sendable {
        case renewed(Secret)
        /// The stores say something else than they did.
        case lookAgain
    }

    /// The token rests.
    private struct Resting: Error {
        var rest: RenewalRest
    }

    /// What the disk is asked for, stores aside.
    static let diskPatience = Duration.seconds(10)
    /// How long after the end of a rest its failures still count.
    private static let memory = Duration.seconds(24 * 3600)
    /// Pauses between two tries for the locks.
    private static let lockPause = Duration.milliseconds(20)

    let parts: LoginRenewals.Parts
    let due: Due
    let scope: RenewalScope

    /// What a turn came to.
    struct Result: Sendable {
        var outcome: Swift.Result<Outcome, RenewalFailure>
        /// `nil` when there was nothing to do.
        var event: RenewalEvent?
        /// How long the token rests after a failure.
        var rest: RenewalRest?
    }

    /// Takes the turn. Never throws, so that whoever waits is told whatever happens.
    func run() async -> Result {
        do {
            let locks = try await lock()
            let result: Swift.Result<(Outcome, RenewalEvent?), any Error>
            do { result = .success(try await holding()) } catch { result = .failure(error) }
            await release(locks)
            let (outcome, event) = try result.get()
            return Result(outcome: .success(outcome), event: event)
        } catch {
            let failure = failure(error)
            let rest = (error as? Resting)?.rest
            return Result(
                outcome: .failure(failure), event: event(.failed, failure, until: rest?.until), rest: rest)
        }
    }

    /// Finishes what somebody left who was killed with new tokens in hand, unless somebody else is at it.
    func finish() async -> RenewalEvent? {
        let (files, due) = (parts.files, due)
        do {
            let locks = try await parts.pool.run("lock a login", deadline: .after(Self.diskPatience)) {
                try files.tryLock(due.token, provider: due.provider, profile: due.profile)
            }
            guard let locks else { return nil }
            var event: RenewalEvent?
            let record = try await parts.pool.run("look at a login", deadline: .after(Self.diskPatience)) {
                try files.record(of: due.token)
            }
            if case .granted(let tokens, let place)? = record {
                event = self.event(
                    .recovered, unwritten: await put(tokens, at: place, until: .after(parts.policy.holdLimit)))
            }
            await release(locks)
            return event
        } catch {
            // The next one tries again.
            return nil
        }
    }

    // MARK: Locks

    private func lock() async throws -> RenewalFiles.Locks {
        let deadline = Deadline.after(parts.policy.lockPatience)
        let (files, due) = (parts.files, due)
        while true {
            let locks = try await parts.pool.run("lock a login", deadline: .after(Self.diskPatience)) {
                try files.tryLock(due.token, provider: due.provider, profile: due.profile)
            }
            if let locks { return locks }
            guard !deadline.hasPassed else {
                throw RenewalFailure(.contention, "another program was renewing the login all the time")
            }
            try await parts.clock.sleep(for: Self.lockPause * (1 + 2 * parts.random()))
        }
    }

    private func release(_ locks: RenewalFiles.Locks) async {
        // What is not released here is when the last reference goes.
        do { try await parts.pool.run("unlock a login", deadline: .after(Self.diskPatience)) { locks.release() } } catch
        {}
    }

    // MARK: Under the locks

    /// What the look under the locks came to.
    private enum Finding: Sendable {
        case lookAgain
        case rests(RenewalRest)
        case found(RenewedTokens, RenewalRecord.Place, RenewalEvent.Outcome)
        case exchange(TokenRequest, ReservedFile, RenewalRecord.Place, ProfileFact.Identity, failures: Int)
    }

    private func holding() async throws -> (Outcome, RenewalEvent?) {
        let deadline = Deadline.after(parts.policy.holdLimit)
        let turn = self
        let finding = try await parts.pool.run("look at a login", deadline: deadline.capped(at: Self.diskPatience)) {
            try turn.find()
        }
        switch finding {
        case .lookAgain:
            return (.lookAgain, nil)
        case .rests(let rest):
            throw Resting(rest: rest)
        case .found(let tokens, let place, let outcome):
            let unwritten = await put(tokens, at: place, until: deadline)
            // What was left behind may be due itself by now.
            let isGood =
                tokens.expires.duration(since: parts.now()) > Availability.expiryMargin
                && due.rejected != FactVersion(recognising: tokens.access)
            return (isGood ? .renewed(tokens.access) : .lookAgain, event(outcome, unwritten: unwritten))
        case .exchange(let request, let file, let place, let owner, let failures):
            let tokens = try await exchange(request, file, place, owner, failures: failures, until: deadline)
            let unwritten = await put(tokens, at: place, until: deadline)
            return (.renewed(tokens.access), event(.renewed, unwritten: unwritten))
        }
    }

    /// Blocks the calling thread.
    private func find() throws -> Finding {
        let look = try LoginLook(
            due.profile, in: scope, loader: CredentialStoreLoader(databases: parts.databases))
        let step = RenewalDecision.step(look.copies, rejected: due.rejected, at: parts.now())
        guard case .renew(let copy) = step, let found = look[copy], found.fact.refreshDigest == due.token else {
            return .lookAgain
        }
        guard !parts.isReadOnly else {
            throw RenewalFailure(.notOurs, "the credential stores are read-only here, so new tokens could not be kept")
        }
        guard found.origin != .database else {
            throw RenewalFailure(.notOurs, "the login is in another program's database, and that program renews it")
        }
        var failures = 0
        switch try parts.files.record(of: due.token) {
        case .granted(let tokens, let place):
            return .found(tokens, place, .recovered)
        case .settled(let place):
            if let tokens = successor(at: place, for: found.profile) { return .found(tokens, place, .adopted) }
            throw RenewalFailure(.reused, "this copy of the login is used up, and the one that was renewed is gone")
        case .resting(let rest):
            var known = RenewalRests(policy: parts.policy)
            known.adopt(rest, of: due.token)
            if let rest = known.rest(of: due.token, at: parts.now()) { return .rests(rest) }
            // Failures of another day don't make this one's rest longer.
            failures = parts.now().duration(since: rest.until) < Self.memory ? rest.failures : 0
        case .open, nil:
            break
        }
        guard let endpoint = parts.table[due.provider] else {
            throw RenewalFailure(.unsupported, "logins of \(due.provider) can't be renewed by this gateway")
        }
        guard let clientID = found.profile.clientID ?? endpoint.clientID else {
            throw RenewalFailure(.unsupported, "the login does not say for which client it was made")
        }
        do throws(SystemError) {
            return .exchange(
                TokenRequest(endpoint: endpoint, clientID: clientID, refresh: due.refresh),
                try parts.files.reserve(for: due.token),
                RenewalRecord.Place(
                    store: found.files.store, profile: due.profile, provider: due.provider), found.profile.identity,
                failures: failures)
        } catch {
            throw RenewalFailure(.notDurable, "new tokens could not be kept: \(error.message)")
        }
    }

    /// What the login at `place` holds by now, if it is the same person's.
    private func successor(at place: RenewalRecord.Place, for copy: StoredProfile) -> RenewedTokens? {
        let known = [scope.main] + [scope.own].compactMap { $0 } + scope.others
        let files = known.first { $0.store == place.store } ?? CredentialStoreFiles(place.store)
        guard
            let profile = CredentialStoreLoader(databases: parts.databases).load(files).content?.document
                .profiles[place.profile],
            profile.provider == copy.provider, copy.identity.allowsAdoption(of: profile.identity),
            let tokens = RenewedTokens(profile), tokens.refresh == nil || tokens.replaces(due.token)
        else { return nil }
        return tokens
    }

    // MARK: Exchanging

    private func exchange(
        _ request: TokenRequest, _ file: ReservedFile, _ place: RenewalRecord.Place, _ owner: ProfileFact.Identity,
        failures: Int, until deadline: Deadline
    ) async throws -> RenewedTokens {
        let tokens: RenewedTokens
        do {
            let grant = try await parts.endpoint.exchange(request, until: deadline.capped(at: parts.policy.callLimit))
            tokens = RenewedTokens(grant, at: parts.now())
            guard RenewalDecision.accepts(tokens.identity, for: owner) else {
                throw RenewalFailure(.otherOwner, "the provider sent tokens of another account")
            }
        } catch {
            throw try await remember(failure(error), failures: failures + 1)
        }
        // From here on the only copy of a login may be in this process's memory: first of all one write and one flush.
        do {
            try await parts.pool.run("keep new tokens", deadline: .after(Self.diskPatience)) {
                try file.fill(RenewalRecord.granted(tokens, place).text)
            }
        } catch {
            // The store is as good a place, and the next one on the way.
        }
        return tokens
    }

    /// Leaves word for others that the attempt failed.
    private func remember(_ failure: RenewalFailure, failures: Int) async throws -> any Error {
        var rest: RenewalRest?
        if failure.code.countsAsAttempt {
            let pause = parts.policy.rest(after: failure, failures: failures, random: parts.random())
            rest = RenewalRest(failure: failure, failures: failures, until: parts.now().advanced(by: pause))
        }
        let (files, token, kept) = (parts.files, due.token, rest)
        do {
            try await parts.pool.run("take down a failed renewal", deadline: .after(Self.diskPatience)) {
                try files.keep(kept.map { .resting($0) }, of: token)
            }
        } catch {
            // Then others find out for themselves.
        }
        return rest.map { Resting(rest: $0) } ?? failure
    }

    // MARK: Reports

    private func event(
        _ outcome: RenewalEvent.Outcome, _ failure: RenewalFailure? = nil, until: Timestamp? = nil,
        unwritten: [StoreID] = []
    ) -> RenewalEvent {
        RenewalEvent(
            provider: due.provider, profile: due.profile, token: due.token, outcome: outcome, failure: failure,
            restsUntil: until, unwritten: unwritten)
    }

    private func failure(_ error: any Error) -> RenewalFailure {
        switch error {
        case let failure as RenewalFailure: failure
        case let resting as Resting: resting.rest.failure
        case let error as CredentialError: RenewalFailure(.notDurable, "the stores can't be used: \(error.message)")
        case let error as SystemError: RenewalFailure(.notDurable, "the disk did not serve: \(error.message)")
        case is CancellationError: RenewalFailure(.contention, "the gateway stopped meanwhile")
        default: RenewalFailure(.unreachable, "the call failed (\(type(of: error)))")
        }
    }
}
