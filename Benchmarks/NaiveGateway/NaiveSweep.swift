import AlulaAuth
import AlulaCredentials
import AlulaFleet
import AlulaMeasuring
import AlulaModels
import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Weighs every provider for every agent, and reads whatever an answer needs when it needs it.
///
/// The facts and the rules are the gateway's own; what is naive is where and how often they are gathered.
struct NaiveSweep {
    private let fleet: Fleet
    private let fifoBoundSeconds: UInt32
    private let reader = CredentialFactReader()
    private let context: AuthContext
    /// Stores that did not open within the bound. Each is tried once, or the benchmark would take hours.
    private var hungStores: Set<StoreID> = []
    /// References whose helper did not answer, likewise.
    private var hungReferences: Set<SecretReference> = []

    init(fleet: Fleet, fifoBoundSeconds: UInt32) {
        self.fleet = fleet
        self.fifoBoundSeconds = fifoBoundSeconds
        context = AuthContext(
            agents: fleet.agents.map {
                .init(id: AgentID($0), store: StoreID(fleet.directory(of: $0)), workspace: fleet.home)
            },
            defaultAgent: .main, mainStore: StoreID(fleet.directory(of: "main")),
            secretProviders: [
                "vault": .init(source: .file), "keyring": .init(source: .helper),
            ],
            providerIDs: ProviderTable.builtIn.ids)
    }

    /// Blocks the calling thread, which is the event loop's.
    ///
    /// - Returns: How many providers were found available, over all agents.
    mutating func run() -> Int {
        var available = 0
        for agent in context.agents {
            for provider in context.providerIDs {
                let facts = gather(for: agent)
                let evaluator = ProviderEvaluator(context: context, facts: facts, now: Self.now())
                if evaluator.evaluate(provider, for: agent.id).availability.isAvailable { available += 1 }
            }
        }
        return available
    }

    /// Reads the main store, the agent's store and every login, and asks the helper for what they point at.
    private mutating func gather(for agent: AuthContext.Agent) -> AuthFacts {
        var facts = AuthFacts(environment: EnvironmentFact(origins: ["GROQ_API_KEY": .process]))
        for store in agent.store == context.mainStore ? [agent.store] : [context.mainStore, agent.store]
        where waitForFile(of: store) {
            facts.apply(reader.read(.store(store, legacyOAuthPath: nil, sharedDatabasePath: nil), markers: []))
        }
        let home = fleet.home
        for item: GatherPlan.Item in [
            .login(.codex, path: "\(home)/.codex/auth.json"),
            .login(.claudeCode, path: "\(home)/.claude/.credentials.json"),
            .login(.minimax, path: "\(home)/.minimax/oauth_creds.json"),
            .login(.geminiCLI, path: "\(home)/.gemini/oauth_creds.json"),
            .login(.githubCLI, path: "\(home)/.config/gh/hosts.yml"),
            .googleCredentials(paths: ["\(home)/.config/gcloud/application_default_credentials.json"]),
            .awsFiles(
                configPath: "\(home)/.aws/config", credentialsPath: "\(home)/.aws/credentials",
                webIdentityTokenPath: nil),
            .secretFile(
                alias: "vault", path: fleet.secretsFile, isSingleValue: false, maximumBytes: 1 << 20,
                ids: ["/team/key"]),
        ] {
            facts.apply(reader.read(item, markers: []))
        }
        let references = facts.stores.values.compactMap { $0.fact?.profiles.values.compactMap(\.reference) }.joined()
        for reference in references where reference.source == .helper { askHelper(for: reference) }
        return facts
    }

    /// Opens the store's file as a program does that does not think of FIFOs.
    private mutating func waitForFile(of store: StoreID) -> Bool {
        guard !hungStores.contains(store) else { return false }
        var interruptible = sigaction()
        #if canImport(Glibc)
        interruptible.__sigaction_handler.sa_handler = { _ in }
        #else
        interruptible.__sigaction_u.__sa_handler = { _ in }
        #endif
        sigaction(SIGALRM, &interruptible, nil)
        alarm(fifoBoundSeconds)
        let descriptor = open(store.directory + "/auth-profiles.json", O_RDONLY | O_CLOEXEC)
        let reason = errno
        alarm(0)
        if descriptor >= 0 { close(descriptor) }
        guard descriptor < 0, reason == EINTR else { return true }
        hungStores.insert(store)
        return false
    }

    /// Runs the helper program and waits up to its five seconds for the answer.
    private mutating func askHelper(for reference: SecretReference) {
        guard hungReferences.insert(reference).inserted else { return }
        do {
            let helper = try ChildProgram(path: fleet.helper, arguments: [], environment: [:], output: "/dev/null")
            _ = helper.waitForExit(deadline: .now.advanced(byMilliseconds: 5000))
        } catch {
            print("The helper could not be started: \(error)")
        }
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
