/// A state directory with many agents and a home directory with other tools' logins, all of it made up.
package struct Fleet: Sendable {
    /// Agents whose stores point at the helper program that never returns.
    package static let agentsWithHelper = 4

    /// The directory that everything is under.
    package let root: String
    package let agentCount: Int
    package let fault: FleetFault
    package let port: Int

    /// Describes a fleet; ``write()`` makes it.
    ///
    /// - Parameters:
    ///   - root: An absolute path, to be made.
    ///   - agentCount: At least 1: the first is `main`.
    package init(root: String, agentCount: Int, fault: FleetFault = .none, port: Int) {
        self.root = root
        self.agentCount = max(1, agentCount)
        self.fault = fault
        self.port = port
    }

    /// The gateway's shared token. Visibly none of a real gateway.
    package static let token = "benchmark-token-not-a-secret-0000"

    package var home: String { "\(root)/home" }
    package var state: String { "\(root)/state" }
    package var configuration: String { "\(state)/openclaw.json" }
    /// The secrets file behind the alias `vault`.
    package var secretsFile: String { "\(root)/secrets.json" }
    /// The program behind the alias `keyring`.
    package var helper: String { "\(root)/bin/keyring" }

    /// All agents, `main` first.
    package var agents: [String] { (0..<agentCount).map(Self.agent) }

    /// The id of one agent.
    package static func agent(_ index: Int) -> String {
        guard index > 0 else { return "main" }
        let digits = "\(index)"
        return "agent-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// The directory that holds an agent's store.
    package func directory(of agent: String) -> String { "\(state)/agents/\(agent)/agent" }

    /// An agent's store.
    package func store(of agent: String) -> String { directory(of: agent) + "/auth-profiles.json" }

    /// The agent whose store is a FIFO under ``FleetFault/fifo``; it is in the middle.
    package var agentWithFIFO: String { Self.agent(agentCount / 2) }

    /// The environment that a gateway is started with, so that nothing of the real one shows through.
    package var environment: [String: String] {
        [
            "HOME": home, "OPENCLAW_STATE_DIR": state, "OPENCLAW_GATEWAY_TOKEN": Self.token,
            "PATH": "/usr/bin:/bin", "GROQ_API_KEY": "gsk-fake-benchmark-key", "NO_COLOR": "1",
            // A thousand clients at once come from one address here; the rule against that would turn them away.
            "OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP": "4096",
        ]
    }
}
