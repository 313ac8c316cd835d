package import AlulaFleet
package import AlulaJSON
import AlulaMeasuring
package import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A fleet, the gateway on it, and what faults have done to both.
package final class Scene {
    package let fleet: Fleet
    package let tools: FaultTools
    /// Who can answer when nothing is broken.
    package var truth: FleetTruth
    /// What the gateway is started with beyond the fleet's own variables.
    package var environment: [String: String] = [:]
    /// Libraries that are loaded into the gateway.
    package var preloads: [String] = []
    /// The file that takes what the gateway prints, and whether it can be read back.
    package var output: (path: String, isReadable: Bool)
    /// The section `logging` of the configuration.
    package var logging = JSONObject()
    /// Whether the configuration has the provider `churn`.
    package var hasChurn = false
    package let mounts: Mounts
    package private(set) var server: RunningServer?
    private var round = 1000
    /// Waits for an answer that nobody needs.
    private var reloader: GatewayConnection?

    package init(fleet: Fleet, tools: FaultTools) {
        self.fleet = fleet
        self.tools = tools
        truth = FleetTruth(fleet)
        output = ("\(fleet.root)/alula.log", true)
        logging["file"] = .string("\(fleet.root)/log/gateway.log")
        mounts = Mounts(tools: tools, log: "\(fleet.root)/mounts.log")
    }

    /// The agent whose own store is the one that gets broken.
    package var victim: Int { fleet.agentCount / 2 }
    /// The agent whose store is edited while the fault is there.
    package let editedAgent = 5

    /// A file in the fleet's own directory, which no gateway looks at.
    package func file(_ name: String) -> String { "\(fleet.root)/\(name)" }

    /// Makes `openclaw.json` anew, as an editor does.
    package func writeConfiguration() throws {
        try TextFile.replace(fleet.configuration, with: configurationDocument().text(.pretty))
    }

    /// What belongs into `openclaw.json`.
    package func configurationDocument() -> JSONValue {
        guard var document = fleet.configurationDocument().object else { return .null }
        if !logging.isEmpty { document["logging"] = .object(logging) }
        if var secrets = document["secrets"]?.object, var providers = secrets["providers"]?.object,
            var keyring = providers["keyring"]?.object
        {
            // A helper gets less time than in the benchmark, so that a short fault shows what becomes of it.
            keyring["timeoutMs"] = 2000
            providers["keyring"] = .object(keyring)
            secrets["providers"] = .object(providers)
            document["secrets"] = .object(secrets)
        }
        if hasChurn, var models = document["models"]?.object, var providers = models["providers"]?.object {
            providers["churn"] = [
                "baseUrl": "https://churn.example.test/v1", "api": "openai-completions", "apiKey": "fake-churn-key",
                "models": [["id": "churn-small", "name": "Churn Small"]],
            ]
            models["providers"] = .object(providers)
            document["models"] = .object(models)
        }
        return .object(document)
    }

    /// Starts the gateway. It ends with this process, whatever becomes of that.
    package func startServer() throws {
        var variables = fleet.environment.merging(environment) { $1 }
        if !preloads.isEmpty { variables["LD_PRELOAD"] = preloads.joined(separator: ":") }
        try TextFile.makeDirectory(file("log"))
        server = try RunningServer(
            program: "\(tools.binaries)/alula",
            arguments: ["gateway", "run", "--port", "\(fleet.port)", "--until-input-ends"], fleet: fleet,
            environment: variables, output: output.path, isOutputReadable: output.isReadable)
    }

    /// Stops the gateway.
    ///
    /// - Returns: How long it took, in milliseconds, or `nil` when it had to be killed.
    package func stopServer() -> Double? {
        reloader = nil
        defer { server = nil }
        return server?.stop()
    }

    /// Replaces stores by others that say the same, so that they have to be read again.
    package func touchStores(except kept: Set<Int>) throws {
        round += 1
        // Of very many a part, or the writing would be what is measured.
        let indices = Set(0..<min(fleet.agentCount, 240)).subtracting(kept).subtracting([editedAgent])
        try fleet.rewriteStores(round: round, of: indices)
    }

    /// Has the gateway resolve its secrets anew, and waits for nothing.
    package func reloadSecrets() {
        do {
            let client = try GatewayConnection(
                port: fleet.port, token: Fleet.token, deadline: .now.advanced(byMilliseconds: 2000))
            try client.ask("secrets.reload")
            reloader = client
        } catch {
            Progress.note("secrets.reload: \(error)", from: "faults")
        }
    }

    /// Lets the client go that waits for an answer that nobody needs.
    package func dropClients() { reloader = nil }

    /// Has the broken parts' library loaded into the gateway.
    package func preload() {
        let library = "\(tools.saboteurs)/preload.so"
        if !preloads.contains(library) { preloads.append(library) }
    }

    /// The agent's store and its usage, as they were made.
    package func restoreDirectory(of index: Int) throws {
        let directory = fleet.directory(of: Fleet.agent(index))
        try TextFile.write(fleet.usageDocument(index).text(), to: "\(directory)/auth-state.json")
        try restoreStore(index)
    }

    /// Puts a FIFO that nobody writes to in place of `path`.
    package func putFIFO(_ path: String) throws {
        let beside = path + ".fifo"
        unlink(beside)
        guard mkfifo(beside, 0o600) == 0, rename(beside, path) == 0 else {
            throw BenchmarkError(.systemCall, "No FIFO could be put at \(path) (errno \(errno)).")
        }
    }

    /// Takes a file away, if it is there.
    package func remove(_ path: String) { unlink(path) }

    /// Whether a FIFO stands at `path`.
    package func isFIFO(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    /// The store of the agent at `index`, as it was made.
    package func restoreStore(_ index: Int) throws {
        let agent = Fleet.agent(index)
        try TextFile.replace(fleet.store(of: agent), with: fleet.storeDocument(index).text())
    }

    /// The login in the home directory at `path`, as it was made.
    package func restoreLogin(_ path: String) throws {
        guard let login = Fleet.logins.first(where: { $0.path == path }) else { return }
        try TextFile.replace("\(fleet.home)/\(path)", with: login.text)
    }
}
