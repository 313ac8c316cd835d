import AlulaAuth
import AlulaCredentials
import AlulaGateway
import AlulaModels
import AlulaPrimitives
import AlulaProviders
import AlulaState
import AlulaSystem
import NIOPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One process among several that share OAuth logins, or the provider that issued them, for tests and benchmarks:
///
///     alula-refresh-driver serve [--grace] [--tell] [--delay <ms>]
///     alula-refresh-driver open <state directory> <token URL> <profile> <agent>…
///
/// `open` starts at the end of its standard input, opens the login for all agents at once, and prints a line for each:
/// `ok <access token>` or `failed <code>`. The tokens are a test's and no secrets.
@main
enum RefreshDriver {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "serve":
            let delay = arguments.firstIndex(of: "--delay").flatMap { arguments.dropFirst($0 + 1).first }
            let issuer = Issuer(
                hasGrace: arguments.contains("--grace"), delay: .milliseconds(delay.flatMap { Int64($0) } ?? 0),
                tells: arguments.contains("--tell"))
            try await issuer.serve()
        case "open" where arguments.count > 4:
            say("ready")
            while getchar() != EOF {}
            let failed = await open(
                state: arguments[1], url: arguments[2], profile: ProfileID(arguments[3]),
                agents: arguments[4...].map { AgentID($0) })
            exit(failed ? 1 : 0)
        default: exit(64)
        }
    }

    /// - Returns: Whether some agent could not.
    private static func open(state: String, url: String, profile: ProfileID, agents: [AgentID]) async -> Bool {
        let layout = StateLayout(
            request: .init(stateDirectory: state), variables: ["HOME": state], currentDirectory: state,
            exists: { access($0, F_OK) == 0 })
        let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
        let renewals = LoginRenewals(
            LoginRenewals.Parts(
                pool: BlockingPool(), endpoint: HTTPTokenEndpoint(client: client),
                table: TokenEndpointTable(["chutes": TokenEndpointEntry(url: url, clientID: "fake-client")]),
                files: RenewalFiles(layout), clock: ContinuousClock(), now: { SystemTime.now },
                random: { Double.random(in: 0...1) }))
        let main = CredentialStoreFiles(StoreID(layout.mainAgentDirectory))
        let own = agents.map { CredentialStoreFiles(StoreID(layout.agentDirectory($0))) }
        let hasFailed = await withTaskGroup(of: Bool.self) { group in
            for store in own {
                group.addTask {
                    do {
                        let token = try await renewals.accessToken(
                            of: profile, in: RenewalScope(own: store, main: main, others: own),
                            until: .after(.seconds(120)))
                        say("ok \(token.exposed)")
                        return false
                    } catch {
                        say("failed \((error as? RenewalFailure)?.code.rawValue ?? "\(error)")")
                        return true
                    }
                }
            }
            return await group.contains(true)
        }
        await renewals.drain(for: .seconds(60))
        await client.shutdown()
        return hasFailed
    }
}

/// Writes a line at once: whoever started this reads along, and it may be killed at any instant.
func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(1, bytes, bytes.count)
}
