import AlulaAuth
import AlulaCredentials
import AlulaGateway
import AlulaPrimitives
import AlulaState
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Performs one durable write that no command performs, for tests that end it at any instant:
/// `alula-crash-driver record|reject|login <state directory> <text>`.
@main
enum CrashDriver {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { exit(64) }
        let layout = StateLayout(
            request: .init(stateDirectory: arguments[2]), variables: ["HOME": arguments[2]],
            currentDirectory: arguments[2], exists: { access($0, F_OK) == 0 })
        do {
            switch arguments[1] {
            case "record": try await record(arguments[3], layout)
            case "login": try await login(arguments[3], layout)
            case "reject": try reject(arguments[3], layout)
            default: exit(64)
            }
        } catch {
            print("\(error)")
            exit(75)
        }
    }

    /// What the gateway records when a call with a stored login fails.
    private static func record(_ profile: String, _ layout: StateLayout) async throws {
        let editor = StoreEditor(layout: layout, pool: BlockingPool(), isReadOnly: false, now: { SystemTime.now })
        let call = ProfileCall(
            agent: .main, profile: ProfileID(profile), outcome: .failure(.overloaded), endedAt: SystemTime.now)
        let noted = NotedCall(
            call: call, provider: "groq", policy: CooldownPolicy(), isBorrowed: false, revision: 1)
        try await editor.record([ProfileID(profile): [noted]], in: editor.mainStore)
    }

    /// What is stored when somebody has signed in with a browser.
    private static func login(_ profile: String, _ layout: StateLayout) async throws {
        let now = Timestamp(milliseconds: 1_780_000_000_000)
        let editor = StoreEditor(layout: layout, pool: BlockingPool(), isReadOnly: false, now: { now })
        let grant = TokenGrant(
            access: Secret("fake-access-\(profile)"), refresh: Secret("fake-refresh"), lifetime: .seconds(3600))
        let login = IssuedLogin(grant, of: "openai-codex", clientID: nil, at: now)
        _ = try await editor.edit(editor.mainStore) { try $0.storeLogin(login, as: ProfileID(profile)) }
    }

    /// What becomes of a text of the configuration that leaves suspiciously little.
    private static func reject(_ stamp: String, _ layout: StateLayout) throws {
        let writer = ConfigurationFileWriter(lockPath: layout.configurationLock, isReadOnly: false)
        try BlockingContext.permit {
            _ = try writer.keepRejected(
                Array("{ refused: \(stamp) }\n".utf8), of: layout.configuration, stamp: stamp,
                deadline: .after(.seconds(10)))
        }
    }
}
