import AlulaAuth
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaCredentials

/// Stores with copies of one OAuth login, and whoever renews it.
final class RenewalScene: Sendable {
    static let noon = Timestamp(milliseconds: 1_780_000_000_000)
    static let profile: ProfileID = "chutes:me"

    let scratch: ScratchDirectory
    let issuer: FakeIssuer
    let pool = BlockingPool()
    private let time = Mutex(noon)
    private let told = Mutex<[RenewalEvent]>([])

    init(_ issuer: FakeIssuer = FakeIssuer()) throws {
        scratch = try ScratchDirectory(isInMemory: true)
        self.issuer = issuer
    }

    deinit { pool.shutdown() }

    var now: Timestamp { time.withLock { $0 } }
    /// What was told so far.
    var events: [RenewalEvent] { told.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }

    // MARK: Stores

    /// One copy as JSON, whose access token ends `left` after now.
    func login(
        refresh: String? = "fake-refresh-0", access: String = "fake-access-old", left: Duration = .seconds(-60),
        account: String? = "acct", more: String = ""
    ) -> String {
        let members = [
            #""type":"oauth","provider":"chutes","clientId":"fake-client","#,
            refresh.map { #""refresh":"\#($0)","# } ?? "", account.map { #""accountId":"\#($0)","# } ?? "", more,
            #""access":"\#(access)","expires":\#(now.advanced(by: left).milliseconds)"#,
        ]
        return "{\(members.joined())}"
    }

    func store(_ agent: String, _ entries: String) throws {
        try scratch.write(#"{"version":1,"profiles":{\#(entries)}}"#, to: "agents/\(agent)/auth-profiles.json")
    }

    func files(_ agent: String) -> CredentialStoreFiles {
        CredentialStoreFiles(StoreID(scratch.path("agents/\(agent)")))
    }

    /// What one agent's requests look through, with `others` known.
    func scope(_ agent: String? = nil, others: [String] = []) -> RenewalScope {
        RenewalScope(own: agent.map(files), main: files("main"), others: others.map(files))
    }

    func entry(_ agent: String, _ profile: ProfileID = profile) throws -> JSONValue? {
        try JSONValue.parse(try scratch.read("agents/\(agent)/auth-profiles.json"))["profiles"]?[profile.rawValue]
    }

    // MARK: Renewing

    var renewalFiles: RenewalFiles {
        let scratch = scratch
        return RenewalFiles(
            directory: scratch.path("alula/renewals"),
            referenceLock: { scratch.path("locks/oauth-refresh/sha256-\($0)") })
    }

    /// Another one is another process, as far as the files go.
    func renewals(
        policy: RenewalPolicy = .standard, isReadOnly: Bool = false, table: TokenEndpointTable = .builtIn
    ) -> LoginRenewals {
        LoginRenewals(
            LoginRenewals.Parts(
                pool: pool, endpoint: issuer, table: table, files: renewalFiles, isReadOnly: isReadOnly, policy: policy,
                clock: ContinuousClock(), now: { self.now }, random: { 0 },
                ended: { event in self.told.withLock { $0.append(event) } }))
    }

    /// What the record of a token says, if there is one.
    func record(_ token: String = "fake-refresh-0") throws -> JSONValue? {
        let path = recordPath(token)
        guard scratch.exists(path) else { return nil }
        return try JSONValue.parse(try scratch.read(path).replacing("\0", with: ""))
    }

    func recordPath(_ token: String = "fake-refresh-0") -> String {
        "alula/renewals/\(FactVersion(recognising: Secret(token))).json"
    }

    /// The failure of a call that has to fail.
    func failure(
        _ renewals: LoginRenewals, _ scope: RenewalScope? = nil, profile: ProfileID = RenewalScene.profile,
        rejected: Secret? = nil
    ) async -> RenewalFailure? {
        do {
            _ = try await renewals.accessToken(
                of: profile, in: scope ?? self.scope(), rejected: rejected, until: .after(.seconds(60)))
            Issue.record("It was opened.")
            return nil
        } catch let failure as RenewalFailure {
            return failure
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    func open(
        _ renewals: LoginRenewals, _ scope: RenewalScope? = nil, profile: ProfileID = RenewalScene.profile,
        rejected: Secret? = nil
    ) async throws -> String {
        try await renewals.accessToken(
            of: profile, in: scope ?? self.scope(), rejected: rejected, until: .after(.seconds(60))
        ).exposed
    }
}
